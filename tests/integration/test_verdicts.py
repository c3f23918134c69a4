"""Column mode: a verdict on a column also concerns the rows that the lake had before."""

import pytest

from harness.freshet import Freshet

TABLE = "CREATE TABLE people (id INT PRIMARY KEY, reach VARCHAR(100), line BIGINT, info JSON)"
CLEAR = "knock-at-the-blue-door"  # no detector knows it


def settings(server, database, **sensitive):
    return {"source": {"url": server.url(), "tables": [f"{database}.*"]}, "lake": {"flush_interval": "200ms"},
            "transform": {"sensitive_data": {"mode": "column", **sensitive}}}


def files_with(freshet, text: str) -> list[str]:
    lake = freshet.directory / "freshet-data" / "lake"
    return [str(path.relative_to(lake)) for path in lake.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def insert(server, database, first, count, reach):
    rows = ", ".join(f"({n}, '{reach.format(n)}', 49151{n * 829377751 % 10**8:08}, '{{\"who\": \"{reach.format(n)}\"}}')" for n in range(first, first + count))
    server.sql(f"INSERT INTO people VALUES {rows}", database)


def rows(freshet):
    return freshet.query("SELECT count(*) AS n FROM people_history")[0]["n"]


def committed(freshet):
    return freshet.caught_up() and not freshet.status()["lake"]["tables"][0]["pending"]


@pytest.mark.parametrize("action, made", [("redact", "^#####$"), ("hash", "^[0-9a-f]{64}$"), ("tokenise", "^tok_0_")])
def test_rows_before_a_verdict_are_masked_by_it(server, database, action, made):
    server.sql(TABLE, database)
    insert(server, database, 1, 5, CLEAR + "-{}")
    with Freshet(settings(server, database, action=action)) as freshet:
        freshet.start().wait_until_caught_up()
        server.sql("UPDATE people SET reach = concat(reach, '!') WHERE id = 2; DELETE FROM people WHERE id = 3", database)
        freshet.wait_until(lambda: rows(freshet) == 7 and committed(freshet))
        assert files_with(freshet, CLEAR), "the search finds what is clear"

        insert(server, database, 100, 50, "ann{}@example.org")
        freshet.wait_until(lambda: "masked, too, in" in freshet.log.read_text() and committed(freshet))
        assert files_with(freshet, CLEAR) == []
        assert freshet.query("SELECT count(*) AS n FROM people") == [{"n": 54}]
        for table in ("people", "people_history"):
            wrong = f"SELECT count(*) AS n FROM {table} WHERE NOT regexp_matches(reach, '{made}') OR NOT regexp_matches(\"info.who\", '{made}')"
            assert freshet.query(wrong) == [{"n": 0}]
        # Phone numbers as numbers: their column became null.
        assert freshet.query("SELECT count(line) AS n FROM people_history") == [{"n": 0}]

        tail = freshet.command("tail", "--limit", "1000").stdout
        assert tail.count("people") > 50 and CLEAR not in tail
        assert CLEAR in freshet.command("tail", "--limit", "1000", "--unmasked").stdout, "the stream has rows as they came"

        # Changes go on, in this process and the next.
        server.sql("DELETE FROM people WHERE id = 4; UPDATE people SET id = 7 WHERE id = 5", database)
        freshet.wait_until(lambda: freshet.caught_up() and freshet.query("SELECT max(id) AS m, count(*) AS n FROM people WHERE id < 100") == [{"m": 7, "n": 3}])
        freshet.stop()
        freshet.start()
        insert(server, database, 200, 5, CLEAR + "-{}")
        freshet.wait_until(lambda: freshet.caught_up() and freshet.query("SELECT count(*) AS n FROM people") == [{"n": 58}])
        freshet.stop()
        assert files_with(freshet, CLEAR) == []
        assert freshet.log.read_text().count("masked, too, in") == 1, "the second start has nothing to mask"


def test_rows_of_the_first_load_are_masked_by_a_verdict_amid_it(server, database):
    server.sql(TABLE, database)
    insert(server, database, 1, 60, CLEAR + "-{}")
    insert(server, database, 100, 200, "ann{}@example.org")
    with Freshet(settings(server, database)) as freshet:
        freshet.start().wait_until_caught_up()
        freshet.wait_until(lambda: "masked, too, in" in freshet.log.read_text() and committed(freshet))
        assert freshet.query("SELECT DISTINCT reach, line FROM people UNION SELECT reach, line FROM people_history") == [{"reach": "#####", "line": None}]
        assert files_with(freshet, CLEAR) == []


def test_rules_of_later_mask_earlier_rows_on_request(server, database):
    server.sql(TABLE, database)
    insert(server, database, 1, 5, CLEAR + "-{}")
    config = settings(server, database)
    config["transform"]["sensitive_data"] = {"mode": "cell"}
    with Freshet(config) as freshet:
        freshet.start().wait_until_caught_up()
        refused = freshet.command("pii", "remask", f"{database}.people")
        assert refused.returncode == 1 and "another" in refused.stderr, refused.stderr
        freshet.stop()
        assert files_with(freshet, CLEAR)
        config["transform"]["sensitive_data"]["columns"] = {"people.reach": "redact", "people.line": "null", "info": {"action": "partial", "keep_right": 2}}
        freshet.configure(config)
        done = freshet.command("pii", "remask", f"{database}.people")
        assert done.returncode == 0 and "reach, line, info.who" in done.stdout, done
        assert files_with(freshet, CLEAR) == []
        assert freshet.query("SELECT DISTINCT reach, line FROM people") == [{"reach": "#####", "line": None}]
        assert freshet.command("pii", "remask", f"{database}.nobody").returncode == 2
        freshet.start()
        insert(server, database, 7, 1, CLEAR + "-{}")
        freshet.wait_until(lambda: freshet.caught_up() and freshet.query("SELECT count(*) AS n, count(DISTINCT reach) AS m FROM people") == [{"n": 6, "m": 1}])
        assert files_with(freshet, CLEAR) == []
