"""Every column type, through the full load and through the log, gives the same lake value: the expected one."""

import json
import os
import random
from itertools import zip_longest

import pytest

from harness import REPO
from harness.freshet import Freshet
from harness.servers import MariaDB, MySQL56

ALL = pytest.mark.parametrize("server", ["mariadb", "mysql", "mysql56"], indirect=True)

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


def columns_of(server) -> dict:
    """Those that the server can have."""
    columns = NUMBERS | MOMENTS | TEXTS | BINARIES
    if isinstance(server, MySQL56):
        return {name: column for name, column in columns.items() if column[1]}  # none that are generated
    return columns | DOCUMENTS | (MARIADB_ONLY if isinstance(server, MariaDB) else MYSQL_ONLY)


def expected_cells(columns: dict) -> list[dict]:
    unquoted = {"ip6", "ip4"}
    cells = {name: [text.strip("'") if name in unquoted and text else text for _, text in pairs]
             for name, (_, pairs) in columns.items()}
    cells |= {name: texts for name, texts in FLATTENED.items() if name.split(".")[0] in columns}
    return [dict(zip(cells, row)) for row in zip_longest(*cells.values())]


def short(value):
    return value if len(str(value)) < 90 else f"{value[:40]}... ({len(value)})"


@ALL
def test_load_and_log_give_the_same_exact_values(server, database):
    """Identical rows, before the start and after it, stand in the lake with identical and right values."""
    columns = columns_of(server)
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


@ALL
def test_dates_that_are_none_by_policy(server, database):
    """As text, exactly as the source shows them, from the load and from the log; or the pipeline stops by name."""
    server.sql("SET sql_mode = ''; CREATE TABLE kept (id INT PRIMARY KEY, d DATE, m DATETIME(3), s TIMESTAMP NULL); "
               "CREATE TABLE plain (id INT PRIMARY KEY, d DATE)", database)
    texts = [("0000-00-00", "2026-00-00 10:20:30.500", "0000-00-00 00:00:00"),
             ("2026-02-31", "0000-00-00 00:00:00.000", "2026-11-22 17:19:06"), (None, None, None)]
    values = [f"({', '.join('NULL' if text is None else repr(text) for text in row)})".replace("(", "({}, ", 1) for row in texts]

    def insert(first):
        rows = ", ".join(row.format(first + i) for i, row in enumerate(values))
        server.sql("SET sql_mode = 'ALLOW_INVALID_DATES'; SET time_zone = '+00:00'; "
                   f"INSERT INTO kept VALUES {rows}; INSERT INTO plain VALUES ({first}, '0000-00-00')", database)

    def config(policy):
        return {"source": {"url": server.url(), "tables": [f"{database}.*"]}, "lake": {"flush_interval": "300ms"},
                "transform": {"zero_dates": policy, "zero_dates_in": ["kept"]}}

    insert(0)
    with Freshet(config("text")) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        insert(10)
        freshet.wait_until(lambda: len(freshet.query("SELECT id FROM plain")) == 2, what="the rows")
        for first in (0, 10):
            rows = freshet.query(f"SELECT d, m, s FROM kept WHERE id BETWEEN {first} AND {first + 9} ORDER BY id")
            assert [tuple(row.values()) for row in rows] == texts
        assert [row["d"] for row in freshet.query("SELECT d FROM plain")] == [None, None]
        assert freshet.command("verify").returncode == 0
        freshet.stop()
    with Freshet(config("error")) as freshet:
        freshet.start()
        assert freshet.wait() == 1
        assert f"{database}.kept.d holds a zero or invalid date" in freshet.log.read_text().splitlines()[-1]


# ---- random values

SEED = 20261122
RANDOM_ROWS = 150


def random_literal(rnd: random.Random, kind: str) -> str:
    """A value of a column type as SQL: any bits of its range, not only the likely ones."""
    def bits(n):
        return rnd.getrandbits(rnd.randint(1, n))

    def signed(n):
        return rnd.choice([-1, 1]) * bits(n - 1)

    def text(alphabet, longest):
        return "'" + "".join(rnd.choice(alphabet) for _ in range(rnd.randint(0, longest))) + "'"

    def moment(first, last, digits):
        year = rnd.randint(first, last)
        return f"'{year:04}-{rnd.randint(1, 12):02}-{rnd.randint(1, 28):02} {rnd.randint(0, 23):02}:" \
               f"{rnd.randint(0, 59):02}:{rnd.randint(0, 59):02}.{rnd.randint(0, 10 ** digits - 1):0{digits or 1}}'"

    makers = {
        "TINYINT": lambda: signed(8), "SMALLINT": lambda: signed(16), "MEDIUMINT": lambda: signed(24),
        "INT": lambda: signed(32), "BIGINT": lambda: signed(64),
        "TINYINT UNSIGNED": lambda: bits(8), "SMALLINT UNSIGNED": lambda: bits(16),
        "MEDIUMINT UNSIGNED": lambda: bits(24), "INT UNSIGNED": lambda: bits(32), "BIGINT UNSIGNED": lambda: bits(64),
        "DECIMAL(65,30)": lambda: f"{rnd.choice('+-')}{bits(115)}.{bits(99)}",
        "DECIMAL(10,2)": lambda: f"{rnd.choice('+-')}{rnd.randint(0, 99999999)}.{rnd.randint(0, 99):02}",
        "DECIMAL(5,5)": lambda: f"{rnd.choice('+-')}0.{rnd.randint(0, 99999):05}",
        "FLOAT": lambda: repr(rnd.uniform(-1, 1) * 10.0 ** rnd.randint(-30, 30)),
        "DOUBLE": lambda: repr(rnd.uniform(-1, 1) * 10.0 ** rnd.randint(-300, 300)),
        "BIT(64)": lambda: f"0x{bits(64):016x}", "BIT(9)": lambda: f"b'{bits(9):b}'",
        "YEAR": lambda: rnd.choice([0, rnd.randint(1901, 2155)]),
        "DATE": lambda: f"'{rnd.randint(0, 9999):04}-{rnd.randint(0, 12):02}-{rnd.randint(0, 28):02}'",
        "DATETIME": lambda: moment(1, 9999, 0), "DATETIME(3)": lambda: moment(1, 9999, 3),
        "DATETIME(6)": lambda: moment(1, 9999, 6), "TIMESTAMP(1) NULL": lambda: moment(1971, 2037, 1),
        "TIMESTAMP(6) NULL": lambda: moment(1971, 2037, 6),
        "TIME(6)": lambda: f"'{rnd.choice(['', '-'])}{rnd.randint(0, 837)}:{rnd.randint(0, 59)}:"
                           f"{rnd.randint(0, 59)}.{rnd.randint(0, 999999):06}'",
        "TIME(1)": lambda: f"'{rnd.choice(['', '-'])}{rnd.randint(0, 837)}:00:{rnd.randint(0, 59)}.{rnd.randint(0, 9)}'",
        "CHAR(20)": lambda: text("ab é😀中", 20), "VARCHAR(300)": lambda: text("ab é😀中\u0301", 300),
        "TEXT CHARACTER SET latin1": lambda: text("abé€ÿ", 400), "VARCHAR(20) CHARACTER SET gbk": lambda: text("a中文", 20),
        "BINARY(7)": lambda: f"0x{bits(56):014x}", "VARBINARY(300)": lambda: f"0x{bits(2400):0600x}",
        "BLOB": lambda: f"0x{bits(4000):01000x}",
        "JSON": lambda: "'" + json.dumps({"k" + str(bits(3)): [signed(64), rnd.random() * 10.0 ** rnd.randint(-20, 20),
                                                              None, True, {"é😀": "x" * rnd.randint(0, 300)}]}) + "'",
        "ENUM('a','ü','c')": lambda: rnd.choice(["'a'", "'ü'", "'c'"]), "SET('a','ü','c')": lambda: bits(3),
        "POINT": lambda: f"ST_GeomFromText('POINT({rnd.uniform(-180, 180)} {rnd.uniform(-90, 90)})')",
    }
    return "NULL" if rnd.random() < 0.08 else str(makers[kind]())


RANDOM_KINDS = ["TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "TINYINT UNSIGNED", "SMALLINT UNSIGNED",
                "MEDIUMINT UNSIGNED", "INT UNSIGNED", "BIGINT UNSIGNED", "DECIMAL(65,30)", "DECIMAL(10,2)", "DECIMAL(5,5)",
                "FLOAT", "DOUBLE", "BIT(64)", "BIT(9)", "YEAR", "DATE", "DATETIME", "DATETIME(3)", "DATETIME(6)",
                "TIMESTAMP(1) NULL", "TIMESTAMP(6) NULL", "TIME(6)", "TIME(1)", "CHAR(20)", "VARCHAR(300)",
                "TEXT CHARACTER SET latin1", "VARCHAR(20) CHARACTER SET gbk", "BINARY(7)", "VARBINARY(300)", "BLOB", "JSON",
                "ENUM('a','ü','c')", "SET('a','ü','c')", "POINT"]


@ALL
def test_load_and_log_agree_on_random_values(server, database):
    """The same random rows, loaded and logged, are the same in the lake; exact types are what was written."""
    print(f"seed {SEED}")
    rnd = random.Random(SEED)
    kinds = [kind for kind in RANDOM_KINDS if kind != "JSON" or not isinstance(server, MySQL56)]
    rows = [", ".join(random_literal(rnd, kind) for kind in kinds) for _ in range(RANDOM_ROWS)]
    columns = ", ".join(f"c{i} {kind}" for i, kind in enumerate(kinds))
    session = "SET NAMES utf8mb4; SET sql_mode = ''; SET time_zone = '+00:00'; "

    def insert(first):
        server.sql(session + "INSERT INTO t VALUES " + ", ".join(f"({first + i}, {row})" for i, row in enumerate(rows)),
                   database)

    server.sql(f"{session} CREATE TABLE t (id INT PRIMARY KEY, {columns}) CHARACTER SET utf8mb4", database)
    insert(0)
    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.t"]},
                  "transform": {"flatten": {"enabled": False}, "sensitive_data": {"detect": []}},
                  "lake": {"flush_interval": "300ms"}}) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        insert(1000)
        freshet.wait_until(lambda: freshet.query("SELECT count(*) AS n FROM t")[0]["n"] == 2 * len(rows), what="the rows")
        freshet.stop()
        loaded = exact(freshet, "SELECT * FROM t WHERE id < 1000 ORDER BY id")
        logged = exact(freshet, "SELECT * FROM t WHERE id >= 1000 ORDER BY id")
    for i, (load, log) in enumerate(zip(loaded, logged, strict=True)):
        parted = {f"{name} {kinds[int(name[1:])]}": (load[name], log[name])
                  for name in load if name != "id" and load[name] != log[name]}
        assert not parted, (i, parted)
    # What the server itself says of those that have an exact text.
    told = [i for i, kind in enumerate(kinds) if kind.split("(")[0].split()[0] in
            ("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "DECIMAL", "YEAR", "TIME", "CHAR", "VARCHAR", "TEXT", "ENUM",
             "SET")]
    texts = server.sql(f"SELECT {', '.join(f'CAST(c{i} AS CHAR CHARACTER SET utf8mb4)' for i in told)} FROM t "
                       "WHERE id < 1000 ORDER BY id", database)
    for load, row in zip(loaded, texts, strict=True):
        for i, text in zip(told, row):
            found = load[f"c{i}"]
            if kinds[i] == "YEAR" and text is not None:
                text = str(int(text))
            assert found == text, (kinds[i], found, text)


# ---- docs/types.md

# Type, a value as SQL. The page has a row for each, as the servers and Freshet make it.
EXAMPLES = [
    ("TINYINT", "-128"), ("TINYINT UNSIGNED", "255"), ("BOOLEAN", "TRUE"), ("SMALLINT", "-32768"),
    ("MEDIUMINT", "-8388608"), ("INT", "-2147483648"), ("INT UNSIGNED", "4294967295"),
    ("BIGINT", "-9223372036854775808"), ("BIGINT UNSIGNED", "18446744073709551615"), ("DECIMAL(10,2)", "-1234.5"),
    ("DECIMAL(65,30)", "-1.5"), ("FLOAT", "1.5"), ("DOUBLE", "-0.1"), ("BIT(1)", "b'1'"), ("BIT(10)", "b'1000000011'"),
    ("YEAR", "2026"), ("DATE", "'2026-11-22'"), ("DATE ", "'2026-00-00'"), ("TIME", "'25:00:01'"),
    ("TIME(6)", "'-838:59:58.000001'"), ("DATETIME", "'2026-11-22 17:19:06'"),
    ("DATETIME(6)", "'2026-11-22 17:19:06.123456'"), ("DATETIME ", "'0000-00-00 00:00:00'"),
    ("TIMESTAMP NULL", "'2026-11-22 17:19:06'"), ("CHAR(5)", "'ab '"), ("VARCHAR(20)", "'ab '"), ("TEXT", "'é😀'"),
    ("VARCHAR(20) CHARACTER SET gbk", "'中文'"), ("BINARY(4)", "0x61"), ("VARBINARY(4)", "0x6100"), ("BLOB", "0x00ff"),
    ("ENUM('red','green')", "'green'"), ("ENUM('red','green') ", "''"), ("SET('x','y','z')", "'x,z'"),
    ("JSON", "'[1, 2.5, \"é\"]'"), ("POINT", "ST_GeomFromText('POINT(1 2)')"),
    ("INT AS (1 + 1) STORED", None), ("INT INVISIBLE", "7"),
]
# MySQL takes latitude first in this reference system, and stores it last.
LINE = ("GEOMETRY", "ST_GeomFromText('LINESTRING(0 0,1 2)', 4326)")
MARIADB_EXAMPLES = [LINE, ("UUID", "'123e4567-e89b-12d3-a456-426655440000'"), ("INET4", "'192.0.2.1'"),
                    ("INET6", "'2001:db8::1'"), ("TEXT COMPRESSED", "'packed'")]
MYSQL_EXAMPLES = [LINE, ("VECTOR(2)", "STRING_TO_VECTOR('[1,2]')")]


class Digits(str):
    """A JSON number as it stands in the text."""


def examples_of(server) -> list:
    """Example, and what its row says of servers."""
    if isinstance(server, MySQL56):
        return [(example, "") for example in EXAMPLES if example[0] != "JSON" and " AS " not in example[0] and
                "INVISIBLE" not in example[0]]
    own, brand = (MARIADB_EXAMPLES, " (MariaDB)") if isinstance(server, MariaDB) else (MYSQL_EXAMPLES, " (MySQL)")
    return [(example, "") for example in EXAMPLES] + [(example, brand) for example in own]


@ALL
def test_the_page_of_types_is_true(server, database):
    """docs/types.md has the rows that this server gives. FRESHET_UPDATE_GOLDEN=1 writes those of one server anew."""
    examples, brands = zip(*examples_of(server))
    columns = ", ".join(f"c{i} {kind}" for i, (kind, _) in enumerate(examples))
    filled = [i for i, (_, value) in enumerate(examples) if value is not None]
    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.t"]}, "lake": {"flush_interval": "300ms"},
                  "transform": {"sensitive_data": {"detect": []}}}) as freshet:
        server.sql(f"SET sql_mode = ''; CREATE TABLE t (id INT PRIMARY KEY, {columns}) CHARACTER SET utf8mb4", database)
        freshet.start()
        freshet.wait_until_caught_up()
        server.sql(f"SET sql_mode = ''; SET time_zone = '+00:00'; INSERT INTO t (id, {', '.join(f'c{i}' for i in filled)}) "
                   f"VALUES (1, {', '.join(examples[i][1] for i in filled)})", database)
        freshet.wait_until(lambda: freshet.query("SELECT count(*) AS n FROM t")[0]["n"] == 1, what="the row")
        types = {row["column_name"]: row["column_type"] for row in freshet.query("DESCRIBE t")}
        (cells,) = exact(freshet, "SELECT * FROM t")
        tailed = freshet.command("tail", "--from", "trim-horizon", "--limit", "100", "--unmasked").stdout
        freshet.stop()
    records = [json.loads(line, parse_float=Digits, parse_int=Digits) for line in tailed.splitlines()]
    (dms,) = [record["data"] for record in records if record["metadata"]["operation"] == "insert"]
    lines = []
    for i, (kind, value) in enumerate(examples):
        name = f"c{i}"
        cell = dms.get(name, Digits("(left out)"))
        shown = cell if isinstance(cell, Digits) else json.dumps(cell, ensure_ascii=False)
        sql = {None: "NULL", "": "''"}.get(cells[name], cells[name])
        lines.append(f"| `{kind.strip()}`{brands[i]} | `{value or '(generated)'}` | `{shown}` | "
                     f"{types[name]} | `{sql}` |")
    page = REPO / "docs" / "types.md"
    text = page.read_text(encoding="utf-8")
    missing = [line for line in lines if line not in text]
    if missing and os.environ.get("FRESHET_UPDATE_GOLDEN"):
        page.write_text(text.rstrip("\n") + "\n" + "\n".join(missing) + "\n", encoding="utf-8")
        return
    assert not missing, "docs/types.md lacks:\n" + "\n".join(missing)
