"""What a server may write into its log beside plain rows, on real servers: the lake ends equal to the source."""

import json
import random

import pytest

from harness.freshet import Freshet
from harness.servers import MySQL56, start_or_skip

SEED = 20261122

on_mysql = pytest.mark.parametrize("server", ["mysql"], indirect=True)
on_mariadb = pytest.mark.parametrize("server", ["mariadb"], indirect=True)


def config(server, database, *tables, **more):
    """JSON stays one column, so that its text can be compared; nothing is masked."""
    return {"source": {"url": server.url(), "tables": [f"{database}.{table}" for table in tables]},
            "transform": {"flatten": {"enabled": False}, "sensitive_data": {"detect": []}},
            "lake": {"flush_interval": "300ms"}} | more


def history(freshet, columns, where="_op <> 'load'"):
    rows = freshet.query(f"SELECT {columns} FROM t_history WHERE {where} ORDER BY _offset, _row")
    return [tuple(row.values()) for row in rows]


def random_change(random):
    """The SQL of one change of a JSON column that MySQL may log as diffs."""
    path = random.choice(["$.a", "$.b", "$.in.x", "$.in.y", "$.list[0]", "$.list[1]", "$.list[7]", "$.new",
                          '$."a key"', '$."q\\"u.o[t]e"', "$.in", "$.ä"])
    value = random.choice(["1", "-70000", "1.5", "'text'", "'" + "long " * 60 + "'", "NULL", "TRUE", "'ü😀'",
                           "JSON_ARRAY(1, 'two', JSON_OBJECT('k', NULL))", "JSON_OBJECT()",
                           "CAST('2026-11-22 17:19:06.5' AS DATETIME(6))", "12.340"])
    quoted = path.replace("\\", "\\\\")
    if random.random() < 0.25:
        return f"JSON_REMOVE(doc, '{quoted}')"
    return f"{random.choice(['JSON_SET', 'JSON_REPLACE'])}(doc, '{quoted}', {value})"


@on_mysql
def test_partial_json_updates(server, database):
    """Diffs of JSON documents give the documents that the server has, each step of them."""
    print(f"seed {SEED}")
    rnd = random.Random(SEED)
    server.sql("CREATE TABLE t (id INT PRIMARY KEY, doc JSON, n INT, other JSON)", database)
    document = {"a": 1, "b": "x" * 300, "in": {"x": [1, 2], "y": None}, "list": [1, {"z": 2}, "three"]}
    with Freshet(config(server, database, "t")) as freshet, \
            server.connect(database, init_command="SET binlog_row_value_options = 'PARTIAL_JSON'") as connection, \
            connection.cursor() as cursor:
        freshet.start()
        freshet.wait_until_caught_up()
        for key in range(5):
            cursor.execute("INSERT INTO t VALUES (%s, %s, 0, '[1]')", (key, json.dumps(document)))
        cursor.execute("SELECT id, CAST(doc AS CHAR) FROM t ORDER BY id")
        expected = list(cursor.fetchall())
        for step in range(200):
            key = rnd.randrange(5)
            cursor.execute(f"UPDATE t SET doc = {random_change(rnd)}, n = n + 1 WHERE id = {key}")
            cursor.execute(f"SELECT CAST(doc AS CHAR) FROM t WHERE id = {key}")
            expected.append((key, cursor.fetchone()[0]))
        logged = server.sql("SHOW BINLOG EVENTS IN '" + server.sql("SHOW BINARY LOGS")[-1][0] + "'")
        assert any(row[2] == "Update_rows_partial" for row in logged), "the server logged no partial update"
        freshet.wait_until(lambda: len(history(freshet, "id")) == len(expected), what="the history")
        assert history(freshet, "id, doc") == expected
        rows = freshet.query("SELECT id, doc, n, other FROM t ORDER BY id")
        assert [tuple(row.values()) for row in rows] == server.sql(
            "SELECT id, CAST(doc AS CHAR), n, CAST(other AS CHAR) FROM t ORDER BY id", database)
        freshet.stop()


def test_the_oldest_log():
    """MySQL 5.6 without GTIDs: no event begins a transaction but BEGIN, and a statement stands alone."""
    options = ("--binlog-rows-query-log-events", "--binlog-checksum=NONE", "--max-binlog-size=4096")
    with start_or_skip(MySQL56, gtid=False, args=options) as server:
        server.sql("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), n INT) CHARACTER SET utf8mb4; "
                   "CREATE TABLE bare (v VARCHAR(20)) CHARACTER SET utf8mb4; INSERT INTO t VALUES (1, 'loaded', 1)")
        with Freshet(config(server, "d", "*")) as freshet:
            freshet.start()
            freshet.wait_until_caught_up()
            for turn in range(3):  # the log changes its file within each
                first = 100 * (turn + 1)
                server.sql("".join(f"INSERT INTO t VALUES ({first + i}, 'grün {i}', {i}); " for i in range(20)) +
                           f"BEGIN; INSERT INTO bare VALUES ('{turn}'), ('{turn}'); SAVEPOINT s; DELETE FROM t WHERE id = {first}; "
                           f"ROLLBACK TO s; DELETE FROM t WHERE id = {first + 1}; COMMIT; "
                           f"CREATE TABLE made{turn} AS SELECT id, v FROM t WHERE id > {first + 10}", "d")
                freshet.kill9()
                freshet.start()
            freshet.wait_until(lambda: tables(freshet) == 5, what="the tables")
            freshet.wait_until_caught_up()
            for table in ("t", "bare", "made0", "made1", "made2"):
                found = sorted(tuple(row.values()) for row in freshet.query(f"SELECT * FROM {table}"))
                assert found == sorted(server.sql(f"SELECT * FROM d.{table}")), table
            assert freshet.status()["ledger"]["balanced"]
            assert len(server.log_files()) > 3
            freshet.stop()


def test_tables_made_of_queries(server, database):
    """CREATE TABLE ... SELECT is one transaction that makes a table and fills it, also over a kill within."""
    server.sql("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)); INSERT INTO t VALUES (1, 'a'), (2, 'b')", database)
    with Freshet(config(server, database, "*")) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        for turn in range(3):
            server.sql(f"CREATE TABLE made{turn} AS SELECT id, v FROM t; INSERT INTO made{turn} VALUES (3, 'c'); "
                       f"CREATE TABLE keyed{turn} (PRIMARY KEY (id)) AS SELECT id, v FROM t", database)
            if turn > 0:
                freshet.kill9()
                freshet.start()
        freshet.wait_until(lambda: tables(freshet) == 7 and freshet.caught_up(), what="the tables")
        for turn in range(3):
            rows = [(1, "a"), (2, "b"), (3, "c")]
            for table, expected in ((f"made{turn}", rows), (f"keyed{turn}", rows[:2])):
                assert sorted(tuple(row.values()) for row in freshet.query(f"SELECT * FROM {table}")) == expected, table
        assert freshet.status()["ledger"]["balanced"]
        freshet.stop()


def tables(freshet):
    try:
        return len(freshet.status()["source"]["tables"])
    except RuntimeError:  # not up yet
        return 0


XA_ROWS = 30_000  # of the large one: more than is held in memory


def session(server, database, *statements):
    with server.connect(database) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def prepare(server, database, xid, *statements):
    session(server, database, f"XA START '{xid}'", *statements, f"XA END '{xid}'", f"XA PREPARE '{xid}'")


@pytest.fixture
def no_xa_left(server):
    """A failed test leaves no prepared transaction, which would lock its tables for good."""
    yield
    for _, length, _, xid in server.sql("XA RECOVER"):
        server.sql(f"XA ROLLBACK '{xid[:length]}'")


def test_xa_transactions_wait_for_their_outcome(server, database, no_xa_left):
    """Prepared rows are given out when they are committed, in that order, over restarts of both sides."""
    server.sql("CREATE TABLE t (id INT PRIMARY KEY, v TEXT); CREATE TABLE other (id INT PRIMARY KEY);"
               "INSERT INTO t VALUES (1, 'loaded'), (2, 'loaded')", database)
    large = "INSERT INTO t WITH RECURSIVE n (n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM n " \
            f"WHERE n < {999 + XA_ROWS}) SELECT n, REPEAT('x', 100) FROM n"
    recursion = "max_recursive_iterations" if server.name == "mariadb" else "cte_max_recursion_depth"
    with Freshet(config(server, database, "t")) as freshet:
        # MySQL lends no table lock while a prepared transaction has rows of the table, so that it cannot be loaded.
        early = server.name == "mariadb"
        if early:
            prepare(server, database, "early", "UPDATE t SET v = 'prepared before the start' WHERE id = 1")
        freshet.start()
        freshet.wait_until_caught_up()
        prepare(server, database, "kept", "INSERT INTO t VALUES (3, 'kept')", "UPDATE t SET v = 'kept' WHERE id = 2")
        prepare(server, database, "large", f"SET SESSION {recursion} = 1000000", large)
        prepare(server, database, "undone", "INSERT INTO t VALUES (4, 'undone')")
        prepare(server, database, "foreign", "INSERT INTO other VALUES (1)")
        server.sql("INSERT INTO t VALUES (5, 'between')", database)
        freshet.wait_until(lambda: history(freshet, "id") == [(5,)], what="the row between")
        freshet.kill9()
        server.restart()
        freshet.start()
        freshet.wait_until_caught_up()
        assert history(freshet, "id") == [(5,)]
        server.sql("XA COMMIT 'foreign'; XA COMMIT 'kept'; XA ROLLBACK 'undone'", database)
        freshet.wait_until(lambda: history(freshet, "id, v")[1:] == [(3, "kept"), (2, "kept")], what="the kept rows")
        server.sql("XA COMMIT 'large'", database)
        server.sql("INSERT INTO t VALUES (6, 'end')", database)
        freshet.wait_until(lambda: history(freshet, "id", "id = 6") == [(6,)], what="the end")
        # Its rows stand before the capture's start: the table is loaded again.
        if early:
            server.sql("XA COMMIT 'early'", database)
        rows = server.sql("SELECT id, v FROM t ORDER BY id", database)
        assert len(rows) == 5 + XA_ROWS
        freshet.wait_until(lambda: freshet.query("SELECT v FROM t WHERE id = 1")[0]["v"] == rows[0][1],
                           what="the row prepared before the start")
        freshet.wait_until_caught_up()
        assert [tuple(row.values()) for row in freshet.query("SELECT id, v FROM t ORDER BY id")] == rows
        assert len(history(freshet, "id", "_op = 'insert'")) == 3 + XA_ROWS
        freshet.stop()
        left = list((freshet.directory / "freshet-data").glob("**/xa-*"))
        assert not left, left
