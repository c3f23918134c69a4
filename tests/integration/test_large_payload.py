"""A compressed transaction of MySQL is one event of up to 1 GiB, sent in packets of 16 MiB: it is decompressed as they
come, so that memory holds none of it whole.

FRESHET_PAYLOAD_MB: its size in the log, 300 unless told, 1000 at most, for which `make large-payload` takes it. The
transaction is twice as large: half of it is noise, half of it vanishes.
"""

import hashlib
import os
import re
import struct
from pathlib import Path

from harness.freshet import Freshet
from harness.servers import MySQL, start_or_skip

MEGABYTES = int(os.environ.get("FRESHET_PAYLOAD_MB", "300"))
BLOB = 4_000_000  # bytes of noise in a row, and of what vanishes
MOST_MEGABYTES = 512


def peak_memory(pid):
    """In bytes, since the process started."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()).group(1)) << 10


def largest_payload(file):
    """Bytes of the largest TRANSACTION_PAYLOAD event of a log file: its type and size stand in its header."""
    largest = 0
    with file.open("rb") as log:
        at = 4
        while log.seek(at) and len(header := log.read(19)) == 19:
            _, kind, _, size = struct.unpack_from("<IBII", header)
            largest = max(largest, size if kind == 40 else 0)
            at += size
    return largest


def test_a_large_payload_passes_in_parts():
    args = ("--binlog-transaction-compression", "--max-allowed-packet=64M", "--innodb-redo-log-capacity=256M")
    with start_or_skip(MySQL, args=args) as server:
        server.sql("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, word VARCHAR(20)); "
                   "CREATE TABLE big (id INT PRIMARY KEY, noise LONGBLOB, even LONGTEXT); CREATE TABLE text (id INT PRIMARY KEY, v LONGTEXT)")
        with Freshet({"source": {"url": server.url(), "tables": ["d.t", "d.text"]},
                      "lake": {"flush_interval": "300ms"}}) as freshet:
            freshet.start()
            freshet.wait_until_caught_up()
            before = peak_memory(freshet.pid)
            rows = MEGABYTES * 1_000_000 // BLOB
            with server.connect("d", autocommit=False, max_allowed_packet=64 << 20) as link, link.cursor() as cursor:
                cursor.execute("INSERT INTO t VALUES (0, 'first')")
                for row in range(rows):
                    cursor.execute(f"INSERT INTO big VALUES (%s, %s, REPEAT('even', {BLOB // 4}))", (row, os.urandom(BLOB)))
                    cursor.execute("INSERT INTO t VALUES (%s, 'between')", (row + 1,))
                text = os.urandom(5_000_000).hex()
                cursor.execute("INSERT INTO text VALUES (1, %s)", (text,))
                cursor.execute("INSERT INTO t VALUES (1000000, 'last')")
                link.commit()
            payload = largest_payload(server.data / server.log_files()[-1])
            assert payload > MEGABYTES * 900_000
            server.sql("INSERT INTO d.t VALUES (-1, 'behind it')")
            freshet.wait_until(lambda: freshet.query("SELECT word FROM t WHERE id = -1"), 300, "what comes behind it")
            assert freshet.query("SELECT count(*) AS n, sum(id) AS s FROM t") == [
                {"n": rows + 3, "s": rows * (rows + 1) // 2 + 1_000_000 - 1}]
            assert freshet.query("SELECT md5(v) AS m FROM text") == [
                {"m": hashlib.md5(text.encode()).hexdigest()}]
            assert freshet.status()["ledger"]["balanced"]
            peak = peak_memory(freshet.pid)
            grown = peak - before
            print(f"memory grew by {grown >> 20} MiB to {peak >> 20} MiB for a payload of {payload >> 20} MiB, "
                  f"{2 * rows * BLOB >> 20} MiB before compression")
            assert peak < MOST_MEGABYTES << 20
            assert grown < 200 << 20, f"{grown >> 20} MiB more for a payload of {payload >> 20} MiB"
            freshet.kill9()  # and from the middle of what was read, all goes on
            freshet.start()
            freshet.wait_until_caught_up()
            assert freshet.query("SELECT count(*) AS n FROM t") == [{"n": rows + 3}]
            freshet.stop()
