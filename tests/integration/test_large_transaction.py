"""A transaction that is larger than memory: what freshet takes of it does not grow with it.

Environment: FRESHET_LARGE_ROWS (of the transaction; as many rows are updated in it again), for which `make large`
takes 10 million.
"""

import os

from harness.freshet import Freshet

ROWS = int(os.environ.get("FRESHET_LARGE_ROWS", "600000"))
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
