"""Prints the rows of an Iceberg table on the local disk as JSON lines, read by PyIceberg.

    python3 pyiceberg_read.py <table directory | metadata JSON file> [--where FILTER] [--plan]

A directory is read at its newest version. FILTER is a row filter of PyIceberg. With --plan, one line
about the scan instead: the data files that it would read, its rows, and the snapshot's summary.
Decimals are printed as text, binaries as hexadecimal digits, times as ISO 8601 with microseconds
(UTC ends in Z).
"""

import argparse
import datetime
import decimal
import json
import pathlib

from pyiceberg.table import StaticTable


def newest_metadata(place: pathlib.Path) -> pathlib.Path:
    if place.is_file():
        return place
    versions = place.glob("metadata/v*.metadata.json")
    return max(versions, key=lambda path: int(path.name[1:].split(".")[0]))


def printable(value):
    match value:
        case decimal.Decimal():
            return str(value)
        case bytes():
            return value.hex()
        case datetime.datetime() if value.tzinfo is None:
            return value.isoformat(timespec="microseconds")
        case datetime.datetime():
            in_utc = value.astimezone(datetime.timezone.utc)
            return in_utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        case datetime.date():
            return value.isoformat()
    return value


def rows(scan):
    for row in scan.to_arrow().to_pylist():
        yield {name: printable(value) for name, value in row.items()}


def plan(table: StaticTable, scan) -> dict:
    summary = table.current_snapshot().summary
    return {"files": len(list(scan.plan_files())), "rows": scan.to_arrow().num_rows,
            "summary": {key: summary[key] for key in ("total-records", "total-data-files")}}


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("place", type=pathlib.Path)
    parser.add_argument("--where", default="")
    parser.add_argument("--plan", action="store_true")
    wanted = parser.parse_args()
    table = StaticTable.from_metadata(newest_metadata(wanted.place).resolve().as_uri())
    scan = table.scan(row_filter=wanted.where) if wanted.where else table.scan()
    for row in [plan(table, scan)] if wanted.plan else rows(scan):
        print(json.dumps(row, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
