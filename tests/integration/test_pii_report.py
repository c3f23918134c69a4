"""`freshet pii report`: which columns hold what, from the running pipeline and after it; never a value."""

import json

import pytest

from harness.freshet import Freshet


@pytest.mark.parametrize("at", ["ingest", "capture"])
def test_report(server, database, tmp_path, at):
    server.sql("CREATE TABLE users (id INT PRIMARY KEY, email VARCHAR(100), note TEXT, city VARCHAR(20), opened VARCHAR(50));"
               "INSERT INTO users VALUES (1, 'ann@example.org', 'call +49 30 901820', 'Bonn', 'x'),"
               " (2, 'bob@example.org', 'nothing', 'Rome', 'bob@example.org'), (3, NULL, '', 'Oslo', NULL);", database)
    settings = {"source": {"url": server.url(), "tables": [f"{database}.*"]}, "lake": {"flush_interval": "200ms"},
                "transform": {"sensitive_data": {"at": at, "columns": {"users.opened": "keep"}}}}
    with Freshet(settings) as freshet:
        assert freshet.command("pii", "report").returncode == 1
        freshet.start().wait_until_caught_up()

        def report() -> dict:
            done = freshet.command("pii", "report", "--json")
            assert done.returncode == 0, done.stderr
            (table,) = json.loads(done.stdout)["tables"]
            assert table["table"] == "users"
            return {column["column"]: column for column in table["columns"]}

        def check(times: int):
            columns = report()
            assert (columns["email"]["basis"], columns["email"]["known_as"], columns["email"]["action"]) == ("name", "EMAIL", "redact")
            assert columns["email"]["masked"] == 2 * times and columns["email"]["found"] == {"EMAIL": 2 * times}
            assert columns["note"]["found"] == {"PHONE_NUMBER": times} and columns["note"]["basis"] == "cells"
            assert columns["note"]["cells"] == 2 * times
            assert columns["city"]["masked"] == 0 and columns["city"]["found"] == {}
            assert (columns["opened"]["basis"], columns["opened"]["action"]) == ("rule", "keep")

        check(1)
        text = freshet.command("pii", "report").stdout
        assert "PHONE_NUMBER 1" in text and "city" not in text and "city" in freshet.command("pii", "report", "--all").stdout
        freshet.stop()
        check(1)  # from the state directory
        freshet.start().wait_until_caught_up()
        server.sql("UPDATE users SET id = id + 10;", database)
        freshet.wait_until(lambda: freshet.query("SELECT min(id) AS n FROM users") == [{"n": 11}])
        columns = report()
        assert columns["email"]["masked"] > 2  # adds up over restarts

        page = tmp_path / "report.html"
        assert freshet.command("pii", "report", "--html", str(page)).returncode == 0
        html = page.read_text()
        assert "<code>email</code>" in html and "PHONE_NUMBER" in html and "http" not in html
        for output in (html, text, json.dumps(columns)):
            assert not any(value in output for value in ("ann@", "bob@", "901820", "Bonn"))
