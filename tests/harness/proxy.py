"""A way to the server that can hold back its log, and nothing else."""

import socket
import threading

DUMP_COMMANDS = (0x12, 0x1E)  # COM_BINLOG_DUMP, COM_BINLOG_DUMP_GTID
PACKET_HEAD = 4


class LogProxy:
    """Passes connections on to a port of this machine. TLS must be off, for the log dump is told by its command."""

    def __init__(self, port: int):
        self._target = ("127.0.0.1", port)
        self._flows = threading.Event()
        self._flows.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_log(self) -> None:
        self._flows.clear()

    def release_log(self) -> None:
        self._flows.set()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            server = socket.create_connection(self._target)
            dumps = threading.Event()
            threading.Thread(target=self._pass_on, args=(client, server, dumps, True), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, dumps, False), daemon=True).start()

    def _pass_on(self, source, sink, dumps, commands):
        try:
            while data := source.recv(65536):
                if commands and len(data) > PACKET_HEAD and data[3] == 0 and data[PACKET_HEAD] in DUMP_COMMANDS:
                    dumps.set()
                if not commands and dumps.is_set():
                    self._flows.wait()
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._flows.set()
        self._listener.close()
