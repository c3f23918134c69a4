"""No e-mail address and no phone number of the source stands anywhere in the lake, the log, status or tail."""

import json
import re
import zlib
from pathlib import Path

import pytest

from harness.freshet import Freshet
from harness.readers import PYICEBERG, pyiceberg, rows_of

TABLES = """
CREATE TABLE people (id INT PRIMARY KEY, email VARCHAR(100), phone CHAR(20), note TEXT, profile JSON);
CREATE TABLE by_address (email VARCHAR(100), n INT, PRIMARY KEY (email));
CREATE TABLE by_number (phone VARCHAR(30), country CHAR(2), n INT, PRIMARY KEY (phone, country));
CREATE TABLE calls (caller VARCHAR(40), remark LONGTEXT CHARACTER SET latin1, kind ENUM('in', 'out'));
"""
NAMES = ("people", "by_address", "by_number", "calls")
WAVES = 3  # of rows: loaded, logged, logged after a restart


class Person:
    """What a person's rows hold; `secrets` are the texts that must not be found again."""

    def __init__(self, n: int):
        self.n = n
        self.mails = [f"{word}{n}@mail{n}.example.{zone}" for word, zone in
                      (("ann.bee", "org"), ("cid+tag", "com"), ("dan_e", "net"), ("eve", "co.uk"), ("key", "io"))]
        self.phones = [f"(555) 23{n % 10}-4{n:03}", f"+49 30 9018{n:03}", f"+4420794609{n:02}", f"555-87{n % 10}-9{n:03}"]
        self.secrets = self.mails + self.phones

    def profile(self) -> str:
        return json.dumps({
            "contact": {"mail": self.mails[1], "tel": self.phones[1], "years": self.n},
            "all": [self.mails[2], {"deep": [self.phones[2], 1, None]}],
            "text": f"write to {self.mails[3]}, or call {self.phones[3]} after 5",
            "by": {self.mails[4]: "key"},
        })

    def insert(self) -> list[tuple]:
        n, note = self.n, f"Mail {self.mails[3]} or tel. {self.phones[2]}; order 2026-11-05, 12.50 EUR"
        return [("INSERT INTO people VALUES (%s, %s, %s, %s, %s)", (n, self.mails[0], self.phones[0], note, self.profile())),
                ("INSERT INTO by_address VALUES (%s, %s)", (self.mails[0], n)),
                ("INSERT INTO by_number VALUES (%s, 'US', %s)", (self.phones[0], n)),
                ("INSERT INTO calls VALUES (%s, %s, 'in')", (self.phones[3], f"{self.mails[1]}\n{note}"))]

    def update(self) -> list[tuple]:
        """New values and keys; the old ones stand in the before images."""
        return [("UPDATE people SET email = %s, note = %s WHERE id = %s", (self.mails[1], self.phones[3], self.n)),
                ("UPDATE by_address SET email = %s WHERE n = %s", (self.mails[2], self.n)),
                ("UPDATE by_number SET phone = %s WHERE n = %s", (self.phones[1], self.n)),
                ("UPDATE calls SET caller = %s WHERE caller = %s", (self.phones[0], self.phones[3]))]

    def delete(self) -> list[tuple]:
        return [("DELETE FROM people WHERE id = %s", (self.n,)), ("DELETE FROM by_address WHERE n = %s", (self.n,)),
                ("DELETE FROM by_number WHERE n = %s", (self.n,)), ("DELETE FROM calls WHERE caller = %s", (self.phones[0],))]


class Needles:
    """Finds the secrets in text, however it is escaped, and phone numbers however they are grouped."""

    def __init__(self, people: list[Person]):
        self.mails = [mail.split("@")[0] + "@" for person in people for mail in person.mails]
        self.mails += [mail.split("@")[1] for person in people for mail in person.mails]
        phones = {phone for person in people for phone in person.phones}
        self.phones = [re.sub(r"\D", "", phone) for phone in phones]
        self.parts = [phone[-8:] for phone in phones]

    def search(self, text: str) -> list[str]:
        text = text.replace("\\/", "/").lower()
        numbers = re.sub(r"[ ()+./-]", "", text)
        return ([mail for mail in self.mails if mail in text] + [part for part in self.parts if part in text] +
                [phone for phone in self.phones if phone in numbers])


def execute(server, database, statements):
    with server.connect(database, autocommit=False) as connection, connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)
        connection.commit()


def changes_seen(freshet) -> int:
    every = " UNION ALL ".join(f"SELECT _op FROM {table}_history" for table in NAMES)
    return freshet.query(f"SELECT count(*) AS n FROM ({every})")[0]["n"]


def avro_text(path: Path) -> str:
    """The blocks of an Avro container file, inflated: strings, keys, bounds and all."""
    data = path.read_bytes()
    assert data[:4] == b"Obj\x01", path
    header, sync = data.index(b"avro.codec"), data[-16:]
    codec = data[header:header + 24]
    start = data.index(sync) + 16
    blocks = []
    for block in data[start:].split(sync)[:-1]:
        for _ in range(2):  # the counts of rows and bytes, variable-length integers
            while block[0] & 0x80:
                block = block[1:]
            block = block[1:]
        blocks.append(zlib.decompress(block, -15) if b"deflate" in codec else block)
        assert b"deflate" in codec or b"null" in codec, codec
    return (data[:start] + b"".join(blocks)).decode("latin1")


def decoded_parquet(table: Path, freshet: Freshet) -> str:
    """Every cell of a table's Parquet files, of deleted rows and of position deletes too."""
    done = freshet.command("query", "--format", "csv",
                           f"SELECT * FROM read_parquet('{table}/data/**/*.parquet', union_by_name = true, hive_partitioning = false)")
    assert done.returncode == 0 and done.stdout.count("\n") > 6, done.stderr
    return done.stdout


def texts_of_lake(freshet: Freshet):
    """The files of the lake and what can be read in them: bytes as they are, and decoded."""
    lake = freshet.directory / "freshet-data" / "lake"
    for path in sorted(path for path in lake.rglob("*") if path.is_file()):
        yield path, path.read_bytes().decode("latin1")
        if path.suffix == ".avro":
            yield path, avro_text(path)
    for table in (path.parent for path in lake.glob("*/*/data")):
        yield table, decoded_parquet(table, freshet)
        if PYICEBERG.exists():  # the same by a reader that is not ours
            yield table, "\n".join(str(row) for row in rows_of(pyiceberg("parquet_read.py"), table))


@pytest.fixture
def history_of_changes(server, database):
    """A stopped pipeline that has loaded and followed every kind of change; and the people in it."""
    server.sql(TABLES, database)
    people = [Person(n) for n in range(10, 10 + 6 * WAVES)]
    waves = [people[i::WAVES] for i in range(WAVES)]
    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.*"]}, "lake": {"flush_interval": "200ms"}}) as freshet:
        execute(server, database, [s for person in waves[0] for s in person.insert()])
        rows = 4 * len(waves[0])
        statuses = []
        for wave in waves[1:]:
            freshet.start("--log-level", "debug")
            freshet.wait_until_caught_up()
            for change in (Person.insert, Person.update):
                execute(server, database, [s for person in wave for s in change(person)])
            execute(server, database, [s for person in wave[:2] for s in Person.delete(person)])
            rows += 4 * (2 * len(wave) + 2)
            freshet.wait_until(lambda: changes_seen(freshet) == rows, what=f"{rows} rows of history")
            statuses.append(freshet.command("status", "--json").stdout + freshet.command("status").stdout)
            freshet.stop()
        yield freshet, people, statuses


def test_nothing_personal_leaves_the_stream(history_of_changes):
    """Every file of the lake, decoded, and all that freshet prints."""
    freshet, people, statuses = history_of_changes
    needles = Needles(people)
    source = "\n".join([*people[0].secrets, people[0].profile()])
    assert len(needles.search(source)) >= 2 * len(people[0].mails) + 2 * len(people[0].phones)  # the search itself works

    kinds = set()
    for path, text in texts_of_lake(freshet):
        kinds.add(path.suffix)
        assert needles.search(text) == [], path.relative_to(freshet.directory)
    assert kinds >= {".json", ".avro", ".parquet"}
    for table in NAMES:
        for name in (table, f"{table}_history"):
            done = freshet.command("query", "--format", "csv", f"SELECT * FROM {name}")
            assert done.returncode == 0 and ("#####" in done.stdout or "by_" in name)  # keys become hashes
            assert needles.search(done.stdout) == [], name

    tail = freshet.command("tail", "--limit", "100000").stdout
    assert tail.count("#####") > 100
    assert needles.search(tail) == []
    assert needles.search(freshet.log.read_text()) == []
    assert [found for status in statuses for found in needles.search(status)] == []
    for sql in ("SELECT CAST(email AS INT) FROM people", "SELECT CAST(note AS DATE) FROM people"):
        done = freshet.command("query", sql)
        assert done.returncode != 0 and needles.search(done.stderr) == []
