"""Statements that make, change and drop tables stand in the stream as control records, as AWS DMS has them."""

import json

import pytest

from harness.freshet import Freshet

STATEMENTS = """
    CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20), n INT) CHARACTER SET utf8mb4;
    INSERT INTO t VALUES (1, 'a', 1);
    ALTER TABLE t ADD COLUMN email VARCHAR(60), ADD COLUMN at DATETIME(3);
    ALTER TABLE t CHANGE name first_name VARCHAR(20);
    ALTER TABLE t MODIFY n BIGINT;
    ALTER TABLE t DROP COLUMN at;
    ALTER TABLE t DROP COLUMN n, ADD COLUMN m INT;
    ALTER TABLE t ADD INDEX (email);
    TRUNCATE TABLE t;
    RENAME TABLE t TO t_old;
    DROP TABLE t_old;
    CREATE TABLE done (id INT PRIMARY KEY);
    INSERT INTO done VALUES (1);
"""
EXPECTED = [
    ("create-table", "t", None),
    ("add-column", "t", ["email", "at"]),
    ("rename-column", "t", {"name": "first_name"}),
    ("column-type-change", "t", ["n"]),
    ("drop-column", "t", ["at"]),
    ("change-columns", "t", None),
    ("truncate-table", "t", None),
    ("rename-table", "t", None),
    ("change-columns", "t_old", None),
    ("drop-table", "t_old", None),
    ("create-table", "done", None),
]


@pytest.mark.parametrize("server", ["mariadb", "mysql", "mysql56"], indirect=True)
@pytest.mark.parametrize("at", ["ingest", "capture"])
def test_statements_are_control_records(server, database, at):
    server.sql("CREATE TABLE first (id INT PRIMARY KEY)", database)
    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.*"]}, "lake": {"flush_interval": "300ms"},
                  "transform": {"sensitive_data": {"at": at}}}) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        server.sql(STATEMENTS, database)
        freshet.wait_until(lambda: read(freshet, "done") and freshet.caught_up(), what="the last row")
        freshet.stop()
        tailed = freshet.command("tail", "--from", "trim-horizon", "--limit", "1000")
        assert tailed.returncode == 0, tailed.stderr
    records = [json.loads(line) for line in tailed.stdout.splitlines()]
    control = [record for record in records if record["metadata"]["record-type"] == "control"]
    assert all(record["metadata"]["partition-key-type"] == "task-id" for record in control)
    assert all(record["metadata"]["schema-name"] == database for record in control)
    # Loads, which some of the statements ask for, begin with the table's definition, too.
    found = [(record["metadata"]["operation"], record["metadata"]["table-name"], record["control"].get("columns"))
             for record in control]
    told = iter(found)
    assert all(expected in told for expected in EXPECTED), found
    by_operation = {record["metadata"]["operation"]: record["control"] for record in control}
    assert by_operation["rename-table"] == {"new-schema-name": database, "new-table-name": "t_old"}
    assert by_operation["drop-table"] == {} and by_operation["truncate-table"] == {}
    columns = by_operation["drop-column"]["table-def"]["columns"]
    assert list(columns)[:4] == ["id", "first_name", "n", "email"]
    assert columns["n"] == {"type": "INT64", "nullable": True}


def read(freshet, table):
    try:
        return freshet.query(f"SELECT id FROM {table}")
    except RuntimeError:
        return []
