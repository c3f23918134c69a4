"""Masked at capture: no personal value of the source stands in any file below the data directory, while it runs and
after kill -9, and the lake still follows every change."""

import random
import string

import pytest

from harness.freshet import Freshet

TABLES = """
CREATE TABLE people (id INT PRIMARY KEY, email VARCHAR(100), phone CHAR(20), note TEXT, profile JSON, raw BLOB);
CREATE TABLE by_address (email VARCHAR(100) PRIMARY KEY, n INT);
CREATE TABLE by_number (phone BIGINT PRIMARY KEY, n INT);
CREATE TABLE calls (caller VARCHAR(60), n INT);
"""
PEOPLE = 600
LETTERS = string.ascii_letters + string.digits


class Person:
    """Random names, so that compressed files hold them as they are, mostly: nothing earlier resembles them."""

    def __init__(self, n: int, rng: random.Random):
        def name():
            return "".join(rng.choices(LETTERS, k=14))
        self.n = n
        self.names = [name() for _ in range(5)]
        self.number = 4_915_000_000_000 + rng.randrange(10**9) * 10 + n % 10
        self.needles = [*self.names, str(self.number), f"{self.number % 10**10:010}"]

    def mail(self, i: int) -> str:
        return f"{self.names[i]}@example.org"

    def insert(self):
        profile = '{"mail": "%s", "all": ["%s"]}' % (self.mail(1), self.mail(2))
        yield "INSERT INTO people VALUES (%s, %s, %s, %s, %s, %s)", (
            self.n, self.mail(0), f"+{self.number}", f"write to {self.mail(3)}", profile, self.mail(4).encode())
        yield "INSERT INTO by_address VALUES (%s, %s)", (self.mail(0), self.n)
        yield "INSERT INTO by_number VALUES (%s, %s)", (self.number, self.n)
        yield "INSERT INTO calls VALUES (%s, %s)", (self.mail(1), self.n)

    def change(self):
        yield "UPDATE people SET email = %s WHERE id = %s", (self.mail(4), self.n)
        yield "UPDATE by_address SET email = %s WHERE n = %s", (self.mail(3), self.n)
        yield "DELETE FROM by_number WHERE phone = %s", (self.number,)
        yield "DELETE FROM calls WHERE caller = %s", (self.mail(1),)


def execute(server, database, statements):
    with server.connect(database, autocommit=False) as connection, connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)
        connection.commit()


def needles_in(freshet, people) -> set[str]:
    """File and needle, of those that stand in a file; also in the bytes of numbers."""
    found = set()
    wanted = [(needle, needle.encode()) for person in people for needle in person.needles]
    for path in (freshet.directory / "freshet-data").rglob("*"):
        try:
            data = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:  # compacted meanwhile
            continue
        found |= {(str(path.relative_to(freshet.directory)), needle) for needle, text in wanted if text in data}
    return found


def loaded(freshet) -> int:
    try:
        return freshet.status()["ledger"]["loaded"]
    except RuntimeError:  # not up yet
        return 0


def settings(server, database, at):
    return {"source": {"url": server.url(), "tables": [f"{database}.*"], "snapshot": {"chunk_rows": 100}},
            "lake": {"flush_interval": "200ms"}, "transform": {"sensitive_data": {"at": at}}}


@pytest.fixture
def people(server, database):
    seed = 20261122
    print("seed", seed)
    rng = random.Random(seed)
    people = [Person(n, rng) for n in range(PEOPLE)]
    server.sql(TABLES, database)
    execute(server, database, [s for person in people[:400] for s in person.insert()])
    return people


def test_the_search_finds_what_is_clear(server, database, people):
    with Freshet(settings(server, database, "ingest")) as freshet:
        freshet.start().wait_until_caught_up()
        found = needles_in(freshet, people)
        assert len({needle for _, needle in found}) > 400, "the stream holds the rows as the source has them"
        assert {file.split("/")[1] for file, _ in found} == {"stream"}


def test_nothing_clear_in_any_file(server, database, people):
    with Freshet(settings(server, database, "capture")) as freshet:
        freshet.start("--log-level", "debug")
        freshet.wait_until(lambda: loaded(freshet) > 150)
        freshet.kill9()  # amid the load, as a rule
        assert needles_in(freshet, people) == set()
        freshet.start("--log-level", "debug").wait_until_caught_up()
        assert needles_in(freshet, people) == set()

        execute(server, database, [s for person in people[400:] for s in person.insert()])
        execute(server, database, [s for person in people[::3] for s in person.change()])
        secret = Person(1000, random.Random(7))
        server.sql(f"ALTER TABLE people ADD COLUMN more VARCHAR(60) DEFAULT '{secret.mail(0)}' COMMENT 'ask {secret.mail(1)}'", database)
        left = PEOPLE - len(people[::3])
        freshet.wait_until(lambda: freshet.caught_up() and freshet.query("SELECT count(*) AS n FROM calls")[0]["n"] == left)
        assert needles_in(freshet, [*people, secret]) == set()
        counts = freshet.query("SELECT (SELECT count(*) FROM people) AS p, (SELECT count(DISTINCT email) FROM by_address) AS a, "
                               "(SELECT count(DISTINCT phone) FROM by_number) AS n, (SELECT count(*) FROM calls) AS c")
        assert counts == [{"p": PEOPLE, "a": PEOPLE, "n": left, "c": left}]
        assert {row["email"] for row in freshet.query("SELECT DISTINCT email FROM people")} == {"#####"}

        freshet.kill9()
        assert needles_in(freshet, [*people, secret]) == set()
        freshet.start().wait_until_caught_up()
        # The stream as it is, decoded.
        freshet.stop()
        tail = freshet.command("tail", "--unmasked", "--limit", "1000000").stdout
        assert tail.count("\n") > 4 * PEOPLE
        assert [needle for person in [*people, secret] for needle in person.needles if needle in tail] == []
        log = freshet.log.read_text()
        assert [needle for person in [*people, secret] for needle in person.needles if needle in log] == []


def test_prepared_transactions_wait_sealed(server, database):
    server.sql(TABLES, database)
    person = Person(1, random.Random(11))
    with Freshet(settings(server, database, "capture")) as freshet:
        freshet.start().wait_until_caught_up()
        with server.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute("XA START 'later'")
            for statement, values in person.insert():
                cursor.execute(statement, values)
            cursor.execute("XA END 'later'")
            cursor.execute("XA PREPARE 'later'")
        spool = freshet.directory / "freshet-data" / "state" / "spool"
        server.sql("INSERT INTO by_number VALUES (1, 1)", database)
        freshet.wait_until(lambda: list(spool.glob("xa-*.prepared")))
        assert needles_in(freshet, [person]) == set()
        freshet.kill9()
        assert needles_in(freshet, [person]) == set()
        freshet.start()
        server.sql("XA COMMIT 'later'")
        freshet.wait_until(lambda: freshet.caught_up() and freshet.query("SELECT count(*) AS n FROM people") == [{"n": 1}])
        assert freshet.query("SELECT email, phone FROM people") == [{"email": "#####", "phone": "#####"}]
        assert needles_in(freshet, [person]) == set()


def test_the_place_can_change(server, database, people):
    """Rows keep their identity, wherever they are masked."""
    with Freshet(settings(server, database, "ingest")) as freshet:
        freshet.start().wait_until_caught_up()
        for at, wave in (("capture", people[0:100]), ("ingest", people[100:200])):
            freshet.stop()
            freshet.configure(settings(server, database, at))
            freshet.start().wait_until_caught_up()
            execute(server, database, [s for person in wave for s in person.change()])
            freshet.wait_until(freshet.caught_up)
        freshet.wait_until(lambda: freshet.query("SELECT count(*) AS n FROM calls")[0]["n"] == 200)
        assert freshet.query("SELECT count(*) AS n, count(DISTINCT email) AS m FROM by_address") == [{"n": 400, "m": 400}]
        assert freshet.query("SELECT count(*) AS n FROM by_number") == [{"n": 200}]
