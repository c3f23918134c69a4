"""Tables come to source.tables and go from it at any time, with a log that names no columns: no ritual."""

from harness.freshet import Freshet
from harness.servers import MariaDB


def config(server, *tables):
    return {"source": {"url": server.url(), "tables": list(tables)}, "lake": {"flush_interval": "300ms"}}


def rows(freshet, table):
    return sorted(tuple(row.values()) for row in freshet.query(f"SELECT id, v FROM {table}"))


def test_a_table_is_added_removed_and_added_again():
    with MariaDB(row_metadata="NO_LOG") as server:
        server.sql("CREATE DATABASE a; CREATE DATABASE b; CREATE TABLE a.kept (id INT PRIMARY KEY, v VARCHAR(9)); "
                   "CREATE TABLE a.late (id INT PRIMARY KEY, v VARCHAR(9)); CREATE TABLE b.other (v VARCHAR(9), id INT); "
                   "INSERT INTO a.late VALUES (1, 'one')")
        with Freshet(config(server, "a.kept")) as freshet:
            freshet.start()
            freshet.wait_until_caught_up()
            # What happens to a table before it is captured counts, for its rows afterwards.
            server.sql("ALTER TABLE a.late ADD w VARCHAR(9) FIRST, RENAME COLUMN v TO w2; "
                       "ALTER TABLE a.late RENAME COLUMN w TO v; INSERT INTO a.late VALUES ('two', 2, 'x'); "
                       "INSERT INTO a.kept VALUES (1, 'k')")
            freshet.wait_until(lambda: rows(freshet, "kept") == [(1, "k")], what="the kept row")
            freshet.stop()
            server.sql("INSERT INTO a.late VALUES ('three', 3, 'y'); INSERT INTO b.other VALUES ('o', 7)")

            freshet.configure(config(server, "a.*", "b.other"))
            freshet.start()
            expected = [(1, None), (2, "two"), (3, "three")]
            freshet.wait_until(lambda: loaded(freshet, "late", expected) and loaded(freshet, "other", [(7, "o")]),
                               what="the added tables")
            server.sql("UPDATE a.late SET v = 'zwei' WHERE id = 2")
            expected[1] = (2, "zwei")
            freshet.wait_until(lambda: rows(freshet, "late") == expected, what="the change of an added table")
            freshet.stop()

            freshet.configure(config(server, "a.kept"))
            freshet.start()
            server.sql("DELETE FROM a.late WHERE id = 1; INSERT INTO a.kept VALUES (2, 'l')")
            freshet.wait_until(lambda: loaded(freshet, "kept", [(1, "k"), (2, "l")]), what="the kept rows")
            freshet.stop()
            server.sql("ALTER TABLE a.late DROP w2; INSERT INTO a.late VALUES ('four', 4)")

            freshet.configure(config(server, "a.kept", "a.late"))
            freshet.start()
            expected = [(2, "zwei"), (3, "three"), (4, "four")]
            freshet.wait_until(lambda: loaded(freshet, "late", expected), what="the table that came back")
            freshet.stop()


def loaded(freshet, table, expected):
    try:
        return freshet.caught_up() and rows(freshet, table) == expected
    except RuntimeError:  # not there yet
        return False
