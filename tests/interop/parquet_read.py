"""Prints every row of every Parquet file below a directory as JSON lines, read by PyArrow; one more line per file for its footer.

    python3 parquet_read.py <directory>
"""

import json
import pathlib
import sys

import pyarrow.parquet


def lines(place: pathlib.Path):
    for path in sorted(place.rglob("*.parquet")):
        file = pyarrow.parquet.ParquetFile(path)
        footer = {key.decode(): value.decode() for key, value in (file.metadata.metadata or {}).items()}
        yield {"file": path.name, "footer": footer, "statistics": [str(bounds) for bounds in statistics(file.metadata)]}
        for batch in file.iter_batches():
            yield from batch.to_pylist()


def statistics(metadata):
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            found = metadata.row_group(group).column(column).statistics
            if found is not None and found.has_min_max:
                yield found.min, found.max


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python3 parquet_read.py <directory>")
    for line in lines(pathlib.Path(sys.argv[1])):
        print(json.dumps(line, ensure_ascii=False, default=str))


if __name__ == "__main__":
    main()
