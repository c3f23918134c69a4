"""A transaction that is larger than memory: what freshet takes of it does not grow with it.

Environment: FRESHET_LARGE_ROWS (of one of many short rows; as many rows are updated in it again), for which `make large`
takes 10 million, and FRESHET_LARGE_MEGABYTES (of one of rows of 1.5 KB), for which it takes 2000.
"""

import os

import pytest

from harness.freshet import Freshet
from harness.servers import MySQL, start_or_skip

ROWS = int(os.environ.get("FRESHET_LARGE_ROWS", "600000"))
WIDE_ROWS = int(os.environ.get("FRESHET_LARGE_MEGABYTES", "100")) * 1_000_000 // 1_500
MOST_MEGABYTES = 512
PATIENCE = 120 + ROWS / 5_000


def peak_megabytes(freshet) -> float:
    with open(f"/proc/{freshet.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def test_memory_does_not_grow_with_a_transaction(mariadb):
    database = "test_large_transaction"
    mariadb.sql(f"CREATE DATABASE {database}")
    mariadb.sql("CREATE TABLE small (id INT PRIMARY KEY, n INT); INSERT INTO small VALUES (1, 0);"
                "CREATE TABLE large (id INT PRIMARY KEY, name VARCHAR(60), email VARCHAR(60), n INT)", database)
    config = {"source": {"url": mariadb.url(), "tables": [f"{database}.*"]}}
    with Freshet(config) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        mariadb.sql("BEGIN; UPDATE small SET n = 1;"
                    "INSERT INTO large SELECT seq, CONCAT('a name of some length ', MD5(seq)), CONCAT('user', seq, '@example.com'), 0 "
                    f"FROM seq_1_to_{ROWS}; UPDATE large SET n = 1; UPDATE small SET n = 2; COMMIT", database)
        freshet.wait_until(lambda: freshet.query("SELECT n FROM small") == [{"n": 2}], PATIENCE, "the transaction")
        assert freshet.query("SELECT count(*) AS all_rows, sum(n) AS n, count(*) FILTER (email = '#####') AS masked FROM large") == \
            [{"all_rows": ROWS, "n": ROWS, "masked": ROWS}]
        assert freshet.query("SELECT count(*) AS changes, count(DISTINCT _offset) AS once FROM large_history") == \
            [{"changes": 2 * ROWS, "once": 2 * ROWS}]
        peak = peak_megabytes(freshet)
        print(f"{ROWS} rows inserted and updated in one transaction: {peak:.0f} MB at most")
        assert peak < MOST_MEGABYTES
        freshet.stop()
    mariadb.sql(f"DROP DATABASE {database}")


def fill(cursor, rows):
    """Doubles the table until it has all rows, each of noise and of words that a compressed log has for nothing."""
    text = ", ".join(f"SHA2(id * {step} + {{0}}, 512)" for step in (3, 5, 7, 11, 13, 17))
    text = f"CONCAT({text}, REPEAT(' the same again', 48), ' end')"
    cursor.execute(f"INSERT INTO wide SELECT id, {text.format(0)} FROM (SELECT 0 AS id) AS first")
    have = 1
    while have < rows:
        cursor.execute(f"INSERT INTO wide SELECT id + {have}, {text.format(have)} FROM wide WHERE id < {rows - have}")
        have = min(2 * have, rows)


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "compressed"])
def test_memory_does_not_grow_with_the_bytes_of_a_transaction(compressed):
    args = ["--innodb-redo-log-capacity=256M"] + ["--binlog-transaction-compression"] * compressed
    with start_or_skip(MySQL, args=tuple(args)) as server:
        server.sql("CREATE DATABASE d; USE d; CREATE TABLE wide (id INT PRIMARY KEY, text VARCHAR(2000)); CREATE TABLE small (id INT PRIMARY KEY)")
        with Freshet({"source": {"url": server.url(), "tables": ["d.*"]}}) as freshet:
            freshet.start()
            freshet.wait_until_caught_up()
            with server.connect("d", autocommit=False) as link, link.cursor() as cursor:
                fill(cursor, WIDE_ROWS)
                cursor.execute("INSERT INTO small VALUES (1)")
                link.commit()
            logged = sum((server.data / file).stat().st_size for file in server.log_files())
            assert compressed == (logged < 1_000 * WIDE_ROWS), f"{logged} bytes of log are not what was asked for"
            freshet.wait_until(lambda: freshet.query("SELECT id FROM small"), PATIENCE + WIDE_ROWS / 1_000, "the transaction")
            expected = [{"rows": WIDE_ROWS, "ids": WIDE_ROWS * (WIDE_ROWS - 1) // 2, "whole": WIDE_ROWS}]
            for table in ("wide", "wide_history"):
                assert freshet.query("SELECT count(*) AS rows, sum(id) AS ids, count(DISTINCT id) FILTER (text LIKE '% end') AS whole "
                                     f"FROM {table}") == expected
            peak = peak_megabytes(freshet)
            print(f"{WIDE_ROWS} rows in {logged >> 20} MiB of log: {peak:.0f} MB at most")
            assert peak < MOST_MEGABYTES
            freshet.stop()
