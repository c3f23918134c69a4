"""`freshet pii scan` and `freshet pii test`: what they report, and that they show no values and change nothing."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from harness import REPO
from harness.freshet import Freshet

BINARY = Path(os.environ.get("FRESHET_BINARY", REPO / "build" / "freshet"))


@pytest.fixture
def pii(tmp_path):
    """Runs `freshet pii ...` in an empty directory."""
    def run(*arguments, text=b""):
        return subprocess.run([BINARY, "pii", *arguments], cwd=tmp_path, input=text, capture_output=True, timeout=60)
    return run


def report(done) -> dict:
    assert done.returncode == 0, done.stderr
    return {column["column"]: column for column in json.loads(done.stdout)["columns"]}


def types_of(column) -> dict:
    return {found["type"]: found["cells"] for found in column["types"]}


def spans(done) -> list[tuple]:
    assert done.returncode == 0, done.stderr
    return [(s["record"], s["column"], s["begin"], s["end"], s["type"]) for s in map(json.loads, done.stdout.splitlines())]


def test_csv(pii, tmp_path):
    """Columns by their header, cells counted where they are not empty."""
    (tmp_path / "people.csv").write_text('id,reach,note\r\n1,ann@example.org,"call +49 30 901820,\r\nplease"\r\n2,,"a ""b"""\r\n')
    columns = report(pii("scan", "--header", "--json", "people.csv"))
    assert [(name, column["cells"], column["found"]) for name, column in columns.items()] == [("id", 2, 0), ("reach", 1, 1), ("note", 2, 1)]
    assert types_of(columns["reach"]) == {"EMAIL": 1} and types_of(columns["note"]) == {"PHONE_NUMBER": 1}
    shown = pii("scan", "--header", "people.csv").stdout.decode()
    assert "reach" in shown and "EMAIL 100.0 %" in shown and "ann@" not in shown and "901820" not in shown
    assert spans(pii("scan", "--header", "--spans", "people.csv")) == [(1, "reach", 0, 15, "EMAIL"), (1, "note", 5, 18, "PHONE_NUMBER")]
    assert list(tmp_path.iterdir()) == [tmp_path / "people.csv"]


def test_json_lines_and_standard_input(pii):
    """Paths name the places; personal keys are not shown."""
    line = json.dumps({"a": {"b": ["x", {"c": "é ann@example.org"}]}, "bob@example.org": 1}).encode()
    done = pii("scan", "-", "--format", "jsonl", "--spans", text=line)
    assert spans(done) == [(1, "a.b[1].c", 3, 18, "EMAIL"), (1, "", 0, 15, "EMAIL")]
    assert b"bob" not in done.stdout
    assert spans(pii("scan", "-", "--spans", text="ü\nzoë@example.org\n".encode())) == [(2, "line", 0, 16, "EMAIL")]
    assert pii("scan", "-", "--limit", "1", "--json", text=b"a\nb\n").stdout.startswith(b'{"records":1,')


@pytest.mark.parametrize("arguments, says", [
    (("scan", "nowhere.csv"), "cannot open"), (("scan", "nowhere"), "schema.table"), (("scan", "-", "--format", "xml"), "csv, jsonl or text"),
    (("scan", "-", "--detect", "EMIAL"), "EMIAL"), (("scan", "shop.users"), "freshet.yaml"), (("scan",), "required"), (("tst",), "did you mean pii test"),
])
def test_usage(pii, arguments, says):
    """One line that says what to do, exit status 2."""
    done = pii(*arguments)
    assert done.returncode == 2 and says in done.stderr.decode() and done.stderr.count(b"\n") == 1, done.stderr


def test_table(server, database):
    """A table of the source, with and without a key: JSON by path, numbers, binary text."""
    server.sql("""
        CREATE TABLE people (id INT PRIMARY KEY, email VARCHAR(50), note TEXT, profile JSON, raw BLOB, n BIGINT);
        INSERT INTO people SELECT seq, CONCAT('u', seq, '@example.org'), IF(seq % 100 = 0, 'mail u@example.org', 'nothing'),
            '{"tags": ["x", "v@example.org"]}', 'w@example.org', 49301234567 FROM (
            SELECT a.n + 10 * b.n + 100 * c.n + 1 AS seq FROM (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) a,
            (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) b, (SELECT 0 n UNION SELECT 1 UNION SELECT 2) c) numbers;
        CREATE TABLE keyless AS SELECT email, note FROM people""", database)
    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.*"]},
                  "transform": {"sensitive_data": {"columns": {"people.note": "hash"}}}}) as freshet:
        done = freshet.command("pii", "scan", f"{database}.people", "--json")
        columns = {column["column"]: column for column in json.loads(done.stdout)["columns"]}
        assert {name: column["cells"] for name, column in columns.items()} == {
            name: 300 * (2 if name == "profile.tags[]" else 1) for name in ("id", "email", "note", "profile.tags[]", "raw", "n")}
        assert [columns[name]["found"] for name in ("email", "note", "profile.tags[]", "raw")] == [300, 3, 300, 300]
        assert columns["email"]["known_as"] == "EMAIL" and columns["note"]["known_as"] == "rule" and columns["note"]["action"] == "hash"
        limited = json.loads(freshet.command("pii", "scan", f"{database}.people", "--json", "--limit", "7").stdout)
        assert limited["records"] == 7
        for limit, rows in ((["--limit", "9"], 9), ([], 300)):
            assert json.loads(freshet.command("pii", "scan", f"{database}.keyless", "--json", *limit).stdout)["records"] == rows
        assert freshet.command("pii", "scan", f"{database}.absent").returncode == 2
        assert not (freshet.directory / "freshet-data").exists()


def test_one_text(pii):
    """What is found, and what would be written by each action."""
    answer = json.loads(pii("test", "--json", "é mail ann@example.org").stdout)
    assert [(f["type"], f["begin"], f["end"]) for f in answer["found"]] == [("EMAIL", 8, 23)]
    written = {row["action"]: row["text"] for row in answer["written"]}
    assert answer["configured"] == "redact" and written["redact"] == "é mail #####" and written["null"] is None
    assert written["keep"] == "é mail ann@example.org" and written["partial, 4 right"].startswith("é mail ***") and written["partial, 4 right"].endswith("org")
    assert len(written["hash"].removeprefix("é mail ")) == 64
    assert answer["found"][0]["confidence"] == 95 and answer["found"][0]["validator"].startswith("RFC 5322")


def test_why(pii):
    """Confidence, validator, and the word or the name that speaks for a place."""
    detect = ("--detect", "USA_SSN,CREDIT_CARD")
    (ssn, card) = json.loads(pii("test", "--json", *detect, "his SSN is 536221147, paid with 4111 1111 1111 1111").stdout)["found"]
    assert (ssn["type"], ssn["context_word"], ssn["by_name"], ssn["confidence"]) == ("USA_SSN", "ssn", False, 60)
    assert (card["type"], card["context_word"]) == ("CREDIT_CARD", None) and "Luhn" in card["validator"]
    (found,) = json.loads(pii("test", "--json", *detect, "--column", "customer_ssn", "536221147").stdout)["found"]
    assert found["by_name"] and found["context_word"] is None
    shown = pii("test", *detect, "his SSN is 536221147").stdout.decode()
    assert '60 %' in shown and 'area, group and serial in use; "ssn" beside it' in shown
    (span,) = map(json.loads, pii("scan", "-", "--spans", *detect, text=b"4111111111111111").stdout.splitlines())
    assert span["confidence"] == 65


def test_names_of_csv_columns_count(pii, tmp_path):
    """A bare number is judged by the header above it."""
    (tmp_path / "a.csv").write_text("tax_ssn,order_no\n536221147,2125550142\n")
    found = spans(pii("scan", "--header", "--detect", "USA_SSN,PHONE_NUMBER", "--spans", "a.csv"))
    assert found == [(1, "tax_ssn", 0, 9, "USA_SSN")]


def test_one_text_of_a_column(pii):
    """The name of a column counts; standard input is taken too."""
    answer = json.loads(pii("test", "--json", "--column", "home_phone", text=b"ask the porter\n").stdout)
    assert answer["found"] == [] and answer["column_known_as"] == "PHONE_NUMBER"
    assert answer["written"][0] == {"action": "redact", "text": "#####"}
    answer = json.loads(pii("test", "--json", "--set", "transform.sensitive_data.columns={home_phone: hash}", "--column", "home_phone", "x").stdout)
    assert answer["column_known_as"] == "rule" and answer["configured"] == "hash" and len(answer["written"][0]["text"]) == 64
