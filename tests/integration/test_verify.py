"""`freshet verify` finds what differs between source and lake, and nothing else, while writers go on."""

import json
import threading

import pytest

from harness.freshet import Freshet

ROWS = 3000
TABLES = {
    "users": "userid INT PRIMARY KEY, name VARCHAR(40), email VARCHAR(60), phone VARCHAR(30), amount DECIMAL(12,3),"
             " made DATETIME(6), ratio FLOAT, profile JSON",
    "contacts": "email VARCHAR(60), kind INT, seen DATE, PRIMARY KEY (email, kind)",  # a key that is masked
    "events": "word VARCHAR(30), n INT, note TEXT",                                  # no key
    "vacant": "id INT PRIMARY KEY, note TEXT",
}


def user(n):
    profile = json.dumps({"city": f"town {n % 17}", "score": n if n % 3 else n + 0.5, "tags": [n], "in": {"n": n % 5 == 0}})
    return f"({n},'name {n}','u{n}@example.com','+49 151 {n:07}',{n}.125,'2026-01-02 03:04:05.{n % 10**6:06}',{n / 8},'{profile}')"


def fill(server, database):
    for table, columns in TABLES.items():
        server.sql(f"CREATE TABLE {table} ({columns})", database)
    server.sql("INSERT INTO users VALUES " + ",".join(map(user, range(1, ROWS))), database)
    server.sql("INSERT INTO contacts VALUES " + ",".join(
        f"('c{n}@example.com',{n % 3},'2026-02-{1 + n % 28:02}')" for n in range(1, ROWS)), database)
    server.sql("INSERT INTO events VALUES " + ",".join(
        f"('word {n % 40}',{n % 11},{'NULL' if n % 2 else repr('same note')})" for n in range(1, ROWS)), database)


@pytest.fixture
def followed(server, database):
    """A freshet that follows a filled database and has caught up."""
    fill(server, database)
    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.*"], "snapshot": {"chunk_rows": 700}},
                  "lake": {"flush_interval": "500ms"}}) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        yield freshet


def verify(freshet, *tables):
    done = freshet.command("verify", "--json", *tables, timeout=600)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["equal"] == (done.returncode == 0)
    return report


def results(report):
    return {table["lake_table"]: table for table in report["tables"]}


class BusyWriter(threading.Thread):
    """Small transactions over all tables, until told to stop."""

    def __init__(self, server, database):
        super().__init__(daemon=True)
        self.link = server.connect(database, autocommit=False)
        self.go_on, self.transactions, self.error = True, 0, None

    def run(self):
        try:
            with self.link.cursor() as cursor:
                while self.go_on:
                    self.transaction(cursor, self.transactions)
                    self.transactions += 1
        except Exception as error:  # shown by the test
            self.error = error

    def transaction(self, cursor, n):
        cursor.execute(f"INSERT INTO users VALUES {user(ROWS + n)}")
        cursor.execute(f"UPDATE users SET amount = amount + 1, email = 'new{n}@example.com' WHERE userid = {1 + n % ROWS}")
        cursor.execute(f"DELETE FROM users WHERE userid = {ROWS + n - 200}")
        cursor.execute(f"UPDATE contacts SET seen = '2026-03-{1 + n % 28:02}', email = CONCAT('x', email) WHERE kind = {n % 3} LIMIT 2")
        cursor.execute(f"INSERT INTO events VALUES ('word {n % 40}',{n % 11},'same note')")
        cursor.execute(f"DELETE FROM events WHERE n = {n % 11} LIMIT 1")
        self.link.commit()


def test_equal_while_a_writer_is_busy(server, database, followed):
    writer = BusyWriter(server, database)
    writer.start()
    try:
        for _ in range(5):
            before = writer.transactions
            report = verify(followed)
            assert writer.error is None, repr(writer.error)
            assert report["equal"], report
            assert {t["result"] for t in report["tables"]} == {"equal"}
            assert {t["lake_table"] for t in report["tables"]} == set(TABLES)
            assert all(t["readings"] == 1 for t in report["tables"])  # equal at once: the places are exact
            assert writer.transactions > before
    finally:
        writer.go_on = False
        writer.join()
    assert verify(followed)["equal"]  # so the stream has all that the writer did
    followed.stop()
    report = verify(followed)
    assert report["equal"], report


def unlogged(server, database, *statements):
    """Changes that the log does not tell: the lake cannot know of them."""
    server.sql("SET sql_log_bin = 0; " + "; ".join(statements) + "; SET sql_log_bin = 1", database)


def spoil(server, database):
    unlogged(server, database,
             "DELETE FROM users WHERE userid = 5",
             "UPDATE users SET name = 'hidden change', amount = 1 WHERE userid = 6",
             "UPDATE users SET profile = JSON_SET(profile, '$.city', 'Nowhere') WHERE userid = 7",
             f"INSERT INTO users VALUES {user(900_000)}",
             "DELETE FROM contacts WHERE email = 'c10@example.com'",
             "DELETE FROM events WHERE word = 'word 3' LIMIT 1",
             "INSERT INTO events VALUES ('brand new', 1, NULL), ('brand new', 1, NULL)")


def expect_spoiled(report):
    found = results(report)
    users = {d["key"]["userid"]: (d["kind"], sorted(d["columns"])) for d in found["users"]["differences"]}
    assert users == {"5": ("extra", []), "6": ("changed", ["amount", "name"]), "7": ("changed", ["profile.city"]),
                     "900000": ("missing", [])}
    assert (found["users"]["missing"], found["users"]["extra"], found["users"]["changed"]) == (1, 1, 2)
    [contact] = found["contacts"]["differences"]
    assert contact["kind"] == "extra" and contact["key"]["kind"] == "1"
    assert len(contact["key"]["email"]) == 64, "a masked key is shown as its keyed hash"
    events = sorted((d["kind"], d["times"], len(d["row"])) for d in found["events"]["differences"])
    assert events == [("extra", 1, 32), ("missing", 2, 32)]
    assert found["vacant"]["result"] == "equal"
    assert all(table["complete"] for table in found.values())


def test_differences_are_named(server, database, followed):
    spoil(server, database)
    expect_spoiled(verify(followed))
    shown = followed.command("verify")
    assert shown.returncode == 1
    assert '{"userid":"6"}: differs in' in shown.stdout and "missing in the lake" in shown.stdout
    for value in ("hidden change", "Nowhere", "brand new", "c10@", "@example.com"):
        assert value not in shown.stdout + shown.stderr
    followed.stop()
    expect_spoiled(verify(followed))


def test_without_a_running_pipeline(server, database, followed):
    followed.stop()
    assert verify(followed)["equal"]
    server.sql("UPDATE users SET name = 'later' WHERE userid = 1", database)
    report = verify(followed)
    assert not report["equal"]
    found = results(report)
    assert found["users"]["result"] == "not compared" and "moved on by 1 change" in found["users"]["problem"]
    assert found["contacts"]["result"] == "equal" and found["events"]["result"] == "equal"
    followed.start()
    followed.wait_until_caught_up()
    assert verify(followed, "users")["equal"]


def test_columns_masked_since_some_row_are_left_out(server, database):
    """In column mode rows from before a verdict are masked otherwise than later ones."""
    server.sql("CREATE TABLE people (id INT PRIMARY KEY, reach VARCHAR(60), note TEXT)", database)
    server.sql("INSERT INTO people VALUES " + ",".join(f"({n},'by post','note {n}')" for n in range(1, 9)), database)
    config = {"source": {"url": server.url(), "tables": [f"{database}.*"]}, "lake": {"flush_interval": "300ms"},
              "transform": {"sensitive_data": {"mode": "column", "verdict_cells": 3}}}
    with Freshet(config) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        assert results(verify(freshet))["people"]["columns_left_out"] == []
        server.sql("INSERT INTO people VALUES " + ",".join(f"({n},'p{n}@example.com','x')" for n in range(10, 20)), database)
        freshet.wait_until(lambda: freshet.status()["lake"]["tables"][0]["verdicts"], what="a verdict")
        server.sql("INSERT INTO people VALUES (30,'by post','last')", database)
        report = verify(freshet)
        assert report["equal"], report
        assert results(report)["people"]["columns_left_out"] == ["reach"]
        unlogged(server, database, "UPDATE people SET note = 'hidden' WHERE id = 3")
        assert not verify(freshet)["equal"]


def test_what_cannot_be_compared(server, database, followed):
    unknown = followed.command("verify", "nobody")
    assert unknown.returncode == 2 and "nobody is not among the tables" in unknown.stderr
    followed.stop()
    followed.start("--set", "lake.flush_interval=1h")  # the lake has it only after a clean stop
    followed.wait_until_caught_up()
    server.sql("INSERT INTO users VALUES " + user(5_000), database)
    followed.wait_until(lambda: followed.query("SELECT count(*) AS n FROM users WHERE userid = 5000")[0]["n"] in (1, "1"),
                        what="the change")
    followed.kill9()
    refused = followed.command("verify")
    assert refused.returncode == 1 and "cut off" in refused.stderr, refused.stderr


def test_purged_log_is_refused_with_3(server, database, followed):
    followed.stop()
    server.sql("RESET MASTER" if server.name == "mariadb" else "RESET BINARY LOGS AND GTIDS")
    refused = followed.command("verify")
    assert refused.returncode == 3, refused.stderr
