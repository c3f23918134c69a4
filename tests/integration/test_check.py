"""`freshet check` finds what is wrong with a server before a run does, and changes nothing; tables that are no tables
to copy are passed over or refused by name, in `check` and in `run`."""

import json

import pytest

from harness.freshet import Freshet
from harness.servers import CDC_USER, MariaDB, MySQL, MySQL56, start_or_skip

KINDS = pytest.mark.parametrize("kind", [MariaDB, MySQL], ids=["mariadb", "mysql"])


def config(server, *tables, **source):
    return {"source": {"url": server.url(), "tables": list(tables), **source}, "lake": {"flush_interval": "300ms"}}


def check(freshet, code):
    done = freshet.command("check", "--json")
    assert done.returncode == code, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["passed"] == (code == 0)
    return {line["name"]: line for line in report["checks"]}


def expect(line, outcome, *texts):
    assert line["outcome"] == outcome, line
    for text in texts:
        assert text in line["detail"] + line["remedy"], line
    assert bool(line["remedy"]) == (outcome != "passed"), line


@KINDS
def test_a_server_that_is_set_up_well(kind):
    with start_or_skip(kind, args=("--sync-binlog=1",)) as server:
        server.sql("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); CREATE TABLE d.bare (v INT)")
        with Freshet(config(server, "d.*")) as freshet:
            before = server.sql("SHOW BINARY LOGS")
            checks = check(freshet, 0)
            assert not [line for line in checks.values() if line["outcome"] != "passed"]
            assert server.sql("SHOW BINARY LOGS") == before
            for name in ("server version", "row image", "row metadata", "log compression", "log durability", "clock",
                         "time zone", "log retention", "load time", "server role", "reader id", "log filters",
                         "privilege REPLICATION SLAVE"):
                assert name in checks, name
            assert "no primary key" in checks["table d.bare"]["detail"]


def test_the_oldest_server():
    """It lacks one thing that would make its columns certain, and says how it is made up for."""
    with start_or_skip(MySQL56, args=("--sync-binlog=1",)) as server:
        server.sql("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); CREATE TABLE d.bare (v INT)")
        with Freshet(config(server, "d.*")) as freshet:
            checks = check(freshet, 0)
            assert [name for name, line in checks.items() if line["outcome"] != "passed"] == ["row metadata"]
            expect(checks["row metadata"], "warning", "statements of the log", "MySQL 8.0")
            expect(checks["server version"], "passed", "MySQL 5.6")
            assert "in chunks" not in checks["table d.t"]["detail"]


@KINDS
def test_a_server_that_is_not(kind):
    expiry = "--binlog-expire-logs-seconds=3600"
    compression = "--log-bin-compress" if kind is MariaDB else "--binlog-transaction-compression"
    args = ("--sync-binlog=0", expiry, compression, "--binlog-ignore-db=hidden", "--binlog-checksum=NONE")
    with start_or_skip(kind, row_metadata="MINIMAL", row_image="MINIMAL", args=args) as server:
        server.sql("SET sql_log_bin = 0; CREATE DATABASE d; CREATE DATABASE hidden; CREATE TABLE hidden.t (id INT); "
                   "CREATE TABLE d.old (id INT) ENGINE = MyISAM; CREATE TABLE d.parent (id INT PRIMARY KEY); "
                   "CREATE VIEW d.seen AS SELECT id FROM d.parent")
        with Freshet(config(server, "d.old", "d.seen", "d.absent", "hidden.*", server_id=1)) as freshet:
            checks = check(freshet, 1)
            expect(checks["row image"], "failed", "MINIMAL", "binlog_row_image = 'FULL'")
            expect(checks["row metadata"], "warning", "MINIMAL", "binlog_row_metadata = 'FULL'")
            expect(checks["log retention"], "warning", "1.0 hours", "binlog_expire_logs_seconds = 604800")
            expect(checks["log durability"], "warning", "sync_binlog = 1")
            expect(checks["log checksums"], "warning", "binlog_checksum = 'CRC32'")
            expect(checks["log compression"], "passed", "on")
            expect(checks["log filters"], "failed", "hidden", "binlog_ignore_db")
            expect(checks["reader id"], "failed", "the server itself")
            expect(checks["table d.old"], "warning", "MyISAM", "ENGINE = InnoDB")
            expect(checks["table d.seen"], "failed", "VIEW")
            expect(checks["table d.absent"], "failed", "does not exist")


@KINDS
def test_missing_privileges(kind):
    with start_or_skip(kind) as server:
        server.sql(f"CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); REVOKE ALL ON *.* FROM {CDC_USER}; "
                   f"GRANT SELECT ON d.* TO {CDC_USER}")
        monitor = "BINLOG MONITOR" if kind is MariaDB else "REPLICATION CLIENT"
        with Freshet(config(server, "d.t")) as freshet:
            checks = check(freshet, 1)
            expect(checks[f"privilege {monitor}"], "failed", f"GRANT {monitor} ON *.*")
            expect(checks["privilege REPLICATION SLAVE"], "failed", "GRANT REPLICATION SLAVE ON *.*")
            server.sql(f"GRANT {monitor} ON *.* TO {CDC_USER}")
            checks = check(freshet, 1)
            expect(checks[f"privilege {monitor}"], "passed")
            expect(checks["privilege REPLICATION SLAVE"], "failed", "GRANT REPLICATION SLAVE ON *.*")
            server.sql(f"GRANT REPLICATION SLAVE ON *.* TO {CDC_USER}")
            if kind is MySQL:
                expect(check(freshet, 1)["table d.t"], "failed", "GRANT LOCK TABLES")
                server.sql(f"GRANT LOCK TABLES ON d.* TO {CDC_USER}")
            check(freshet, 0)


@pytest.mark.parametrize("metadata", ["FULL", "MINIMAL", "NO_LOG"])
def test_sequences_are_not_tables_to_copy(metadata):
    """A pattern may take in sequences, made before the start or after it, renamed and dropped."""
    with start_or_skip(MariaDB, row_metadata=metadata) as server:
        server.sql("CREATE DATABASE d; USE d; CREATE SEQUENCE s NOCACHE; CREATE TABLE t (id INT PRIMARY KEY); "
                   "INSERT INTO t VALUES (NEXTVAL(s))")
        with Freshet(config(server, "d.*")) as freshet:
            assert "table d.s" not in check(freshet, 0)
            freshet.start()
            freshet.wait_until_caught_up()
            server.sql("INSERT INTO t VALUES (NEXTVAL(s)); CREATE SEQUENCE fresh START WITH 100 NOCACHE; "
                       "INSERT INTO t VALUES (NEXTVAL(fresh)), (NEXTVAL(fresh)); SELECT SETVAL(s, 500); "
                       "INSERT INTO t VALUES (NEXTVAL(s)); DROP SEQUENCE fresh; INSERT INTO t VALUES (900)", "d")
            freshet.wait_until(lambda: [row["id"] for row in freshet.query("SELECT id FROM t ORDER BY id")]
                               == [1, 2, 100, 101, 501, 900], what="the rows")
            assert [table["table"] for table in freshet.status()["source"]["tables"]] == ["d.t"]
            assert freshet.status()["ledger"]["balanced"]
            freshet.stop()


def test_system_versioned_tables_are_refused_by_name():
    with start_or_skip(MariaDB) as server:
        server.sql("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); "
                   "CREATE TABLE d.past (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING")
        with Freshet(config(server, "d.*")) as freshet:
            expect(check(freshet, 1)["table d.past"], "failed", "system-versioned", "DROP SYSTEM VERSIONING")
            freshet.start()
            assert freshet.wait() == 2
            assert "d.past" in freshet.log.read_text() and "source.exclude" in freshet.log.read_text()
            freshet.configure(config(server, "d.*", exclude=["d.past"]))
            freshet.start()
            freshet.wait_until_caught_up()
            server.sql("INSERT INTO d.past VALUES (1, 1); UPDATE d.past SET v = 2; INSERT INTO d.t VALUES (1)")
            freshet.wait_until(lambda: freshet.query("SELECT id FROM t"), what="the row")
            freshet.stop()


@KINDS
def test_tables_without_transactions_are_loaded_with_a_warning(kind):
    with start_or_skip(kind) as server:
        server.sql("CREATE DATABASE d; CREATE TABLE d.old (id INT PRIMARY KEY, v INT) ENGINE = MyISAM; "
                   "INSERT INTO d.old VALUES (1, 1), (2, 2)")
        with Freshet(config(server, "d.*")) as freshet:
            freshet.start()
            freshet.wait_until_caught_up()
            assert "table d.old has engine MyISAM" in freshet.log.read_text()
            assert "nobody write to it meanwhile" in freshet.log.read_text()
            server.sql("UPDATE d.old SET v = 5 WHERE id = 2; DELETE FROM d.old WHERE id = 1")
            freshet.wait_until(lambda: [tuple(row.values()) for row in freshet.query("SELECT id, v FROM old")]
                               == [(2, 5)], what="the changes")
            freshet.stop()
