#!/usr/bin/env python3
"""Writes the first corpora into tests/fuzz/corpus: from the recorded logs and the vectors of the unit tests."""

import re
import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CORPUS = HERE / "corpus"
HEADER = 19
FORMAT, TABLE_MAP, FRAGMENT = 15, 19, 172
ROWS = {30: 0, 31: 1, 32: 2, 23: 3, 24: 4, 39: 5, 167: 6}  # event type -> the target's number


def put(target: str, name: str, content: bytes) -> None:
    (CORPUS / target).mkdir(parents=True, exist_ok=True)
    (CORPUS / target / name).write_bytes(content)


def events(log: bytes):
    """The events of a recorded log, without checksums."""
    at = 4
    while at + HEADER <= len(log):
        size = struct.unpack_from("<I", log, at + 9)[0]
        event = bytearray(log[at:at + size])
        if event[4] == FORMAT:
            event[-5] = 0
        else:
            del event[-4:]
        event[9:13] = struct.pack("<I", len(event))
        yield bytes(event)
        at += size


def from_logs() -> None:
    for path in sorted((ROOT / "tests/data/binlog").glob("*.00000?")):
        mariadb = path.name.startswith("mariadb")
        all_events = list(events(path.read_bytes()))
        for part in range(0, len(all_events), 40):  # a mutation hits more in a short log
            head = [all_events[0]] if part else []
            put("log", f"{path.name}.{part}", bytes([mariadb]) + b"".join(head + all_events[part:part + 40]))
        maps = {}
        for number, event in enumerate(all_events):
            body = event[HEADER:]
            if event[4] == TABLE_MAP:
                maps[body[:6]] = body
            elif event[4] in ROWS and body[:6] in maps and len(body) < 20_000:
                first = ROWS[event[4]]
                while mariadb and first < 0x80:  # the same remainder with the dialect's bit
                    first += len(ROWS)
                table = maps[body[:6]]
                put("rows", f"{path.name}.{number}", bytes([first]) + struct.pack("<H", len(table)) + table + body)


def from_unit_tests() -> None:
    text = (ROOT / "src/source/json_binary_test.cpp").read_text(encoding="utf-8")
    table = text[text.index("kCases[] = {"):text.index("};", text.index("kCases[] = {"))]
    documents = [bytes.fromhex("".join(re.findall(r'"([0-9a-f ]*)"', row)))
                 for row in re.findall(r'\{((?:"[0-9a-f ]*"\s*)+),', table)]
    for number, document in enumerate(documents):
        put("json", f"document.{number}", b"\x01" + document)
    object_ = bytes.fromhex("00 0200 2700 12000100 13000200 050100 021500 61 6262 0200 1200 040100 0b0a00 0000000000000440")
    for number, diffs in enumerate(["00 03 242e61 03 050200", "01 03 242e7a 08 0201000700050900", "02 03 242e61",
                                    "01 07 242e62625b305d 03 050200 02 07 242e62625b315d"]):
        put("json", f"diffs.{number}", b"\x02" + struct.pack("<H", len(object_)) + object_ + bytes.fromhex(diffs))
    text = (ROOT / "src/source/ddl_test.cpp").read_text(encoding="utf-8")
    for number, statement in enumerate(sorted(set(re.findall(r'"((?:[^"\\]|\\.){12,})"', text)))):
        put("ddl", f"statement.{number}", bytes([number % 4]) + statement.encode().decode("unicode_escape").encode("latin1"))
    uuid = "d27e1f2d-e698-11f1-b831-02fc00000001"
    for number, text in enumerate([f"{uuid}:1-5:8:mytag:1-3,{uuid[:-1]}2:7", f"{uuid}:1", ""]):
        put("gtid", f"set.{number}", b"\x00" + text.encode())
    put("gtid", "state.0", b"\x010-10-8,1-11-5")
    raw = bytes.fromhex(uuid.replace("-", ""))
    plain = struct.pack("<Q", 1) + raw + struct.pack("<QQQQQ", 2, 1, 6, 8, 9)
    put("gtid", "encoded.0", b"\x02" + plain)
    tagged = b"\x01\x02\0\0\0\0\0\x01" + raw + b"\0" + struct.pack("<QQQ", 1, 1, 6) + raw + b"\x0amytag" + \
        struct.pack("<QQQ", 1, 1, 4)
    put("gtid", "encoded.1", b"\x02" + tagged)
    put("gtid", "list.0", b"\x03" + struct.pack("<IIIQ", 1, 0, 7, 99))
    put("gtid", "event.0", b"\x04\x01" + raw + struct.pack("<QBQQ", 7, 2, 1, 2) + bytes(7) + b"\xf9")
    put("gtid", "tagged.0", b"\x05" + bytes.fromhex(
        "0272000000024903fc3e5a9903610222c503e1026204f103000000020404060a6d7974616708040a080c7ff44cc1e1e0600610e5031283120b"))
    put("gtid", "mariadb.0", b"\x06" + bytes.fromhex("0a00000000000000000000004c010000000200783301ff"))


def fragments() -> None:
    """A rows event of a recorded log, cut as MariaDB 12.3 does."""
    log = list(events((ROOT / "tests/data/binlog/mariadb.000001").read_bytes()))
    at = next(i for i, event in enumerate(log) if event[4] == TABLE_MAP)
    rows = log[at + 1]
    parts = [rows[i:i + 30] for i in range(0, len(rows), 30)]
    cut = [struct.pack("<IIB", len(parts), i + 1, 0) + part for i, part in enumerate(parts)]
    cut[0] = struct.pack("<IIBQ", len(parts), 1, 1, len(rows)) + parts[0]
    headed = [rows[:4] + bytes([FRAGMENT]) + rows[5:9] + struct.pack("<I", HEADER + len(body)) + rows[13:HEADER] + body
              for body in cut]
    put("log", "fragments.0", b"\x01" + b"".join([*log[:at + 1], *headed, *log[at + 2:at + 4]]))


from_logs()
fragments()
from_unit_tests()
