"""Tokens: revealed by who has the keys, on the record; keys rotate."""

import json
import re

import pytest

from harness.freshet import Freshet

KEYS = {"k1": "11" * 32, "k2": "22" * 32}


@pytest.fixture
def freshet(server, database):
    server.sql("CREATE TABLE users (id INT PRIMARY KEY, email VARCHAR(100), note TEXT);"
               "INSERT INTO users VALUES (1, 'ann@example.org', 'write to ann@example.org, or bob@example.org');", database)
    with Freshet({}) as freshet:
        for name, key in KEYS.items():
            path = freshet.directory / f"{name}.key"
            path.write_text(key + "\n")
            path.chmod(0o600)
        freshet.settings = {"source": {"url": server.url(), "tables": [f"{database}.*"]},
                            "lake": {"flush_interval": "200ms"},
                            "transform": {"sensitive_data": {"action": "tokenise", "keys": {"k1": {"file": "./k1.key"}}}}}
        freshet.configure(freshet.settings)
        freshet.start().wait_until_caught_up()
        yield freshet


def rotate(freshet, keys):
    freshet.stop()
    freshet.settings["transform"]["sensitive_data"]["keys"] = keys
    freshet.configure(freshet.settings)
    freshet.start().wait_until_caught_up()


def audit(freshet):
    return [json.loads(line) for line in (freshet.directory / "freshet-data" / "state" / "reveal.log").read_text().splitlines()]


def test_tokens_are_revealed_on_the_record(freshet):
    row = freshet.query("SELECT * FROM users")[0]
    assert re.fullmatch(r"tok_k1_[A-Za-z0-9_-]+", row["email"])
    assert row["note"].startswith(f"write to {row['email']}, or tok_k1_")
    done = freshet.command("pii", "reveal", row["email"], row["email"])
    assert (done.returncode, done.stdout) == (0, "ann@example.org\nann@example.org\n"), done.stderr
    done = freshet.command("pii", "reveal", "-", input=row["note"])
    assert (done.returncode, done.stdout) == (0, "write to ann@example.org, or bob@example.org")

    damaged = row["email"][:-4] + "AAAA"
    done = freshet.command("pii", "reveal", row["email"], damaged)
    assert (done.returncode, done.stdout) == (2, "") and "ann@" not in done.stderr
    lines = audit(freshet)
    assert [(line["revealed"], line["refused"]) for line in lines] == [(2, 0), (2, 0), (1, 1)]
    assert all(line["user"] and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["when"]) for line in lines)
    assert "ann@" not in json.dumps(lines)


def test_keys_rotate(freshet, server, database):
    old = freshet.query("SELECT email FROM users")[0]["email"]
    rotate(freshet, {"k1": {"file": "./k1.key"}, "k2": {"file": "./k2.key"}})
    server.sql("INSERT INTO users VALUES (2, 'ann@example.org', NULL);", database)
    freshet.wait_until(lambda: len(freshet.query("SELECT 1 AS n FROM users")) == 2)
    emails = [row["email"] for row in freshet.query("SELECT email FROM users ORDER BY id")]
    assert emails[0] == old and emails[1].startswith("tok_k2_")
    assert freshet.command("pii", "reveal", *emails).stdout == "ann@example.org\n" * 2

    rotate(freshet, {"k2": {"file": "./k2.key"}})
    assert freshet.command("pii", "reveal", emails[1]).stdout == "ann@example.org\n"
    done = freshet.command("pii", "reveal", old)
    assert (done.returncode, done.stdout) == (2, "") and "k1" in done.stderr


def test_keys_are_closed_to_others(freshet):
    token = freshet.query("SELECT email FROM users")[0]["email"]
    (freshet.directory / "k1.key").chmod(0o644)
    done = freshet.command("pii", "reveal", token)
    assert (done.returncode, done.stdout) == (2, "") and "chmod" in done.stderr
    (freshet.directory / "k1.key").unlink()
    done = freshet.command("pii", "reveal", token)
    assert (done.returncode, done.stdout) == (1, "")
    assert not (freshet.directory / "freshet-data" / "state" / "reveal.log").exists()
