"""Iceberg readers that are not ours see the rows that we wrote: PyIceberg, a strict one, and icebird.

The tables are made by the unit tests of the lake (src/lake/iceberg_interop_test.cpp), which leave
the rows to expect beside each table.
"""

import decimal
import json
import os
import pathlib
import subprocess

import pytest

from harness.readers import icebird, pyiceberg, rows_of

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path(os.environ.get("FRESHET_BUILD", HERE.parent.parent / "build"))
TABLES = ["mirror", "history", "long", "empty"]


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    home = tmp_path_factory.mktemp("lake")
    test = BUILD / "lake_test"
    if not test.exists():
        pytest.skip(f"{test} is not built: run make build, or set FRESHET_BUILD")
    subprocess.run(
        [test, "--gtest_filter=IcebergInterop.*", "--gtest_brief=1"],
        env=os.environ | {"FRESHET_INTEROP_DIR": str(home)},
        check=True,
        timeout=300,
    )
    return home


def expected(tables: pathlib.Path, table: str) -> list[dict]:
    lines = (tables / f"{table}.expected.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def in_order(rows: list[dict]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("table", TABLES)
def test_pyiceberg(tables, table):
    rows = rows_of(pyiceberg("pyiceberg_read.py"), tables / table)
    assert in_order(rows) == in_order(expected(tables, table))


# icebird holds decimals as doubles, times in milliseconds, and binaries as text.
def as_icebird(row: dict) -> dict:
    changed = dict(row)
    if row.get("balance") is not None:
        changed["balance"] = float(decimal.Decimal(row["balance"]))
    if "raw" in row:
        changed["raw"] = bytes.fromhex(row["raw"]).decode()
    for name in ("_commit_ts", "at"):
        if name in row:
            changed[name] = row[name].removesuffix("Z")[:-3] + "Z"
    return changed


def with_doubles(row: dict) -> dict:
    return {k: float(v) if k in ("balance", "ratio") and v is not None else v for k, v in row.items()}


@pytest.mark.parametrize("table", TABLES)
def test_icebird(tables, table):
    rows = rows_of(icebird(), tables / table)
    wanted = [as_icebird(row) for row in expected(tables, table)]
    assert in_order(map(with_doubles, rows)) == in_order(map(with_doubles, wanted))


def test_pyiceberg_prunes_by_day(tables):
    """A filter on the time reaches the partition values and the bounds, and finds what is there."""
    plan, = rows_of(pyiceberg("pyiceberg_read.py"), tables / "history", "--plan", "--where", "_commit_ts >= '2026-11-21T09:00:00+00:00'")
    assert plan == {"files": 2, "rows": 2, "summary": {"total-records": "3", "total-data-files": "3"}}
