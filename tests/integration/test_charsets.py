"""Every code of every character set, loaded and logged, is in the lake what the server converts it to."""

import itertools

from harness.freshet import Freshet

# Conversions that cannot be put in a query of codes of one or two bytes: sampled below.
WIDE = {"ucs2": 2, "utf16": 2, "utf16le": 2, "utf32": 4}
LOGGED = 10_000_000  # added to the ids of rows that come through the log


def codes(name: str, longest: int):
    """Codes of the set, some of them ill-formed."""
    if name in ("utf8mb3", "utf8mb4", "utf8"):
        points = itertools.chain(range(0x20, 0xd800, 7), range(0xe000, 0x10000, 7),
                                 range(0x10000, 0x110000, 997) if name == "utf8mb4" else ())
        yield from (chr(point).encode() for point in points)
        return
    if name in WIDE:
        width, order = WIDE[name], "little" if name.endswith("le") else "big"
        yield from (point.to_bytes(width, order) for point in range(1, 0xd800, 11))
        if name != "ucs2":
            encoding = {"utf16": "utf-16-be", "utf16le": "utf-16-le", "utf32": "utf-32-be"}[name]
            yield from (chr(point).encode(encoding) for point in range(0x10000, 0x110000, 4999))
        return
    yield from (bytes([one]) for one in range(1, 256))
    if longest >= 2:
        yield from (bytes(pair) for pair in itertools.product(range(0x80, 256), range(0x21, 256)))
    if longest == 3:
        yield from (bytes([0x8f, *pair]) for pair in itertools.product(range(0xa1, 255), range(0xa1, 255)))
    if longest == 4:
        yield from (bytes(quad) for quad in itertools.product([*range(0x81, 0x85), 0x90, 0xe3], range(0x30, 0x3a),
                                                              range(0x81, 0xff), range(0x30, 0x3a)))


def fill(server, database: str, name: str, longest: int) -> None:
    """Table cs_<name>: the codes that the server takes as they are."""
    server.sql(f"CREATE TABLE bytes (id INT PRIMARY KEY, b VARBINARY(8));"
               f"CREATE TABLE cs_{name} (id INT PRIMARY KEY, c VARCHAR(8) CHARACTER SET {name})", database)
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        numbered = enumerate(codes(name, longest))
        while batch := list(itertools.islice(numbered, 20000)):
            cursor.execute("INSERT INTO bytes VALUES " + ",".join(f"({i}, 0x{code.hex()})" for i, code in batch))
        cursor.execute(f"INSERT IGNORE INTO cs_{name} SELECT id, b FROM bytes")
        cursor.execute(f"DELETE c FROM cs_{name} c JOIN bytes b USING (id) WHERE HEX(c) <> HEX(b)")
    server.sql("DROP TABLE bytes", database)


def test_every_code_of_every_character_set(server, database):
    sets = [(name, longest) for name, longest in
            server.sql("SELECT CHARACTER_SET_NAME, MAXLEN FROM information_schema.CHARACTER_SETS") if name != "binary"]
    for name, longest in sets:
        fill(server, database, name, longest)
    with Freshet({"source": {"url": server.url(), "tables": [f"{database}.cs_*"]},
                  "transform": {"sensitive_data": {"detect": []}}, "lake": {"flush_interval": "1s"}}) as freshet:
        freshet.start()
        freshet.wait_until_caught_up(timeout=180)
        for name, _ in sets:
            server.sql(f"INSERT INTO cs_{name} SELECT id + {LOGGED}, c FROM cs_{name}", database)
        server.sql(f"INSERT INTO cs_latin1 VALUES ({3 * LOGGED}, 'end')", database)
        freshet.wait_until(lambda: freshet.query(f"SELECT id FROM cs_latin1 WHERE id = {3 * LOGGED}"), 120, "the end")
        freshet.stop()
        server.sql(f"DELETE FROM cs_latin1 WHERE id = {3 * LOGGED}", database)
        wrong = {}
        for name, _ in sets:
            expected = server.sql(f"SELECT id, HEX(CONVERT(c USING utf8mb4)) FROM cs_{name} ORDER BY id", database)
            assert len(expected) > 250, (name, len(expected))
            rows = freshet.query(f"SELECT id, hex(c) AS h FROM cs_{name} WHERE id < {3 * LOGGED} ORDER BY id")
            found = [(row["id"], row["h"]) for row in rows]
            if found != expected:
                parted = [pair for pair in zip(found, expected) if pair[0] != pair[1]]
                wrong[name] = (len(found), len(expected), len(parted), parted[:5])
        assert not wrong, wrong
