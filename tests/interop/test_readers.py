"""Iceberg readers that are not ours see the rows that we wrote: PyIceberg, a strict one, and icebird.

The tables are made by the unit tests of the lake (src/lake/iceberg_interop_test.cpp), which leave
the rows to expect beside each table.
"""

import decimal
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

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


def read(*command) -> list[dict]:
    output = subprocess.run(command, check=True, timeout=300, capture_output=True, text=True)
    return [json.loads(line) for line in output.stdout.splitlines()]


def expected(tables: pathlib.Path, table: str) -> list[dict]:
    lines = (tables / f"{table}.expected.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def in_order(rows: list[dict]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("table", TABLES)
def test_pyiceberg(tables, table):
    if importlib.util.find_spec("pyiceberg") is None or importlib.util.find_spec("pyarrow") is None:
        pytest.skip("PyIceberg is not installed: pip install 'pyiceberg[pyarrow]'")
    rows = read(sys.executable, HERE / "pyiceberg_read.py", tables / table)
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
    if shutil.which("node") is None:
        pytest.skip("node is not installed: icebird cannot run")
    if not (HERE / "node_modules" / "icebird").is_dir():
        pytest.skip("icebird is not installed: run scripts/setup")
    rows = read("node", HERE / "icebird_read.mjs", tables / table)
    wanted = [as_icebird(row) for row in expected(tables, table)]
    assert in_order(map(with_doubles, rows)) == in_order(map(with_doubles, wanted))


def test_pyiceberg_prunes_by_day(tables):
    """A filter on the time reaches the partition values and the bounds, and finds what is there."""
    if importlib.util.find_spec("pyiceberg") is None or importlib.util.find_spec("pyarrow") is None:
        pytest.skip("PyIceberg is not installed: pip install 'pyiceberg[pyarrow]'")
    from pyiceberg.table import StaticTable

    from pyiceberg_read import newest_metadata

    table = StaticTable.from_metadata(newest_metadata(tables / "history").as_uri())
    scan = table.scan(row_filter="_commit_ts >= '2026-11-21T09:00:00+00:00'")
    assert len(list(scan.plan_files())) == 2
    assert scan.to_arrow().num_rows == 2
    summary = table.current_snapshot().summary
    assert summary["total-records"] == "3" and summary["total-data-files"] == "3"
