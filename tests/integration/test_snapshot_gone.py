"""A table that is to be loaded is not on the server any more, and the log reader has not come to its end yet."""

import json

import pytest

from harness.freshet import Freshet
from harness.process import tail
from harness.proxy import LogProxy

COLUMNS = "(id INT PRIMARY KEY, name VARCHAR(40))"


@pytest.fixture
def users(server, database):
    server.sql(f"CREATE TABLE users {COLUMNS}; CREATE TABLE other {COLUMNS}", database)
    server.load(f"{database}.users", ((i, f"name {i}") for i in range(1000)))
    return f"{database}.users"


def config(server, database, port):
    return {"source": {"url": server.url(), "port": port, "tls": "off", "tables": [f"{database}.*"],
                       "snapshot": {"pause_behind": "0"}},  # else a load waits for a log that is held back
            "lake": {"flush_interval": "300ms"}}


def rows(freshet, table):
    return sorted((int(r["id"]), r["name"]) for r in freshet.query(f"SELECT id, name FROM {table}"))


def ask_for_load(freshet, table):
    done = freshet.command("snapshot", table)
    assert done.returncode == 0, done.stderr
    freshet.wait_until(lambda: "its load waits until the log is read" in freshet.log.read_text(), 30, "the load to wait")


@pytest.mark.parametrize("statement", ["DROP TABLE users", "RENAME TABLE users TO people",
                                       f"DROP TABLE users; CREATE TABLE users {COLUMNS}; DROP TABLE users"])
def test_the_log_tells_what_became_of_it(server, database, users, statement):
    with LogProxy(server.port) as proxy, Freshet(config(server, database, proxy.port)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        proxy.hold_log()
        server.sql(statement, database)
        ask_for_load(freshet, users)
        server.sql("INSERT INTO other VALUES (1, 'one')", database)
        proxy.release_log()
        freshet.wait_until(lambda: rows(freshet, "other") == [(1, "one")], 30, "the change behind")
        freshet.wait_until_caught_up()
        assert rows(freshet, "users") == []
        if "RENAME" in statement:
            assert len(rows(freshet, "people")) == 1000
        freshet.stop()


def test_a_table_that_the_log_does_not_miss_is_an_error(server, database, users):
    with LogProxy(server.port) as proxy, Freshet(config(server, database, proxy.port)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        proxy.hold_log()
        server.sql("SET sql_log_bin = 0; DROP TABLE users; SET sql_log_bin = 1; INSERT INTO other VALUES (1, 'one')",
                   database)
        ask_for_load(freshet, users)
        proxy.release_log()
        assert freshet.wait() == 2
        end = tail(freshet.log, 3)
        assert f"put {users} into source.exclude" in end and "GRANT SELECT" in end
        settings = json.loads(freshet.config.read_text())
        settings["source"]["exclude"] = [users]
        freshet.configure(settings)
        freshet.start()
        freshet.wait_until_caught_up()
        assert rows(freshet, "other") == [(1, "one")]
        freshet.stop()
