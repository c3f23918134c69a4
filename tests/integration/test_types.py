"""Every column type, through the full load and through the log, gives the same lake value: the expected one."""

import json
from itertools import zip_longest

from harness.freshet import Freshet
from harness.servers import MariaDB

# Column -> its type and pairs of SQL text and lake text. The session's zone is +05:30.
NUMBERS = {
    "tiny": ("TINYINT", [("-128", "-128"), ("127", "127"), ("0", "0")]),
    "tiny_u": ("TINYINT UNSIGNED", [("255", "255"), ("0", "0")]),
    "flag": ("BOOL", [("TRUE", "1"), ("FALSE", "0")]),
    "small": ("SMALLINT", [("-32768", "-32768"), ("32767", "32767")]),
    "small_u": ("SMALLINT UNSIGNED", [("65535", "65535"), ("0", "0")]),
    "medium": ("MEDIUMINT", [("-8388608", "-8388608"), ("8388607", "8388607"), ("-1", "-1")]),
    "medium_u": ("MEDIUMINT UNSIGNED", [("16777215", "16777215"), ("0", "0")]),
    "whole": ("INT", [("-2147483648", "-2147483648"), ("2147483647", "2147483647")]),
    "whole_u": ("INT UNSIGNED ZEROFILL", [("4294967295", "4294967295"), ("7", "7")]),
    "big": ("BIGINT", [("-9223372036854775808", "-9223372036854775808"), ("9223372036854775807", "9223372036854775807")]),
    "big_u": ("BIGINT UNSIGNED", [("18446744073709551615", "18446744073709551615"), ("0", "0")]),
    "price": ("DECIMAL(10,2)", [("-12345678.90", "-12345678.90"), ("0.05", "0.05"), ("0", "0.00")]),
    "exact": ("DECIMAL(38,10)", [("-" + "9" * 28 + "." + "9" * 10,) * 2, ("0.0000000001",) * 2]),
    "huge": ("DECIMAL(65,30)", [("9" * 35 + "." + "9" * 30,) * 2, ("-0." + "0" * 29 + "1",) * 2,
                                ("-1.5", "-1.5" + "0" * 29)]),
    "units": ("DECIMAL(9,0)", [("-999999999",) * 2]),
    "single": ("FLOAT", [("1.5", "1.5"), ("-0.1", "-0.1"), ("16777216", "16777216")]),
    "twice": ("DOUBLE", [("0.1", "0.1"), ("-1.7976931348623157e308", "-1.7976931348623157e+308"), ("5e-324", "5e-324")]),
    "bit1": ("BIT(1)", [("b'1'", True), ("b'0'", False)]),
    "bit10": ("BIT(10)", [("b'1000000011'", "0x0203")]),
    "bit64": ("BIT(64)", [("0x8000000000000001", "0x8000000000000001"), ("~0", "0x" + "f" * 16)]),
}
MOMENTS = {
    "years": ("YEAR", [("2155", "2155"), ("1901", "1901"), ("0", "0")]),
    "day": ("DATE", [("'9999-12-31'", "9999-12-31"), ("'0001-01-01'", "0001-01-01"), ("'0000-00-00'", None),
                     ("'2026-00-00'", None)]),
    "ts0": ("TIMESTAMP NULL", [("'2026-11-22 17:19:06'", "2026-11-22 11:49:06+00"), ("'0000-00-00 00:00:00'", None),
                               ("'1970-01-01 05:30:01'", "1970-01-01 00:00:01+00")]),
    "ts6max": ("TIMESTAMP(6) NULL", [("'2038-01-19 08:44:07.999999'", "2038-01-19 03:14:07.999999+00")]),
    "zerodt": ("DATETIME", [("'0000-00-00 00:00:00'", None), ("'2026-00-00 00:00:00'", None),
                            ("'9999-12-31 23:59:59'", "9999-12-31 23:59:59")]),
}
for digits in range(7):
    micros = f"{'.' if digits else ''}{'120456'[:digits]}"
    shown = micros.rstrip("0").rstrip(".")
    MOMENTS[f"dt{digits}"] = (f"DATETIME({digits})", [(f"'1999-12-31 23:59:58{micros}'", f"1999-12-31 23:59:58{shown}")])
    MOMENTS[f"stamp{digits}"] = (f"TIMESTAMP({digits}) NULL", [(f"'2026-01-01 05:30:00{micros}'", f"2026-01-01 00:00:00{shown}+00")])
    MOMENTS[f"time{digits}"] = (f"TIME({digits})", [(f"'{t}{micros}'", f"{t}{micros}")
                                                    for t in ("-838:59:58", "25:00:01", "-00:00:00" if digits else "00:00:00")])
TEXTS = {
    "fixed": ("CHAR(5)", [("'ab  '", "ab"), ("'äöü😀'", "äöü😀"), ("''", "")]),
    "varied": ("VARCHAR(300)", [("'ab  '", "ab  "), ("REPEAT('😀', 300)", "😀" * 300), ("'a\\nb\\0c'", "a\nb\0c")]),
    "west": ("VARCHAR(20) CHARACTER SET latin1", [("'é€ß'", "é€ß")]),
    "westfix": ("CHAR(5) CHARACTER SET latin1", [("'é€ '", "é€")]),
    "china": ("CHAR(5) CHARACTER SET gbk", [("'中文'", "中文")]),
    "wide": ("VARCHAR(10) CHARACTER SET utf16", [("'a😀'", "a😀")]),
    "cyril": ("TEXT CHARACTER SET cp1251", [("'Привет'", "Привет")]),
    "tinytext": ("TINYTEXT", [("REPEAT('t', 255)", "t" * 255), ("''", "")]),
    "text": ("TEXT", [("REPEAT('ö', 32767)", "ö" * 32767)]),
    "mediumtext": ("MEDIUMTEXT", [("REPEAT('m', 70000)", "m" * 70000)]),
    "longtext": ("LONGTEXT", [("REPEAT('l ', 150000)", "l " * 150000)]),
    "colour": ("ENUM('red','grün','it''s')", [("'grün'", "grün"), ("'it''s'", "it's"), ("'no such'", "")]),
    "tags": ("SET('x','y','ö')", [("'ö,x'", "x,ö"), ("''", "")]),
}
BINARIES = {
    "binfix": ("BINARY(4)", [("0x61", "0x61000000"), ("0x00000000", "0x00000000"), ("''", "0x00000000")]),
    "binvar": ("VARBINARY(300)", [("0x6100", "0x6100"), ("''", "0x"), ("REPEAT('b', 300)", "0x" + "62" * 300)]),
    "tinyblob": ("TINYBLOB", [("0x00ff00", "0x00ff00")]),
    "blob": ("BLOB", [("REPEAT(0x00, 65535)", "0x" + "00" * 65535)]),
    "mediumblob": ("MEDIUMBLOB", [("REPEAT(0xff, 70000)", "0x" + "ff" * 70000)]),
    "longblob": ("LONGBLOB", [("''", "0x"), ("0x80", "0x80")]),
    "shape": ("GEOMETRY", [("ST_GeomFromText('POINT(1 2)')", "0x00000000" "0101000000" "000000000000f03f" "0000000000000040")]),
    "doubled": ("INT AS (tiny * 2) VIRTUAL", []),
    "stored": ("INT AS (tiny + 1) STORED", []),
}
DOCUMENTS = {"doc": ("JSON", [("""'{"n": 1, "s": "ä\\\\n", "in": {"x": 1.5, "t": true}, "l": [1, 2.5, null]}'""", None),
                              ("""'{"n": -9223372036854775808, "s": null, "in": {}}'""", None), ("'[]'", "[]")])}
FLATTENED = {"doc.n": ["1", "-9223372036854775808"], "doc.s": ["ä\n", None], "doc.in.x": ["1.5"], "doc.in.t": [True],
             "doc.l": ["[1, 2.5, null]"], "doubled": ["-256", "254", "0"], "stored": ["-127", "128", "1"]}
MARIADB_ONLY = {
    "uu": ("UUID", [("'123e4567-e89b-12d3-a456-426655440000'", "123e4567-e89b-12d3-a456-426655440000")]),
    "ip6": ("INET6", [("'2001:db8::ff00:42:8329'",) * 2, ("'::ffff:192.0.2.1'",) * 2]),
    "ip4": ("INET4", [("'192.0.2.1'",) * 2]),
    "packed": ("TEXT COMPRESSED", [("REPEAT('pack ', 100)", "pack " * 100), ("''", "")]),
    "packedbin": ("VARBINARY(300) COMPRESSED", [("REPEAT(0x00, 300)", "0x" + "00" * 300)]),
}
MYSQL_ONLY = {"embedding": ("VECTOR(3)", [("STRING_TO_VECTOR('[1,2,-3]')", "0x0000803f" "00000040" "000040c0")])}


def exact(freshet: Freshet, sql: str) -> list[dict]:
    """Rows with numbers as the text that they were printed as."""
    done = freshet.command("query", "--format", "json", sql)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout, parse_int=str, parse_float=str)


def expected_cells(columns: dict) -> list[dict]:
    unquoted = {"ip6", "ip4"}
    cells = {name: [text.strip("'") if name in unquoted and text else text for _, text in pairs]
             for name, (_, pairs) in columns.items()} | FLATTENED
    return [dict(zip(cells, row)) for row in zip_longest(*cells.values())]


def short(value):
    return value if len(str(value)) < 90 else f"{value[:40]}... ({len(value)})"


def test_load_and_log_give_the_same_exact_values(server, database):
    """Identical rows, before the start and after it, stand in the lake with identical and right values."""
    columns = NUMBERS | MOMENTS | TEXTS | BINARIES | DOCUMENTS
    columns |= MARIADB_ONLY if isinstance(server, MariaDB) else MYSQL_ONLY
    filled = [name for name, (_, pairs) in columns.items() if pairs]
    names = ", ".join(f"`{name}`" for name in filled)
    rows = list(zip_longest(*([sql for sql, _ in columns[name][1]] for name in filled), fillvalue="NULL"))
    session = "SET NAMES utf8mb4; SET sql_mode = ''; SET time_zone = '+05:30'; "

    def insert(first_id):
        server.sql(session + "; ".join(f"INSERT INTO t (id, {names}) VALUES ({first_id + i}, {', '.join(row)})"
                                       for i, row in enumerate(rows)), database)

    definition = ", ".join(f"`{name}` {kind}" for name, (kind, _) in columns.items())
    server.sql(f"{session} CREATE TABLE t (id INT PRIMARY KEY, {definition}) CHARACTER SET utf8mb4", database)
    insert(0)
    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.t"]}, "lake": {"flush_interval": "300ms"}}) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        insert(100)
        freshet.wait_until(lambda: freshet.query("SELECT count(*) AS n FROM t")[0]["n"] == 2 * len(rows), what="the rows")
        freshet.stop()
        loaded = exact(freshet, "SELECT * FROM t WHERE id < 100 ORDER BY id")
        logged = exact(freshet, "SELECT * FROM t WHERE id >= 100 ORDER BY id")
        history = exact(freshet, "SELECT * FROM t_history ORDER BY id")

    wrong = []
    for row, expected in enumerate(expected_cells(columns)):
        for name, wanted in expected.items():
            found = [loaded[row].get(name, "(none)"), logged[row].get(name, "(none)"), history[row].get(name, "(none)"),
                     history[len(rows) + row].get(name, "(none)")]
            if found != [wanted] * 4:
                wrong.append(f"{name} row {row}: expected {short(wanted)!r}, loaded, logged and their history "
                             f"{list(map(short, found))}")
    assert not wrong, "\n".join(wrong)
