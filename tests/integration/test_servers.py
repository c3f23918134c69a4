"""The harness itself: both servers start with a row binlog, survive a kill, and leave nothing behind."""

import os

import pymysql
import pytest

from harness.servers import MariaDB, MySQL, Unavailable


def test_binlog_is_row_with_full_metadata(server, database):
    assert server.variable("log_bin") == 1
    assert server.variable("binlog_format") == "ROW"
    assert server.variable("binlog_row_metadata") == "FULL"
    server.sql("FLUSH BINARY LOGS")  # what other tests logged need not be text
    server.sql("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))", database)
    assert server.load(f"{database}.t", ((i, f"n{i}") for i in range(2500)), batch=1000) == 2500
    assert server.sql(f"SELECT COUNT(*), MAX(id) FROM {database}.t") == [(2500, 2499)]
    file = server.sql("SHOW BINARY LOGS")[-1][0]
    kinds = {row[2] for row in server.sql(f"SHOW BINLOG EVENTS IN '{file}'")}
    assert "Table_map" in kinds and kinds & {"Write_rows", "Write_rows_v1"}, kinds


def test_cdc_user_may_read_changes_and_rows_but_not_write(server, database):
    server.sql("CREATE TABLE t (id INT PRIMARY KEY)", database)
    with server.connect_cdc(database=database) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW BINARY LOGS")
        assert cursor.fetchall()
        cursor.execute("FLUSH TABLES")
        cursor.execute("LOCK TABLES t READ")
        cursor.execute("SELECT * FROM t")
        cursor.execute("UNLOCK TABLES")
        with pytest.raises(pymysql.err.OperationalError):
            cursor.execute("INSERT INTO t VALUES (1)")


def test_mysql_has_gtids(mysql):
    assert mysql.variable("gtid_mode") == "ON"
    assert mysql.variable("version").startswith("9.")


@pytest.mark.parametrize("kind", [MariaDB, MySQL])
def test_committed_rows_survive_kill9_and_close_removes_all(kind, request):
    request.getfixturevalue(kind.name)  # skips where that server cannot be had
    with kind(row_metadata="MINIMAL") as server:
        assert server.variable("binlog_row_metadata") == "MINIMAL"
        server.sql("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); INSERT INTO d.t VALUES (7)")
        server.kill9()
        server.start()
        assert server.sql("SELECT id FROM d.t") == [(7,)]
        server.restart()
        assert server.sql("SELECT id FROM d.t") == [(7,)]
        pid = server.pid
    assert not server.directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_mysql_without_a_mirror_says_so(monkeypatch, tmp_path):
    """scripts/mysql-root that cannot work is one clear line."""
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\nexit 100\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("FRESHET_MYSQL_ROOT", str(tmp_path / "root"))
    with pytest.raises(Unavailable, match="^mysql-root: no MySQL server: "):
        MySQL.find_program()
