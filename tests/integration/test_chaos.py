"""Writers change tables while freshet loads and follows them and is killed again and again.

At the end every mirror equals its source table, and the history holds each change exactly once.
Environment: FRESHET_CHAOS_SEED (printed), FRESHET_CHAOS_CHANGES, FRESHET_CHAOS_KILLS; `make chaos`
runs it at full length.
"""

import json
import os
import random
import threading
import time
from collections import Counter

import pytest

from harness.freshet import Freshet
from harness.servers import MySQL56

CHANGES = int(os.environ.get("FRESHET_CHAOS_CHANGES", "40000"))
KILLS = int(os.environ.get("FRESHET_CHAOS_KILLS", "8"))
PRELOADED = 4000
WRITERS = 2

# `v` is a number that no other change carries: the history must hold it exactly once.
TABLES = {
    "plain": "id INT PRIMARY KEY, v BIGINT, name VARCHAR(40), amount DECIMAL(14,4), made DATETIME(6)",
    "pair": "a INT, b VARCHAR(20), v BIGINT, note TEXT, PRIMARY KEY (b, a)",
    "bare": "v BIGINT, word VARCHAR(20), n INT, KEY (v)",
    "doc": "id BIGINT UNSIGNED PRIMARY KEY, v BIGINT, body JSON",
    "wide": "id INT UNSIGNED PRIMARY KEY, v BIGINT, f FLOAT, d DOUBLE, t TIME(3), y YEAR, s SET('x','y','z'), "
            "e ENUM('one','two'), bin VARBINARY(20), flag BIT(5), big LONGTEXT",
}
COMPARED = {
    "plain": ("id, v, name, amount, made", "id, v, name, amount, made"),
    "pair": ("a, b, v, note", "a, b, v, note"),
    "bare": ("v, word, n", "v, word, n"),
    "doc": ("id, v, JSON_VALUE(body, '$.k'), JSON_VALUE(body, '$.in.x')", 'id, v, "body.k", "body.in.x"'),
    "wide": ("id, v, f, d, t, y, s, e, HEX(bin), flag + 0, big",
             "id, v, f, d, t, y, s, e, hex(bin), CAST('0b' || right(CAST(flag::BIT AS VARCHAR), 8) AS INT), big"),
}


def scale_of(server):
    """The tables that the server can have, how many changes it gets, and how many kills there are: few on the oldest,
    of which others have shown that its log is read as that of the newest."""
    if isinstance(server, MySQL56):
        return [table for table in TABLES if table != "doc"], CHANGES // 8, max(2, KILLS // 4)
    return list(TABLES), CHANGES, KILLS


class Writer(threading.Thread):
    """Random transactions on its own share of the keys; remembers what it committed."""

    numbers = iter(range(1_000_000, 10**9))

    def __init__(self, server, database, tables, share, seed, changes):
        super().__init__(daemon=True)
        self.tables = tables
        self.link = server.connect(database, autocommit=False)
        self.share, self.random, self.left = share, random.Random(seed), changes
        self.live = {table: {} for table in tables}  # key -> v
        self.done = Counter()                        # (table, op, v)
        self.next_key = 10_000_000 * (share + 1)
        self.error = None

    def preload(self):
        with self.link.cursor() as cursor:
            for table in self.tables:
                for start in range(0, PRELOADED, 500):
                    rows = [self.new_row(table) for _ in range(500)]
                    cursor.execute(f"INSERT INTO {table} VALUES " + ",".join(text for _, _, text in rows))
                    self.live[table].update({key: v for key, v, _ in rows})
        self.link.commit()

    def run(self):
        try:
            while self.left > 0:
                self.transaction()
        except Exception as error:  # shown by the test
            self.error = error

    def transaction(self):
        pending, undo = Counter(), []
        with self.link.cursor() as cursor:
            for _ in range(self.random.choice((1, 1, 2, 5, 20))):
                self.change(cursor, self.random.choice(self.tables), pending, undo)
        if self.random.random() < 0.05:
            self.link.rollback()
            for table, key, v in reversed(undo):
                self.live[table].pop(key, None) if v is None else self.live[table].__setitem__(key, v)
            return
        self.link.commit()
        self.done += pending
        self.left -= sum(pending.values())

    def change(self, cursor, table, pending, undo):
        live, dice = self.live[table], self.random.random()
        if dice < 0.4 or not live:
            rows = [self.new_row(table) for _ in range(self.random.choice((1, 1, 1, 10)))]
            cursor.execute(f"INSERT INTO {table} VALUES " + ",".join(text for _, _, text in rows))
            for key, v, _ in rows:
                live[key] = v
                undo.append((table, key, None))
                pending[table, "insert", v] += 1
            return
        key = self.random.choice(list(live)) if len(live) < 50 else next(iter(live))
        old = live.pop(key)
        undo.append((table, key, old))
        if dice < 0.75:
            v = next(self.numbers)
            new_key = self.update(cursor, table, key, v)
            live[new_key] = v
            undo.append((table, new_key, old if new_key == key else None))
            pending[table, "update", v] += 1
        else:
            cursor.execute(f"DELETE FROM {table} WHERE {self.where(table, key)}")
            pending[table, "delete", old] += 1

    def update(self, cursor, table, key, v):
        new_key, sets = key, f"v = {v}"
        if table == "plain" and self.random.random() < 0.1:
            self.next_key += 1
            new_key, sets = self.next_key, f"v = {v}, id = {self.next_key}"
        elif table == "bare":
            new_key = v
        elif table == "doc":
            sets += f", body = '{self.document()}'"
        cursor.execute(f"UPDATE {table} SET {sets} WHERE {self.where(table, key)}")
        return new_key

    @staticmethod
    def where(table, key):
        if table == "pair":
            return f"a = {key[0]} AND b = '{key[1]}'"
        return f"{'v' if table == 'bare' else 'id'} = {key}"

    def document(self):
        return json.dumps({"k": self.random.choice("abc"), "in": {"x": str(self.random.randrange(100))}, "l": [1, 2.5]})

    def new_row(self, table):
        self.next_key += 1
        key, v, dice = self.next_key, next(self.numbers), self.random
        if table == "plain":
            return key, v, f"({key},{v},'name {dice.randrange(99)}',{dice.randrange(10**8)}.{dice.randrange(9999):04},'2026-01-02 03:04:05.{dice.randrange(10**6):06}')"
        if table == "pair":
            b = dice.choice(("x", "Y", "z'z", "ä"))
            return (key, b.replace("'", "''")), v, f"({key},'{b.replace(chr(39), chr(39) * 2)}',{v},NULL)"
        if table == "bare":
            return v, v, f"({v},'{dice.choice(('red', 'green'))}',{dice.choice(('NULL', '7'))})"
        if table == "doc":
            return key, v, f"({key},{v},'{self.document()}')"
        return key, v, (f"({key},{v},{dice.randrange(1000) / 8},{dice.random()!r},'-{dice.randrange(800)}:01:02.345',2026,"
                        f"'x,z','two',X'00FF{dice.randrange(256):02X}',{dice.randrange(32)},REPEAT('long ', {dice.randrange(50)}))")


@pytest.mark.parametrize("server", ["mariadb", "mysql", "mysql56"], indirect=True)
def test_kill9_loses_and_repeats_nothing(server, database):
    seed = int(os.environ.get("FRESHET_CHAOS_SEED", random.randrange(10**9)))
    print(f"FRESHET_CHAOS_SEED={seed}")
    dice = random.Random(seed)
    tables, changes, kills = scale_of(server)
    for table in tables:
        server.sql(f"CREATE TABLE {table} ({TABLES[table]})", database)
    writers = [Writer(server, database, tables, share, seed + share, changes // WRITERS) for share in range(WRITERS)]
    for writer in writers:
        writer.preload()

    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.*"], "snapshot": {"chunk_rows": 700}},
                  "lake": {"flush_interval": "700ms"}}) as freshet:
        freshet.start()
        freshet.wait_until(lambda: connected(freshet), 30, "a connection")
        for writer in writers:
            writer.start()
        for _ in range(kills):
            time.sleep(dice.uniform(0.1, 3.0))
            freshet.kill9()
            freshet.start()
        for writer in writers:
            writer.join()
            assert writer.error is None, f"seed {seed}: {writer.error!r}"
        freshet.wait_until_caught_up(180)
        for table in tables:
            check_mirror(freshet, server, database, table, seed)
        check_history(freshet, writers, tables, seed)
        assert freshet.status()["ledger"]["balanced"]
        freshet.stop()
        for table in tables:  # the committed lake alone says the same
            check_mirror(freshet, server, database, table, seed)


def connected(freshet):
    try:
        return freshet.status()["source"]["connected"]
    except RuntimeError:
        return False


def check_mirror(freshet, server, database, table, seed):
    select = f"SELECT {COMPARED[table][1]} FROM {table}"
    expected = [tuple(map(canonical, row)) for row in server.sql(f"SELECT {COMPARED[table][0]} FROM {table}", database)]
    found = [tuple(map(canonical, row.values())) for row in freshet.query(select)]
    missing, extra = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    assert not missing and not extra, f"seed {seed}, {table}: missing {list(missing)[:3]}, extra {list(extra)[:3]}"


def canonical(value):
    """Numbers by value, everything else by its text: two clients print them differently."""
    if value is None:
        return None
    if hasattr(value, "total_seconds"):  # pymysql's TIME
        micros = round(value.total_seconds() * 10**6)
        seconds, rest = divmod(abs(micros), 10**6)
        return f"{'-' if micros < 0 else ''}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest // 1000:03}"
    if isinstance(value, (set, frozenset)):
        return ",".join(sorted(value))
    text = str(value)
    try:
        return float(text)
    except ValueError:
        return text.rstrip("0") if ":" in text and "." in text else text


def check_history(freshet, writers, tables, seed):
    done = sum((writer.done for writer in writers), Counter())
    for table in tables:
        rows = freshet.query(f"SELECT _op, v, count(*) AS n FROM {table}_history WHERE _op <> 'load' GROUP BY ALL")
        found = Counter({(table, row["_op"], int(row["v"])): int(row["n"]) for row in rows})
        expected = Counter({key: n for key, n in done.items() if key[0] == table})
        missing, extra = expected - found, found - expected
        assert not missing and not extra, (
            f"seed {seed}, {table}: {len(missing)} changes missing {list(missing)[:3]}, {len(extra)} too many {list(extra)[:3]}")
