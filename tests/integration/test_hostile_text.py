"""Text made to harm: huge, deep, broken, disguised. Freshet neither crashes nor stalls, and what cannot be judged is masked."""

import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from harness import REPO
from harness.freshet import Freshet

BINARY = Path(os.environ.get("FRESHET_BINARY", REPO / "build" / "freshet"))
SEED = 4
MEGABYTE = 1 << 20
STALL = 60  # seconds: far beyond what linear work on a megabyte takes, even on a busy machine

# A megabyte each, chosen so that work which grows with the square of the length would not end.
HUGE = {
    "digits": "1234567890", "plus digits": "+49", "at signs": "@", "mails": "a@b.co ", "almost mails": "a@b.", "local part": "a", "dots at": "a.@.a",
    "brackets": "(", "groups": "555-", "spaced digits": "1 2 ", "colons": "ab:", "hex": "deadbeef", "letters and digits": "AB12 CD34 ", "dashes": "-",
    "domains": "a@" + "b." * 40, "quotes": '"@', "percent": "%40", "braces": "{", "json": '{"a":"', "escapes": "\\u0031", "wide digits": "１２３",
    "joiners": "1\u200d", "emoji": "😀", "combining": "e\u0301", "ips": "1.1.1.", "ipv6": "::1:", "equals": "a=b&", "base64": "eyJhbGciOi.", "controls": "\x01\x02",
    "cards": "4111 1111 1111 111", "iban": "DE89 3704 ", "x": "x1", "commas": "1,", "slashes": "1/2/",
}


def scan(*options, text: bytes) -> list[dict]:
    done = subprocess.run([BINARY, "pii", "scan", "-", "--spans", *options], input=text, capture_output=True, timeout=STALL, cwd="/")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def written(text: bytes, *options) -> dict:
    """What would stand in the lake for a text, by action."""
    done = subprocess.run([BINARY, "pii", "test", "--json", *options], input=text, capture_output=True, timeout=STALL, cwd="/")
    assert done.returncode == 0, done.stderr
    return {row["action"]: row["text"] for row in json.loads(done.stdout)["written"]}


def repeated(unit: str) -> str:
    return unit * (MEGABYTE // len(unit.encode()))


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_of(name):
    """Is judged in good time, and an address behind it is still found."""
    text = repeated(HUGE[name]) + " then mail ann@example.org"
    end = len(text.encode())
    found = scan("--detect", "EMAIL,PHONE_NUMBER", text=text.encode())
    assert any(span["begin"] <= end - len("ann@example.org") and span["end"] == end for span in found), found[-3:]


@pytest.mark.parametrize("open_, close", [("[", "]"), ('{"a":', "}"), ('[{"k":', "}]")])
def test_deep_json(open_, close):
    """Depth 10,000: found at the bottom."""
    text = open_ * 10_000 + '"ann@example.org"' + close * 10_000
    assert [(s["begin"], s["end"], s["type"]) for s in scan("--format", "jsonl", text=text.encode())] == [(0, 15, "EMAIL")]


def test_json_too_deep_or_broken_is_text():
    """What is not read as JSON is judged as text, not passed by."""
    for text in ("[" * 300_000 + '"ann@example.org"', '{"a": ann@example.org}', '{"a":"ann@example.org"', '{"a":1}{"b":"ann@example.org"}', "[1,]ann@example.org"):
        found = scan("--format", "jsonl", text=text.encode())
        at = text.index("ann@")
        assert any(s["type"] == "EMAIL" and (s["begin"], s["end"]) in ((at, at + 15), (0, 15)) for s in found), text[:60]


BROKEN = {
    "lone continuation": b"\x80", "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80", "cut short": b"\xe2\x82", "too high": b"\xf4\x90\x80\x80", "latin1": "é".encode("latin1"), "ff": b"\xff\xfe",
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("around", [b"%s", b"mail ann@example.org %s", b"%s +49 30 901820", b"harmless %s text"])
def test_text_that_is_not_utf8_is_masked_whole(name, around):
    text = around % BROKEN[name]
    found = scan(text=text)
    assert [(s["begin"], s["end"], s["type"]) for s in found] == [(0, len(text), "NOT_UTF8")]
    assert written(text)["redact"] == "#####"


LOOKALIKES = {
    "full-width": "ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ", "full-width at": "ann＠example.org", "small at": "ann﹫example.org", "ideographic stop": "ann@example。org",
    "zero width": "ann@exa\u200bmple.org", "zero width at": "ann\u200d@\u2060example.org", "soft hyphen": "ann@exam\u00adple.org", "cyrillic а": "аnn@example.org",
    "greek domain": "ann@εxample.org", "right to left mark": "ann@\u200fexample.org", "mathematical digits": "+𝟒𝟗 𝟑𝟎 𝟗𝟎𝟏𝟖𝟐𝟎", "arabic digits": "+٤٩ ٣٠ ٩٠١٨٢٠",
    "devanagari digits": "+४९ ३० ९०१८२०", "full-width digits": "＋４９　３０　９０１８２０", "no-break hyphen": "+49\u201130\u2011901820", "no-break space": "+49\u00a030\u00a0901820",
    "zero width in digits": "+49 30 90\u200b1820", "keycaps": "+4\ufe0f\u20e39\ufe0f\u20e3 30 901820", "percent": "ann%40example.org",
}


@pytest.mark.parametrize("name", LOOKALIKES)
def test_lookalike(name):
    """Disguised characters do not help a value past the detectors; nothing of it is left."""
    value = LOOKALIKES[name]
    assert written(f"before {value} after".encode())["redact"] == "before ##### after"


def test_random_bytes_and_random_text():
    """Whatever the bytes: no crash, positions inside, valid output."""
    rng = random.Random(SEED)
    print(f"seed {SEED}")
    alphabet = ["@", ".", "+", "1", "49", " ", "-", "(", ")", "a", "é", "１", "\u200b", "例", "😀", "\x01", "\"", "\\", "{", "}", "[", "]", ":", ",", "%40", "=", "/", "\x7f"]
    lines = ["".join(rng.choices(alphabet, k=rng.randint(0, 200))).encode() for _ in range(4000)]
    lines += [rng.randbytes(rng.randint(1, 200)).replace(b"\n", b".") for _ in range(2000)]
    lines = [line.rstrip(b"\r").removeprefix(b"\xef\xbb\xbf") for line in lines]
    for span in scan(text=b"\n".join(lines)):
        line = lines[span["record"] - 1]
        assert 0 <= span["begin"] < span["end"] <= len(line), line
    scan("--format", "jsonl", text=b"\n".join(lines))
    done = subprocess.run([BINARY, "pii", "scan", "-", "--format", "csv"], input=b"\n".join(lines), capture_output=True, timeout=STALL, cwd="/")
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1  # no CSV: refused with one line


@pytest.mark.parametrize("server", ["mariadb"], indirect=True)
def test_through_the_pipeline(server, database):
    """The same through load, log and lake: the run stays alive, and neither the address nor the number arrives."""
    cells = [repeated(unit) + " then mail ann@example.org or +49 30 901820" for unit in HUGE.values()]
    cells += ["[" * 9_000 + '"ann@example.org"' + "]" * 9_000, *(f"before {value} after" for value in LOOKALIKES.values())]
    server.sql("CREATE TABLE hostile (id INT PRIMARY KEY, body LONGTEXT, raw LONGBLOB, doc JSON)", database)
    limits = {"max_allowed_packet": 64 * MEGABYTE}

    def insert(first):
        with server.connect(database, **limits) as connection, connection.cursor() as cursor:
            for i, cell in enumerate(cells):
                doc = json.dumps({"a": {"b": [cell[-2000:], {"c": cell[:2000]}]}})
                cursor.execute("INSERT INTO hostile VALUES (%s, %s, %s, %s)", (first + i, cell, cell.encode() + b"\xff", doc))

    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.hostile"]}, "lake": {"flush_interval": "1s"}}) as freshet:
        insert(0)
        freshet.start()
        freshet.wait_until_caught_up(STALL)
        insert(1000)
        wanted = 2 * len(cells)
        freshet.wait_until(lambda: freshet.query("SELECT count(*) AS n FROM hostile")[0]["n"] == wanted, STALL, "all rows")
        for column in ("body", '"doc.a.b"'):
            for piece in ("ann@example.org", "901820", "@example"):
                assert freshet.query(f"SELECT count(*) AS n FROM hostile WHERE contains({column}, '{piece}')") == [{"n": 0}], (column, piece)
        assert freshet.query("SELECT count(*) AS n FROM hostile WHERE contains(body, '#####')") == [{"n": wanted}]
        freshet.stop()
