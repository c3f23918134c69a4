"""Iceberg readers that are not ours read the tables of a real run, and agree with the source and with `freshet query`."""

import decimal
import json
from collections import Counter

import pytest

from harness.freshet import Freshet
from harness.readers import icebird, pyiceberg, rows_of

READERS = {"icebird": icebird, "pyiceberg": lambda: pyiceberg("pyiceberg_read.py")}
COLUMNS = {  # what is compared, as both servers and the lake print it
    "keyed": "id, name, amount, ratio, moment, extra",
    "bare": "word, n",
    "doc": "id, who, deep",
}
SOURCE = {"doc": "SELECT id, JSON_UNQUOTE(JSON_EXTRACT(body, '$.who')), JSON_UNQUOTE(JSON_EXTRACT(body, '$.in.deep')) FROM doc"}
LAKE = {"doc": 'SELECT id, "body.who" AS who, "body.in.deep" AS deep FROM doc'}


def fill(server, database, freshet):
    """Loads, changes of every kind and DDL, in several lake commits and two runs."""
    server.sql("CREATE TABLE keyed (id INT PRIMARY KEY, name VARCHAR(20), amount DECIMAL(12,3), ratio DOUBLE, moment DATETIME(3));"
               "CREATE TABLE bare (word VARCHAR(10), n INT); CREATE TABLE doc (id BIGINT PRIMARY KEY, body JSON);"
               "INSERT INTO bare VALUES ('a', 1), ('a', 1), ('b', NULL)", database)
    server.load(f"{database}.keyed", [(i, f"näme {i}", decimal.Decimal(i) / 8, i / 3, f"2026-11-22 12:00:00.{i:03}") for i in range(300)])
    server.load(f"{database}.doc", [(i, json.dumps({"who": f"w{i}", "in": {"deep": i}})) for i in range(20)])
    freshet.start()
    freshet.wait_until_caught_up()
    for commands, state in (
        ("UPDATE keyed SET name = 'changed', ratio = NULL WHERE id < 40; DELETE FROM keyed WHERE id >= 280;"
         "DELETE FROM bare WHERE word = 'a' LIMIT 1; INSERT INTO bare VALUES ('c', 3)", "SELECT count(*) FROM keyed WHERE id >= 280"),
        ("ALTER TABLE keyed ADD COLUMN extra INT; UPDATE keyed SET extra = id WHERE id BETWEEN 30 AND 50;"
         "UPDATE keyed SET id = 1000 WHERE id = 7; DELETE FROM doc WHERE id < 5", "SELECT count(*) FROM doc WHERE id < 5"),
        ("""UPDATE doc SET body = '{"who": "new", "in": {"deep": -1, "more": true}}' WHERE id = 9; DELETE FROM bare WHERE n IS NULL""",
         "SELECT count(*) FROM bare WHERE n IS NULL"),
    ):
        server.sql(commands, database)
        freshet.wait_until(lambda: list(freshet.query(state)[0].values()) == [0], what="a change")
        freshet.wait_until(lambda: committed(freshet), what="a lake commit")
    freshet.stop()
    freshet.start()
    freshet.wait_until_caught_up()
    last = "SELECT count(*) FROM keyed WHERE id BETWEEN 100 AND 110"  # flushed as it stops
    server.sql(last.replace("SELECT count(*)", "DELETE"), database)
    freshet.wait_until(lambda: list(freshet.query(last)[0].values()) == [0], what="the last change")
    freshet.stop()


def committed(freshet):
    lake = freshet.status()["lake"]
    return lake["committed"] == lake["applied"]


@pytest.fixture(scope="module", params=["mariadb", "mysql"])
def lake(request):
    """A stopped pipeline over a filled source: server, database, freshet."""
    server, database = request.getfixturevalue(request.param), "test_lake_readers"
    server.sql(f"CREATE DATABASE {database}")
    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.*"]}, "lake": {"flush_interval": "200ms"}}) as freshet:
        fill(server, database, freshet)
        yield server, database, freshet
    server.sql(f"DROP DATABASE {database}")


def canonical(value):
    """Numbers by value; moments without trailing zeros, T and zone; the rest as text."""
    if value is None or isinstance(value, bool):
        return value
    text = str(value)
    try:
        return float(text)
    except ValueError:
        pass
    if text[4:5] == "-" and text[13:14] == ":":
        text = text.replace("T", " ").removesuffix("Z").removesuffix("+00")
        return text[:23].rstrip("0").rstrip(".") if "." in text else text
    return text


def bag(rows) -> Counter:
    return Counter(tuple(map(canonical, row)) for row in rows)


@pytest.mark.parametrize("table", COLUMNS)
def test_lake_is_the_source(lake, table):
    """What the readers below are compared with is right."""
    server, database, freshet = lake
    select = f"SELECT {COLUMNS[table]} FROM {table}"
    source = bag(server.sql(SOURCE.get(table, select), database))
    assert source and bag(row.values() for row in freshet.query(LAKE.get(table, select))) == source


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("table", [name + suffix for name in COLUMNS for suffix in ("", "_history")])
def test_reader_agrees(lake, reader, table):
    """Mirror and history, every column and row."""
    *_, freshet = lake
    ours = freshet.query(f"SELECT * FROM {table}")
    theirs = rows_of(READERS[reader](), freshet.directory / "freshet-data" / "lake" / "default" / table)
    assert set().union(*theirs) == set(ours[0])  # icebird leaves a column out of the rows that are older than it
    assert bag([row.get(name) for name in ours[0]] for row in theirs) == bag(row.values() for row in ours)


def test_several_commits_with_deletes(lake):
    """The tables that were read had what is hard to read: several snapshots, position deletes, two schemas."""
    *_, freshet = lake
    metadata = (freshet.directory / "freshet-data/lake/default/keyed/metadata").glob("v*.metadata.json")
    newest = json.loads(max(metadata, key=lambda path: int(path.name[1:].split(".")[0])).read_text())
    assert len(newest["snapshots"]) >= 3 and len(newest["schemas"]) >= 2
    assert int(newest["snapshots"][-1]["summary"]["total-position-deletes"]) > 0
