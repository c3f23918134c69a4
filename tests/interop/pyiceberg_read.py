"""Prints the rows of an Iceberg table on the local disk as JSON lines, read by PyIceberg.

    python3 pyiceberg_read.py <table directory | metadata JSON file>

A directory is read at its newest version. Decimals are printed as text, binaries as hexadecimal
digits, times as ISO 8601 with microseconds (UTC ends in Z).
"""

import datetime
import decimal
import json
import pathlib
import sys

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


def rows(place: pathlib.Path):
    table = StaticTable.from_metadata(newest_metadata(place).resolve().as_uri())
    for row in table.scan().to_arrow().to_pylist():
        yield {name: printable(value) for name, value in row.items()}


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python3 pyiceberg_read.py <table directory | metadata JSON file>")
    for row in rows(pathlib.Path(sys.argv[1])):
        print(json.dumps(row, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
