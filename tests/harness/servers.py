"""Private MariaDB and MySQL servers: a free loopback port, a temporary directory, gone when closed."""

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pymysql
import pytest

from . import REPO
from .process import InDirectory, spawn, tail, wait_until

TEMPLATES = Path(os.environ.get("FRESHET_TEST_CACHE", REPO / ".cache")) / "server-templates"
START_TIMEOUT = 60
STOP_TIMEOUT = 60

CDC_USER = "cdc"
CDC_PASSWORD = "cdc-secret"


def start_or_skip(kind, **options):
    """A server of the kind; where it cannot be had the test is skipped, or with FRESHET_REQUIRE_MYSQL=1 fails."""
    try:
        return kind(**options)
    except Unavailable as reason:
        if os.environ.get("FRESHET_REQUIRE_MYSQL") == "1":
            pytest.fail(str(reason))
        pytest.skip(str(reason))


class Unavailable(Exception):
    """The server program cannot be had on this machine; says why."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(command: list) -> str:
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def program_of(script: str) -> Path:
    """The server program that a script of scripts/ unpacks."""
    done = subprocess.run([REPO / "scripts" / script], capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(done.stderr.strip().splitlines()[-1])
    return Path(done.stdout.strip())


class Server(InDirectory):
    """One server with an empty data directory, a row binlog, `root` without password on its socket and the user
    `cdc` with what a change reader needs.

    row_metadata: binlog_row_metadata, FULL or MINIMAL, where the server has it.  row_image: binlog_row_image.  gtid: MySQL's gtid_mode.
    binlog: False switches the binlog off.  args: further server options; the last of a kind wins.
    """

    name: str
    cdc_privileges: str
    grant_options = ""

    def __init__(self, *, row_metadata: str = "FULL", row_image: str = "FULL", gtid: bool = True, binlog: bool = True,
                 args: tuple[str, ...] = ()):
        self._program = self.find_program()
        self.directory = Path(tempfile.mkdtemp(prefix=f"freshet-{self.name}-"))
        self.data = self.directory / "data"
        self.socket = self.directory / "s"
        self.log = self.directory / "server.log"
        self.port = free_port()
        self._process = None
        self._options = [*self.common_options(), "--bind-address=127.0.0.1", f"--port={self.port}",
                         f"--socket={self.socket}", f"--pid-file={self.directory / 'pid'}", f"--datadir={self.data}",
                         f"--tmpdir={self.directory}", "--skip-name-resolve",
                         "--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0"]
        if binlog:
            self._options += ["--server-id=1", "--log-bin=binlog", "--binlog-format=ROW",
                              *self.metadata_options(row_metadata), f"--binlog-row-image={row_image}",
                              *self.gtid_options(gtid)]
        else:
            self._options += self.no_binlog_options()
        self._options += args
        try:
            shutil.copytree(self._template(), self.data)
            self.start()
            self._create_cdc_user()
        except BaseException:
            self.close()
            raise

    # What differs between the kinds of server.
    @classmethod
    def find_program(cls) -> Path:
        raise NotImplementedError

    @classmethod
    def initialise(cls, program: Path, data: Path) -> None:
        raise NotImplementedError

    @classmethod
    def common_options(cls) -> list[str]:
        """Options that both the first fill of a data directory and the server run with."""
        raise NotImplementedError

    @staticmethod
    def gtid_options(on: bool) -> list[str]:
        raise NotImplementedError

    @staticmethod
    def metadata_options(row_metadata: str) -> list[str]:
        return [f"--binlog-row-metadata={row_metadata}"]

    @staticmethod
    def no_binlog_options() -> list[str]:
        return []

    @staticmethod
    def replica_options(server_id: int) -> list[str]:
        """Options of a server that is to follow another, and logs what it applies."""
        return [f"--server-id={server_id}"]

    def follow(self, primary: "Server") -> None:
        """Becomes a read-only replica of `primary`, by GTID where that has GTIDs, else from its log's first file on."""
        raise NotImplementedError

    def promote(self) -> None:
        """Follows nobody any more, and takes writes."""
        raise NotImplementedError

    def wait_for(self, primary: "Server", timeout: int = 60) -> None:
        """Until the replica has applied all that `primary` has logged."""
        raise NotImplementedError

    def reset_log(self) -> None:
        """Deletes all log files and GTIDs, and begins with the first again."""
        raise NotImplementedError

    @classmethod
    def _template(cls) -> Path:
        """A fresh data directory, made once per server version and kept."""
        program = cls.find_program()
        key = hashlib.sha256("\n".join([run([program, "--version"]), *cls.common_options()]).encode()).hexdigest()[:16]
        template = TEMPLATES / f"{cls.name}-{key}"
        if not template.is_dir():
            TEMPLATES.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=template.name, dir=TEMPLATES) as work:
                data = Path(work) / "data"
                data.mkdir()
                cls.initialise(program, data)
                (data / "auto.cnf").unlink(missing_ok=True)  # each server gets a UUID of its own
                try:
                    data.rename(template)
                except OSError:
                    if not template.is_dir():  # else another test run was quicker
                        raise
        return template

    def _create_cdc_user(self) -> None:
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET sql_log_bin = 0")
            cursor.execute(f"CREATE USER '{CDC_USER}'@'%' IDENTIFIED BY '{CDC_PASSWORD}'")
            cursor.execute(f"GRANT {self.cdc_privileges} ON *.* TO '{CDC_USER}'@'%'")

    @property
    def pid(self) -> int:
        assert self._process, "the server is not running"
        return self._process.pid

    def start(self) -> None:
        """Starts a stopped server on the same port and data; returns when it takes connections."""
        assert self._process is None, "the server runs already"
        self._process = spawn([self._program, *self._first_options(), "--user=root", *self._options], self.log)
        wait_until(self._accepts, START_TIMEOUT, f"{self.name} ready")

    @classmethod
    def _first_options(cls) -> list[str]:
        return ["--no-defaults"]

    def _accepts(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}:\n{tail(self.log)}")
        try:
            self.connect().close()
            return True
        except pymysql.err.OperationalError:
            return False

    def stop(self) -> None:
        """A clean shutdown."""
        self._process.terminate()
        self._process.wait(STOP_TIMEOUT)
        self._process = None

    def move_to(self, port: int) -> None:
        """Restarts at another server's address, as a proxy or a moved name would have it."""
        self.stop()
        self._options.append(f"--port={port}")
        self.port = port
        self.start()

    def restart(self) -> None:
        self.stop()
        self.start()

    def connect(self, database: str | None = None, **options) -> pymysql.Connection:
        """A connection with autocommit, as root through the socket unless told otherwise."""
        options = {"user": "root", "unix_socket": str(self.socket), "charset": "utf8mb4", "autocommit": True,
                   "client_flag": pymysql.constants.CLIENT.MULTI_STATEMENTS, **options}
        return pymysql.connect(database=database, **options)

    def connect_cdc(self, **options) -> pymysql.Connection:
        """A connection as the change reader has it: over TCP, as `cdc`."""
        return self.connect(unix_socket=None, host="127.0.0.1", port=self.port, user=CDC_USER, password=CDC_PASSWORD,
                            **options)

    def url(self, database: str = "") -> str:
        """The source URL for freshet.yaml."""
        return f"mysql://{CDC_USER}:{CDC_PASSWORD}@127.0.0.1:{self.port}" + (f"/{database}" if database else "")

    def sql(self, text: str, database: str | None = None) -> list[tuple]:
        """Runs one or more statements; the rows of the last."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(text)
            rows = cursor.fetchall()
            while cursor.nextset():
                rows = cursor.fetchall()
            return list(rows)

    def load(self, table: str, rows, batch: int = 1000) -> int:
        """Inserts the rows (sequences, all columns) in one transaction; how many there were."""
        count, pending = 0, []
        with self.connect(autocommit=False) as connection, connection.cursor() as cursor:
            def flush():
                nonlocal count
                if pending:
                    marks = ", ".join(["%s"] * len(pending[0]))
                    cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", pending)
                    count += len(pending)
                    pending.clear()

            for row in rows:
                pending.append(row)
                if len(pending) == batch:
                    flush()
            flush()
            connection.commit()
        return count

    def log_files(self) -> list[str]:
        return [row[0] for row in self.sql("SHOW BINARY LOGS")]

    def variable(self, name: str) -> str:
        return self.sql(f"SELECT @@GLOBAL.{name}")[0][0]


class MariaDB(Server):
    name = "mariadb"
    cdc_privileges = "SELECT, RELOAD, LOCK TABLES, REPLICATION SLAVE, BINLOG MONITOR"

    @classmethod
    def find_program(cls) -> Path:
        found = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not found:
            raise Unavailable("mariadbd is not installed: run scripts/setup")
        return Path(found)

    @classmethod
    def initialise(cls, program: Path, data: Path) -> None:
        run(["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={data}", "--skip-test-db",
             "--force", "--auth-root-authentication-method=normal", *cls.common_options()])

    @classmethod
    def common_options(cls) -> list[str]:
        return ["--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--performance-schema=OFF",
                "--character-set-server=utf8mb4"]

    @staticmethod
    def gtid_options(on: bool) -> list[str]:
        return ["--gtid-strict-mode"]  # GTIDs are always there

    @staticmethod
    def replica_options(server_id: int) -> list[str]:
        return [f"--server-id={server_id}", "--log-slave-updates"]

    def follow(self, primary: Server) -> None:
        self.sql(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={primary.port}, MASTER_USER='{CDC_USER}', "
                 f"MASTER_PASSWORD='{CDC_PASSWORD}', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID=slave_pos; "
                 "SET GLOBAL read_only = 1; START SLAVE")

    def promote(self) -> None:
        self.sql("STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0")

    def wait_for(self, primary: Server, timeout: int = 60) -> None:
        place = primary.variable("gtid_binlog_pos")
        assert self.sql(f"SELECT MASTER_GTID_WAIT('{place}', {timeout})") == [(0,)], self.sql("SHOW SLAVE STATUS")

    def reset_log(self) -> None:
        self.sql("RESET MASTER")


class MySQL(Server):
    name = "mysql"
    cdc_privileges = "SELECT, RELOAD, LOCK TABLES, REPLICATION SLAVE, REPLICATION CLIENT"

    @classmethod
    def find_program(cls) -> Path:
        return program_of("mysql-root")

    @classmethod
    def initialise(cls, program: Path, data: Path) -> None:
        run([program, "--initialize-insecure", "--user=root", f"--datadir={data}", *cls.common_options()])

    @classmethod
    def common_options(cls) -> list[str]:
        return ["--innodb-buffer-pool-size=64M", "--innodb-redo-log-capacity=32M", "--performance-schema=OFF",
                "--mysqlx=OFF"]

    @staticmethod
    def gtid_options(on: bool) -> list[str]:
        return ["--gtid-mode=ON", "--enforce-gtid-consistency=ON"] if on else ["--gtid-mode=OFF"]

    @staticmethod
    def no_binlog_options() -> list[str]:
        return ["--skip-log-bin"]

    def follow(self, primary: Server) -> None:
        by_gtid = primary.variable("gtid_mode") == "ON"
        place = "SOURCE_AUTO_POSITION=1" if by_gtid else f"SOURCE_LOG_FILE='{primary.log_files()[0]}', SOURCE_LOG_POS=4"
        self.sql(f"CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={primary.port}, "
                 f"SOURCE_USER='{CDC_USER}', SOURCE_PASSWORD='{CDC_PASSWORD}', SOURCE_CONNECT_RETRY=1, "
                 f"GET_SOURCE_PUBLIC_KEY=1, {place}; SET GLOBAL super_read_only = 1; START REPLICA")

    def promote(self) -> None:
        self.sql("STOP REPLICA; RESET REPLICA ALL; SET GLOBAL super_read_only = 0; SET GLOBAL read_only = 0")

    def wait_for(self, primary: Server, timeout: int = 60) -> None:
        file, offset = primary.sql("SHOW BINARY LOG STATUS")[0][:2]
        assert self.sql(f"SELECT SOURCE_POS_WAIT('{file}', {offset}, {timeout})")[0][0] not in (None, -1), \
            self.sql("SHOW REPLICA STATUS")

    def reset_log(self) -> None:
        self.sql("RESET BINARY LOGS AND GTIDS")

    @classmethod
    def _first_options(cls) -> list[str]:
        return []  # the program given by scripts/mysql-root says --no-defaults itself


class MySQL56(MySQL):
    """The oldest server that is read: no row metadata, no JSON, no DDL that is atomic, GTIDs without tags or times."""

    name = "mysql56"

    @classmethod
    def find_program(cls) -> Path:
        return program_of("mysql56-root")

    @classmethod
    def initialise(cls, program: Path, data: Path) -> None:
        shutil.copytree(program.parent / "data" / "mysql", data, dirs_exist_ok=True)

    @classmethod
    def common_options(cls) -> list[str]:
        return ["--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--performance-schema=OFF",
                "--character-set-server=utf8mb4"]

    @staticmethod
    def gtid_options(on: bool) -> list[str]:
        return ["--gtid-mode=ON", "--enforce-gtid-consistency", "--log-slave-updates"] if on else []

    @staticmethod
    def metadata_options(row_metadata: str) -> list[str]:
        return []

    def _create_cdc_user(self) -> None:
        self.sql("SET sql_log_bin = 0; DELETE FROM mysql.user WHERE user = ''; FLUSH PRIVILEGES")
        super()._create_cdc_user()

    def follow(self, primary: Server) -> None:
        self.sql(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={primary.port}, MASTER_USER='{CDC_USER}', "
                 f"MASTER_PASSWORD='{CDC_PASSWORD}', MASTER_CONNECT_RETRY=1, MASTER_AUTO_POSITION=1; "
                 "SET GLOBAL read_only = 1; START SLAVE")

    def promote(self) -> None:
        self.sql("STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0")

    def wait_for(self, primary: Server, timeout: int = 60) -> None:
        file, offset = primary.sql("SHOW MASTER STATUS")[0][:2]
        assert self.sql(f"SELECT MASTER_POS_WAIT('{file}', {offset}, {timeout})")[0][0] not in (None, -1), \
            self.sql("SHOW SLAVE STATUS")

    def reset_log(self) -> None:
        self.sql("RESET MASTER")
