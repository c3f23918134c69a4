"""A large table is loaded by several workers while a writer changes it, and the load is killed again and again.

It resumes inside the table, locks nothing, and ends with the mirror equal to the source. Environment:
FRESHET_LOAD_ROWS, FRESHET_LOAD_CHANGES (row changes per second), FRESHET_LOAD_KILLS, FRESHET_LOAD_SECONDS (at least;
0 = as fast as it goes), FRESHET_LOAD_WORKERS; `make load` takes 20 million rows, 2,000 changes and 10 kills.
"""

import os
import random
import threading
import time

import pytest

from harness.freshet import Freshet
from harness.lock_watch import SERVER_OPTIONS, LockWatch
from harness.servers import CDC_USER, MariaDB, MySQL, start_or_skip

ROWS = int(os.environ.get("FRESHET_LOAD_ROWS", "200000"))
CHANGES = int(os.environ.get("FRESHET_LOAD_CHANGES", "300"))
KILLS = int(os.environ.get("FRESHET_LOAD_KILLS", "3"))
SECONDS = int(os.environ.get("FRESHET_LOAD_SECONDS", "12"))
WORKERS = int(os.environ.get("FRESHET_LOAD_WORKERS", "4"))
CHUNK_ROWS = max(1_000, min(50_000, ROWS // 100))
MOST_MEGABYTES = 512
PATIENCE = 240 + ROWS / 5_000

STEP = 10  # between the keys that are there at first: others come in between
COLUMNS = "id BIGINT PRIMARY KEY, name VARCHAR(60), email VARCHAR(60), n INT NOT NULL"
SUMS = "count(*) AS c, sum(n) AS n, sum(id % 1009 * n) AS weighed, sum(length(name)) AS letters"
BUCKET = 100_000 * STEP


def fill(server, database):
    """Doubles the table until it has all rows; the log knows nothing of them."""
    with server.connect(database) as link, link.cursor() as cursor:
        cursor.execute(f"SET sql_log_bin = 0; CREATE TABLE big ({COLUMNS})")
        while cursor.nextset():
            pass
        cursor.executemany("INSERT INTO big VALUES (%s, %s, %s, 0)",
                           [(i * STEP, f"a name of some length {i}", f"user{i}@example.com") for i in range(1000)])
        have = 1000
        while have < ROWS:
            cursor.execute(f"INSERT INTO big SELECT id + {have * STEP}, CONCAT('a name of some length ', id), "
                           f"CONCAT('user', id, '@example.com'), 0 FROM big WHERE id < {(ROWS - have) * STEP}")
            have = min(2 * have, ROWS)


class Writer(threading.Thread):
    """Ten row changes in a statement or two, all over the table, so many a second; notes the longest wait."""

    AT_ONCE = 10

    def __init__(self, server, database):
        super().__init__(daemon=True)
        self.link = server.connect(database)
        self.random = random.Random(7)
        self.stopping = threading.Event()
        self.changes, self.longest_wait, self.error = 0, 0.0, None

    def run(self):
        try:
            begin = time.monotonic()
            with self.link.cursor() as cursor:
                while not self.stopping.is_set():
                    self.change(cursor)
                    time.sleep(max(0, begin + self.changes / CHANGES - time.monotonic()))
        except Exception as error:  # shown by stop()
            self.error = error

    def change(self, cursor):
        key = self.random.randrange(ROWS) * STEP
        statement = self.random.choice((
            f"UPDATE big SET n = n + 1 WHERE id IN ({','.join(str(self.random.randrange(ROWS) * STEP) for _ in range(self.AT_ONCE))})",
            f"UPDATE big SET n = n + 1, name = 'changed' WHERE id BETWEEN {key} AND {key + (self.AT_ONCE - 1) * STEP}",
            "INSERT IGNORE INTO big VALUES " + ",".join(f"({key + i}, 'new', NULL, 5)" for i in range(1, STEP)),
            f"DELETE FROM big WHERE id > {key} AND id < {key + STEP}",
            f"UPDATE IGNORE big SET id = id + 1, n = n + 3 WHERE id = {key}"))
        begin = time.monotonic()
        cursor.execute(statement)
        self.longest_wait = max(self.longest_wait, time.monotonic() - begin)
        self.changes += self.AT_ONCE

    def stop(self):
        self.stopping.set()
        self.join()
        self.link.close()
        if self.error:
            raise self.error


def rows_sent(server):
    """Rows that the reader's SELECTs were sent, and the number of these, by the server's own count."""
    return server.sql("SELECT SUM_ROWS_SENT, COUNT_STAR FROM performance_schema.events_statements_summary_by_user_by_event_name "
                      f"WHERE USER = '{CDC_USER}' AND EVENT_NAME = 'statement/com/Execute'")[0]


def table_of(freshet):
    try:
        tables = freshet.status()["source"]["tables"]
    except RuntimeError:  # not up yet
        return None
    return tables[0] if tables else None


def loaded(freshet):
    table = table_of(freshet)
    return table["loaded"] if table else 0


def peak_megabytes(freshet):
    with open(f"/proc/{freshet.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def sums_of_source(server, database):
    return {int(row[0]): tuple(int(v) for v in row[1:])
            for row in server.sql(f"SELECT id DIV {BUCKET}, {SUMS} FROM big GROUP BY 1", database)}


def sums_of_lake(freshet):
    return {int(row["b"]): tuple(int(row[k]) for k in ("c", "n", "weighed", "letters"))
            for row in freshet.query(f"SELECT id // {BUCKET} AS b, {SUMS} FROM big GROUP BY 1")}


@pytest.mark.parametrize("kind", [MariaDB, MySQL])
def test_a_killed_load_resumes_inside_the_table_and_locks_nothing(kind):
    database = "loaded"
    with start_or_skip(kind, args=(*SERVER_OPTIONS, "--innodb-buffer-pool-size=256M")) as server:
        server.sql(f"CREATE DATABASE {database}")
        fill(server, database)
        snapshot = {"workers": WORKERS, "chunk_rows": CHUNK_ROWS, "rows_per_second": ROWS // SECONDS if SECONDS else 0}
        config = {"source": {"url": server.url(), "tables": [f"{database}.*"], "snapshot": snapshot}}
        with Freshet(config) as freshet:
            peaks, places = kill_again_and_again(server, database, freshet)
            freshet.wait_until_caught_up(PATIENCE)
            peaks.append(peak_megabytes(freshet))
            assert sums_of_lake(freshet) == sums_of_source(server, database)
            loads = int(freshet.query("SELECT count(*) AS c FROM big_history WHERE _op = 'load'")[0]["c"])
            assert loads == table_of(freshet)["loaded"], "a row entered the stream twice, or not at all"
            assert freshet.status()["ledger"]["balanced"]
            verified = freshet.command("verify", timeout=PATIENCE)
            assert verified.returncode == 0, verified.stdout + verified.stderr
            freshet.stop()
        print(f"{server.name}: {max(peaks):.0f} MB at most; killed at {places} of {loads} rows")
        assert max(peaks) < MOST_MEGABYTES


def kill_again_and_again(server, database, freshet):
    """From the first start to the end of the load; the memory that each process took, and where each kill came."""
    watch, writer = LockWatch(server, database), Writer(server, database)
    begin, peaks, places = time.monotonic(), [], []
    freshet.start()
    watch.start()
    writer.start()
    for kill in range(KILLS):
        due = (kill + 1) * ROWS // (KILLS + 1)
        freshet.wait_until(lambda due=due: loaded(freshet) >= due, PATIENCE, f"{due} rows")
        before = table_of(freshet)
        assert before["state"] == "loading", f"the load was over before kill {kill}: {before}"
        peaks.append(peak_megabytes(freshet))
        freshet.kill9()
        places.append(before["loaded"])
        freshet.start()
        freshet.wait_until(lambda: loaded(freshet) > 0, 60, "the load to go on")
        assert loaded(freshet) >= before["loaded"], "the load began anew"
    freshet.wait_until(lambda: table_of(freshet)["state"] == "done", PATIENCE, "the load's end")
    seconds = time.monotonic() - begin
    writer.stop()
    watch.stop()
    tell_of_reading(server, freshet, seconds)
    tell_of_locks(server, watch, writer, seconds)
    return peaks, places


def tell_of_reading(server, freshet, seconds):
    sent, selects = rows_sent(server)
    rows = loaded(freshet)
    ends = int(selects) // 2 - 1  # every other SELECT asks for the key that ends a chunk; the last chunk has none
    again = int(sent) - rows - ends
    print(f"\n{server.name}: {rows} rows loaded in {seconds:.0f} s ({rows / seconds:,.0f}/s), {again} read again")
    assert rows >= ROWS * 0.9
    assert again <= KILLS * (WORKERS + 1) * CHUNK_ROWS, "more was read again than the chunks under way"


def tell_of_locks(server, watch, writer, seconds):
    longest = max(watch.blocking.values(), default=0)
    print(f"{server.name}: {writer.changes / seconds:,.0f} changes/s, of which none waited longer than "
          f"{writer.longest_wait * 1000:.0f} ms; {watch.looks} looks at the locks, {len(watch.blocking)} that keep "
          f"writers off, for {longest * 1000:.0f} ms at most; longest view {watch.longest_view * 1000:.0f} ms")
    assert watch.views_seen, "the watch saw none of the reader's views: it looks at the wrong place"
    assert watch.rows_locked == 0
    assert longest < 1 and (server.name == "mysql" or not watch.blocking)
    assert writer.longest_wait < seconds / 2, "a statement waited for the load"
