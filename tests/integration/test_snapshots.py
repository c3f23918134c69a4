"""Tables are loaded again, in part, with pauses, and given up while the stream goes on."""

import threading
import time

import pytest

from harness.freshet import Freshet

ROWS = 3000
LOADS = 25


@pytest.fixture
def users(server, database):
    server.sql("CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(40), n INT)", database)
    server.load(f"{database}.users", ((i, f"name {i}", 0) for i in range(ROWS)))
    return f"{database}.users"


def config(server, database, **snapshot):
    return {"source": {"url": server.url(), "tables": [f"{database}.*"], "snapshot": {"chunk_rows": 100, **snapshot}},
            "lake": {"flush_interval": "300ms"}}


def rows(server, database, table="users"):
    return sorted(server.sql(f"SELECT id, name, n FROM {table}", database))


def mirror(freshet, table="users"):
    return sorted((int(r["id"]), r["name"], int(r["n"])) for r in freshet.query(f"SELECT id, name, n FROM {table}"))


def loads(freshet, table="users"):
    return int(freshet.query(f"SELECT count(*) AS c FROM {table}_history WHERE _op = 'load'")[0]["c"])


def state(freshet, table):
    return next(t for t in freshet.status()["source"]["tables"] if t["table"] == table)


def snapshot(freshet, *arguments, code=0):
    done = freshet.command("snapshot", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def unlogged(server, sql, database):
    """A change that the binlog does not tell: only loading finds it."""
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_log_bin = 0")
        cursor.execute(sql)


def test_loads_again_beside_the_stream(server, database, users):
    with Freshet(config(server, database)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        unlogged(server, "UPDATE users SET n = 7 WHERE id % 2 = 0", database)
        unlogged(server, "DELETE FROM users WHERE id = 5", database)
        server.sql("INSERT INTO users VALUES (100000, 'new', 1)", database)
        assert snapshot(freshet, "users") == f"{users}: all rows are to be loaded\n"
        freshet.wait_until_caught_up()
        expected = sorted([*rows(server, database), (5, "name 5", 0)])  # a row that only the lake has stays
        assert mirror(freshet) == expected
        assert loads(freshet) == ROWS + ROWS  # one gone, one new
        snapshot(freshet, users, "--empty-first")
        freshet.wait_until_caught_up()
        assert mirror(freshet) == rows(server, database)
        server.sql("UPDATE users SET n = n + 1 WHERE id < 10; DELETE FROM users WHERE id = 11", database)
        freshet.wait_until_caught_up()
        freshet.wait_until(lambda: mirror(freshet) == rows(server, database), 20, "the changes after the load")
        assert freshet.status()["ledger"]["balanced"]
        freshet.stop()


def test_where_loads_only_rows_that_fit(server, database, users):
    with Freshet(config(server, database)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        unlogged(server, "UPDATE users SET n = 7", database)
        unlogged(server, "DELETE FROM users WHERE id = 15", database)
        snapshot(freshet, "users", "--where", "id BETWEEN 10 AND 19 OR name = 'name 2500'")
        freshet.wait_until_caught_up()
        chosen = {*range(10, 20), 2500} - {15}
        assert mirror(freshet) == [(i, f"name {i}", 7 if i in chosen else 0) for i in range(ROWS)]
        assert loads(freshet) == ROWS + len(chosen)
        table = state(freshet, users)
        assert table["state"] == "done" and table["whole"] and table["loaded"] == len(chosen)
        for bad in ("no_such_column = 1", "id = 1) OR (1", "id = 1 -- ", "id = 'open"):
            assert "condition" in snapshot(freshet, "users", "--where", bad, code=2)
        freshet.stop()


def test_rows_wider_than_those_before_end_a_chunk_early(server, database):
    """100 rows are asked for at a time; of the wide ones a chunk holds fewer, and what was read behind is read anew."""
    server.sql("CREATE TABLE texts (id INT PRIMARY KEY, name LONGTEXT, n INT)", database)
    server.load(f"{database}.texts", ((i, "x" * (200_000 if i % 700 > 500 else 10), i) for i in range(1400)), batch=20)
    with Freshet(config(server, database, workers=4)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        expected = server.sql("SELECT id, LENGTH(name), n FROM texts ORDER BY id", database)
        found = freshet.query("SELECT id, length(name) AS l, n FROM texts ORDER BY id")
        assert [tuple(int(v) for v in row.values()) for row in found] == [tuple(row) for row in expected]
        assert loads(freshet, "texts") == 1400
        freshet.stop()


def test_pause_resume_and_cancel_survive_restarts(server, database, users):
    with Freshet(config(server, database)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        server.load(users, ((i, f"name {i}", 0) for i in range(ROWS, 60_000)))
        freshet.wait_until_caught_up()
        before = loads(freshet)
        snapshot(freshet, "users")
        freshet.wait_until(lambda: state(freshet, users)["loaded"] > 0, 20, "the first rows")
        assert "loading pauses" in snapshot(freshet, "pause", "users")
        paused = state(freshet, users)
        assert paused["state"] == "paused" and paused["whole"]
        assert 0 < paused["loaded"] < 60_000
        assert "already" in snapshot(freshet, "users", code=1)
        freshet.kill9()
        freshet.start()
        server.sql("UPDATE users SET n = 3 WHERE id % 1000 = 0", database)
        freshet.wait_until(lambda: connected_and_loading(freshet, users), 30, "the source after a restart")
        time.sleep(1)  # in which nothing is to be read
        again = state(freshet, users)
        assert (again["state"], again["loaded"]) == ("paused", paused["loaded"])
        assert "not paused" not in snapshot(freshet, "resume", "users")
        freshet.wait_until_caught_up(120)
        assert mirror(freshet) == rows(server, database)
        assert loads(freshet) == before + 60_000  # a pause and a kill read nothing again into the stream

        snapshot(freshet, "users")
        freshet.wait_until(lambda: state(freshet, users)["loaded"] > 0, 20, "the first rows")
        assert "has all rows, as before" in snapshot(freshet, "cancel", "users")
        freshet.wait_until_caught_up()
        assert state(freshet, users)["whole"]
        assert freshet.status()["lake"]["tables"][0]["complete"]
        server.sql("UPDATE users SET n = 9 WHERE id % 500 = 0; DELETE FROM users WHERE id % 501 = 0", database)
        freshet.wait_until(lambda: mirror(freshet) == rows(server, database), 30, "the changes after the cancel")
        freshet.stop()


def test_a_cancelled_first_load_is_incomplete(server, database, users):
    server.load(users, ((i, f"name {i}", 0) for i in range(ROWS, 60_000)))
    with Freshet(config(server, database)) as freshet:
        freshet.start()
        freshet.wait_until(lambda: connected_and_loading(freshet, users), 30, "the first rows")
        assert "is incomplete" in snapshot(freshet, "cancel", "users")
        server.sql("UPDATE users SET n = 1 WHERE id % 100 = 0; DELETE FROM users WHERE id % 101 = 0", database)
        freshet.kill9()
        freshet.start()
        freshet.wait_until(lambda: connected_and_loading(freshet, users), 30, "the source after a restart")
        table = state(freshet, users)
        assert table["state"] == "cancelled" and not table["whole"]
        assert "cancelled, incomplete" in freshet.command("status").stdout
        snapshot(freshet, "users")
        freshet.wait_until_caught_up(60)
        assert mirror(freshet) == rows(server, database)
        assert state(freshet, users)["whole"]
        freshet.stop()


def connected_and_loading(freshet, table):
    try:
        return any(t["table"] == table and t["loaded"] > 0 for t in freshet.status()["source"]["tables"])
    except RuntimeError:  # not up yet
        return False


def test_a_table_without_a_key_is_loaded_again_as_a_whole(server, database):
    server.sql("CREATE TABLE bare (id INT, name VARCHAR(40), n INT)", database)
    server.load(f"{database}.bare", ((i % 50, f"name {i % 50}", 0) for i in range(500)))
    with Freshet(config(server, database)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        unlogged(server, "DELETE FROM bare WHERE id = 7 LIMIT 3", database)
        snapshot(freshet, "bare")
        freshet.wait_until_caught_up()
        assert mirror(freshet, "bare") == rows(server, database, "bare")
        assert "no primary key" in snapshot(freshet, "bare", "--where", "id = 1", code=2)
        assert not list((freshet.directory / "freshet-data" / "state" / "spool").iterdir())
        freshet.stop()


def test_asks_a_running_freshet_only(server, database, users):
    with Freshet(config(server, database)) as freshet:
        assert "no freshet runs on" in snapshot(freshet, "users", code=2)
        freshet.start()
        freshet.wait_until_caught_up()
        assert "is not captured" in snapshot(freshet, "nothing", code=2)
        assert "not being loaded" in snapshot(freshet, "cancel", "users", code=1)
        assert "a table" in snapshot(freshet, code=2)
        freshet.stop()


@pytest.mark.parametrize("server, key, engine", [(server, *table) for server in ("mariadb", "mysql", "mysql56") for table in
                                                 (("PRIMARY KEY", "InnoDB"), ("PRIMARY KEY", "MyISAM"), ("", "MyISAM"))],
                         indirect=["server"])
def test_each_load_stands_at_its_place_in_the_log(server, database, key, engine):
    """Writers add 1 to a row at a time while the table is loaded again and again. In the stream's order, a load
    must show the very number that the changes before it have led to: one commit too many or too few shows."""
    server.sql(f"CREATE TABLE hot (id INT {key}, name VARCHAR(40), n INT) ENGINE = {engine}", database)
    server.load(f"{database}.hot", ((i, f"row {i}", 0) for i in range(12)))
    stop, errors = threading.Event(), []
    xa = server.name == "mysql" and engine == "InnoDB"
    writers = [threading.Thread(target=count_up, args=(server, database, i, xa, stop, errors)) for i in range(6)]
    with Freshet(config(server, database, chunk_rows=100, lock_non_transactional=True)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        for writer in writers:
            writer.start()
        try:
            for _ in range(LOADS):
                snapshot(freshet, "hot")
                freshet.wait_until(lambda: state(freshet, f"{database}.hot")["state"] == "done", 60, "the load")
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        assert not errors
        freshet.wait_until_caught_up()
        story = freshet.query("SELECT id, _op, n FROM hot_history ORDER BY _offset")
        now, judged = {}, 0
        for row in story:
            key, n = int(row["id"]), int(row["n"])
            if row["_op"] == "load" and key in now:
                assert n == now[key], f"row {key} was loaded with {n} where the log had led to {now[key]}"
                judged += 1
            now[key] = n
        assert judged == LOADS * 12
        assert mirror(freshet, "hot") == rows(server, database, "hot")
        freshet.stop()


@pytest.mark.parametrize("server", ["mysql56"], indirect=True)
def test_an_open_transaction_holds_up_the_load_and_not_the_log(server, database, users):
    """Where a view needs a lock, and somebody's transaction is in its way for long."""
    server.sql("CREATE TABLE other (id INT PRIMARY KEY, n INT)", database)
    with server.connect(database, autocommit=False) as writer, Freshet(config(server, database)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        with writer.cursor() as cursor:
            cursor.execute("UPDATE users SET n = 5 WHERE id = 7")
        snapshot(freshet, "users")
        freshet.wait_until(lambda: "waits, attempt 2" in freshet.log.read_text(), 30, "an attempt that fails")
        server.sql("INSERT INTO other VALUES (1, 1)", database)
        freshet.wait_until(lambda: len(freshet.query("SELECT id FROM other")) == 1, 30, "the other table's change")
        assert loads(freshet) == ROWS
        writer.commit()
        freshet.wait_until(lambda: state(freshet, users)["state"] == "done", 60, "the load")
        freshet.wait_until_caught_up()
        assert loads(freshet) == 2 * ROWS
        assert mirror(freshet) == rows(server, database)
        freshet.stop()


def count_up(server, database, key, xa, stop, errors):
    """Single commits, and with `xa` every 20th by XA from another session, whose ways to the log are others."""
    try:
        with server.connect(database) as link, link.cursor() as cursor:
            turn = 0
            while not stop.is_set():
                turn += 1
                if xa and turn % 20 == 0:
                    commit_from_another_session(server, database, key, f"x{key}-{turn}")
                else:
                    cursor.execute(f"UPDATE hot SET n = n + 1 WHERE id IN ({key}, {key + 6})")
    except Exception as error:  # shown by the test
        errors.append(error)


def commit_from_another_session(server, database, key, xid):
    with server.connect(database) as link, link.cursor() as cursor:
        for statement in (f"XA START '{xid}'", f"UPDATE hot SET n = n + 1 WHERE id = {key}", f"XA END '{xid}'",
                          f"XA PREPARE '{xid}'"):
            cursor.execute(statement)
    with server.connect(database) as link, link.cursor() as cursor:
        deadline = time.monotonic() + 10
        while True:  # the first session may be on its way out yet
            try:
                return cursor.execute(f"XA COMMIT '{xid}'")
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.001)
