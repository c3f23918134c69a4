"""Personal values in one row of a thousand, in columns that are clean otherwise: none of them reaches the lake.

FRESHET_RARE_ROWS sets the number of rows (`make rare`: 1,000,000).
"""

import json
import os
import random
import re

import pytest

from harness.freshet import Freshet
from pii_eval import contacts, people, phones
from test_no_leak import avro_text

ROWS = int(os.environ.get("FRESHET_RARE_ROWS", "20000"))
SHARE = 0.001  # of the rows, in each column
SEED = 11
TABLE = """CREATE TABLE events (id INT PRIMARY KEY, note VARCHAR(300), status CHAR(250), payload JSON, body TEXT, raw VARBINARY(300), code VARCHAR(300))"""
WORDS = "parcel delayed at depot since Monday; sorted by lane and weight; nothing to see, next stop later".split()
COUNTRIES = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "IN", "BR", "JP", "AU")


class Sprinkler:
    """Rows of clean text, into which values are put now and then."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.mails: list[str] = []
        self.phones: list[str] = []

    def clean(self) -> str:
        return " ".join(self.rng.choices(WORDS, k=self.rng.randint(3, 9)))

    def value(self) -> str:
        n = len(self.mails) + len(self.phones)
        if self.rng.random() < 0.5:
            mail = contacts.email(self.rng, people.LOCALES["en_US"])
            while '"' in mail or "[" in mail or not mail.isascii():
                mail = contacts.email(self.rng, people.LOCALES["en_US"])
            self.mails.append(f"r{n}q{mail}")  # each is the only one of its kind
            return self.mails[-1]
        self.phones.append(self.phone())
        return self.phones[-1]

    def phone(self) -> str:
        return phones.international(self.rng, self.rng.choice(COUNTRIES)).text

    def text(self, share: float = SHARE) -> str:
        if self.rng.random() >= share:
            return self.clean()
        return self.rng.choice(("{0}", "{1} {0}", "{0}, {1}", "{1}: {0}; {1}")).format(self.value(), self.clean())

    def rows(self, first: int, count: int):
        for n in range(first, first + count):
            payload = {"step": n % 7, "at": {"note": self.text(), "list": [self.clean(), {"who": self.text()}]}}
            yield n, self.text(), self.text(), json.dumps(payload), self.text(), self.text().encode(), self.text()


def test_search_finds_what_is_there():
    """The search that the test relies on."""
    values = Values(["ann@example.org"], ["+49 (30) 90-1820"])
    assert values.search("x ann@example.org y") == {"ann@example.org"}
    assert values.search("@ann@example.org@ @") == values.search("joANN@EXAMPLE.ORG.uk") == {"ann@example.org"}
    assert values.search("@, an@example.org, ann@example.or") == set()
    assert values.search("x +49 (30) 90-1820 y") == values.search("tel 4930901820") == {"4930901820"}
    assert values.search("mail #####, phone #####") == set()
    assert values.search(binary_cells('"1","0x' + b"x ann@example.org".hex() + '"\n')) == {"ann@example.org"}


class Values:
    """All that was sprinkled, to be searched for in texts of any size in one pass each."""

    def __init__(self, mails, numbers):
        self.mails: dict[str, list[tuple[int, str]]] = {}  # what stands around the @ -> where it stands, the whole
        for mail in (mail.lower() for mail in mails):
            at = mail.index("@")
            self.mails.setdefault(mail[at - 3:at + 4], []).append((at, mail))
        self.numbers = {re.sub(r"\D", "", number) for number in numbers}

    def search(self, text: str) -> set[str]:
        text = text.lower()
        found = set()
        for sign in re.finditer("@", text):
            for at, mail in self.mails.get(text[sign.start() - 3:sign.start() + 4], ()):
                if text.startswith(mail, sign.start() - at):
                    found.add(mail)
        runs = {re.sub(r"\D", "", run) for run in re.findall(r"\d[\d ().+/-]{6,24}\d", text)}
        return found | (self.numbers & runs)


def binary_cells(csv: str) -> str:
    """The text in binary cells, which stand as hex digits."""
    return "\n".join(bytes.fromhex(cell).decode("latin1") for cell in re.findall(r'(?<=")0x((?:[0-9a-f]{2})+)(?=")', csv))


def texts_of_lake(freshet: Freshet):
    """The files of the lake and what can be read in them, one at a time: bytes as they are, and decoded."""
    for path in sorted(path for path in (freshet.directory / "freshet-data" / "lake").rglob("*") if path.is_file()):
        yield path, path.read_bytes().decode("latin1")
        if path.suffix == ".avro":
            yield path, avro_text(path)
        elif path.suffix == ".parquet":
            done = freshet.command("query", "--format", "csv", f"SELECT * FROM read_parquet('{path}', hive_partitioning = false)")
            assert done.returncode == 0 and done.stdout.count("\n") > 1, done.stderr
            yield path, done.stdout
            yield path, binary_cells(done.stdout)


@pytest.mark.parametrize("server", ["mariadb"], indirect=True)
def test_none_reaches_the_lake(server, database):
    """Half of the rows are loaded, half come through the log; then every file of the lake is searched."""
    print(f"seed {SEED}, {ROWS} rows")
    sprinkler = Sprinkler(random.Random(SEED))
    server.sql(TABLE, database)
    config = {"source": {"url": server.url(), "tables": [f"{database}.*"]}, "lake": {"flush_interval": "2s"},
              "transform": {"sensitive_data": {"mode": "column"}}}
    patience = 60 + ROWS / 1000
    with Freshet(config) as freshet:
        server.load(f"{database}.events", sprinkler.rows(0, ROWS // 2))
        freshet.start()
        freshet.wait_until_caught_up(patience)
        server.load(f"{database}.events", sprinkler.rows(ROWS // 2, ROWS - ROWS // 2))
        freshet.wait_until(lambda: freshet.query("SELECT count(*) AS n FROM events")[0]["n"] == ROWS, patience, f"{ROWS} rows")
        freshet.stop()

        values = Values(sprinkler.mails, sprinkler.phones)
        assert len(sprinkler.mails) > ROWS * SHARE and len(values.numbers) > ROWS * SHARE
        masked, kinds = 0, set()
        for path, text in texts_of_lake(freshet):
            kinds.add(path.suffix)
            leaked = values.search(text)
            assert not leaked, f"{len(leaked)} values stand in {path.relative_to(freshet.directory)}"
            masked += text.count("#####")
        assert kinds >= {".json", ".avro", ".parquet"}
        # History and mirror, each value once at least.
        assert masked >= 2 * (len(sprinkler.mails) + len(sprinkler.phones))
        assert values.search(freshet.log.read_text()) == set()
