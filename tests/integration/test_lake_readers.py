"""Iceberg readers that are not ours read the tables of a real run, and agree with the source and with `freshet query`."""

import decimal
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from harness import REPO
from harness.freshet import Freshet

INTEROP = REPO / "tests" / "interop"
COLUMNS = {  # what is compared, as both servers and the lake print it
    "keyed": "id, name, amount, ratio, moment, extra",
    "bare": "word, n",
    "doc": "id, who, deep",
}
SOURCE = {"doc": "SELECT id, JSON_UNQUOTE(JSON_EXTRACT(body, '$.who')), JSON_UNQUOTE(JSON_EXTRACT(body, '$.in.deep')) FROM doc"}
LAKE = {"doc": 'SELECT id, "body.who" AS who, "body.in.deep" AS deep FROM doc'}


def pyiceberg():
    """The command that reads a table with PyIceberg; FRESHET_PYICEBERG_PYTHON may name an interpreter that has it."""
    python = os.environ.get("FRESHET_PYICEBERG_PYTHON")
    if not python and (importlib.util.find_spec("pyiceberg") is None or importlib.util.find_spec("pyarrow") is None):
        pytest.skip("PyIceberg is not installed: pip install 'pyiceberg[pyarrow]', or set FRESHET_PYICEBERG_PYTHON")
    return [python or sys.executable, INTEROP / "pyiceberg_read.py"]


def icebird():
    if shutil.which("node") is None:
        pytest.skip("node is not installed: icebird cannot run")
    if not (INTEROP / "node_modules" / "icebird").is_dir():
        pytest.skip("icebird is not installed: run scripts/setup")
    return ["node", INTEROP / "icebird_read.mjs"]


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
    server.sql("DELETE FROM keyed WHERE id BETWEEN 100 AND 110", database)
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


def read(command, freshet, table) -> list[dict]:
    place = freshet.directory / "freshet-data" / "lake" / "default" / table
    done = subprocess.run([str(part) for part in (*command, place)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("table", COLUMNS)
def test_lake_is_the_source(lake, table):
    """What the readers below are compared with is right."""
    server, database, freshet = lake
    select = f"SELECT {COLUMNS[table]} FROM {table}"
    source = bag(server.sql(SOURCE.get(table, select), database))
    assert source and bag(row.values() for row in freshet.query(LAKE.get(table, select))) == source


@pytest.mark.parametrize("reader", [icebird, pyiceberg])
@pytest.mark.parametrize("table", [name + suffix for name in COLUMNS for suffix in ("", "_history")])
def test_reader_agrees(lake, reader, table):
    """Mirror and history, every column and row.

    icebird finds columns of a file by a mangled name instead of their id: flattened ones, with a dot, stay empty there.
    """
    *_, freshet = lake
    ours = freshet.query(f"SELECT * FROM {table}")
    theirs = read(reader(), freshet, table)
    assert set().union(*theirs) == set(ours[0])  # icebird leaves a column out of the rows that are older than it
    names = [name for name in ours[0] if reader is not icebird or "." not in name]
    assert bag([row.get(name) for name in names] for row in theirs) == bag([row[name] for name in names] for row in ours)


def test_several_commits_with_deletes(lake):
    """The tables that were read had what is hard to read: several snapshots, position deletes, two schemas."""
    *_, freshet = lake
    metadata = (freshet.directory / "freshet-data/lake/default/keyed/metadata").glob("v*.metadata.json")
    newest = json.loads(max(metadata, key=lambda path: int(path.name[1:].split(".")[0])).read_text())
    assert len(newest["snapshots"]) >= 3 and len(newest["schemas"]) >= 2
    assert int(newest["snapshots"][-1]["summary"]["total-position-deletes"]) > 0
