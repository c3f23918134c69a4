"""The source goes away and another server takes its place, or its log is not the one that was read: Freshet goes on
exactly, or refuses with exit status 3 and says what to do. Real servers, real replicas."""

import json
import threading
import time
from collections import Counter

import pytest

from harness.freshet import Freshet
from harness.process import wait_until
from harness.servers import CDC_USER, MariaDB, MySQL, MySQL56, start_or_skip

KINDS = pytest.mark.parametrize("kind", [MariaDB, MySQL], ids=["mariadb", "mysql"])
LEVELS = pytest.mark.parametrize("kind, row_metadata", [
    (MariaDB, "FULL"), (MariaDB, "MINIMAL"), (MySQL, "FULL"), (MySQL, "MINIMAL"), (MySQL56, "none")])
POSITION_LOST = 3


def config(server, **source):
    return {"source": {"url": server.url(), "tables": ["shop.*"], "snapshot": {"chunk_rows": 300}, **source},
            "lake": {"flush_interval": "300ms"}}


def fill(server):
    server.sql("CREATE DATABASE shop; USE shop; CREATE TABLE keyed (id INT PRIMARY KEY, v BIGINT, note VARCHAR(40)); "
               "CREATE TABLE bare (v BIGINT, note VARCHAR(40))")
    server.load("shop.keyed", ((-i, -i, f"old {i}") for i in range(1, 1001)))
    server.load("shop.bare", ((-i, f"old {i}") for i in range(1, 501)))


class Writer(threading.Thread):
    """Transactions whose every change carries a number of its own, until told to stop or the server is gone."""

    def __init__(self, server, first, pause=0.0):
        super().__init__(daemon=True)
        self.link = server.connect("shop", autocommit=False)
        self.next, self.pause = first, pause
        self.stopping = threading.Event()
        self.done = Counter()  # (table, op, v): committed for certain

    def run(self):
        try:
            while not self.stopping.is_set():
                self.transaction()
                time.sleep(self.pause)
        except Exception:  # the server is gone
            pass

    def transaction(self):
        v = self.next
        self.next += 10
        with self.link.cursor() as cursor:
            cursor.execute(f"INSERT INTO keyed (id, v, note) VALUES ({v}, {v}, 'new')")
            cursor.execute(f"INSERT INTO bare VALUES ({v + 1}, 'new'), ({v + 2}, 'new')")
            cursor.execute(f"UPDATE keyed SET v = {v + 3} WHERE id = {v}")
            cursor.execute(f"DELETE FROM bare WHERE v = {v + 2}")
        self.link.commit()
        self.done.update([("keyed", "insert", v), ("bare", "insert", v + 1), ("bare", "insert", v + 2),
                          ("keyed", "update", v + 3), ("bare", "delete", v + 2)])

    def stop(self):
        self.stopping.set()
        self.join()


def write(server, first, transactions):
    writer = Writer(server, first)
    for _ in range(transactions):
        writer.transaction()
    return writer.done


def mirror_equals(freshet, server):
    for table, columns in {"keyed": "id, v, note", "bare": "v, note"}.items():
        expected = Counter(server.sql(f"SELECT {columns} FROM shop.{table}"))
        found = Counter(tuple(row.values()) for row in freshet.query(f"SELECT {columns} FROM {table}"))
        missing, extra = expected - found, found - expected
        assert not missing and not extra, f"{table}: missing {list(missing)[:3]}, extra {list(extra)[:3]}"


def history_is(freshet, done):
    """Each change exactly once."""
    for table in ("keyed", "bare"):
        rows = freshet.query(f"SELECT _op, v, count(*) AS n FROM {table}_history WHERE _op <> 'load' GROUP BY ALL")
        found = Counter({(table, row["_op"], row["v"]): row["n"] for row in rows})
        expected = Counter({key: n for key, n in done.items() if key[0] == table})
        missing, extra = expected - found, found - expected
        assert not missing and not extra, f"{table}: missing {list(missing)[:3]}, too many {list(extra)[:3]}"


def refused(freshet, *texts, code=POSITION_LOST):
    """`freshet run` ends by itself; its last line, which holds each of the texts."""
    freshet.start()
    assert freshet.wait() == code, freshet.log.read_text()
    line = freshet.log.read_text().splitlines()[-1]
    for text in texts:
        assert text in line, line
    return line


def reload(freshet, server):
    """The remedy that the messages name."""
    freshet.start("--reload")
    freshet.wait_until_caught_up()
    mirror_equals(freshet, server)
    freshet.stop()


@pytest.fixture
def pair(request):
    """A primary and its replica, as `kind` and the options of the test have them."""
    opened = []

    def start(kind, **options):
        for number in (1, 2):
            args = kind.replica_options(number) if number > 1 else []
            opened.append(start_or_skip(kind, args=tuple(args), **options))
        opened[1].follow(opened[0])
        return opened

    yield start
    for server in opened:
        server.close()


@LEVELS
def test_failover_by_gtid_to_another_address(kind, row_metadata, pair):
    """The configuration's url is changed to the promoted replica's: no change is lost or repeated."""
    primary, replica = pair(kind, row_metadata=row_metadata)
    fill(primary)
    with Freshet(config(primary)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        writer = Writer(primary, 0)
        writer.start()
        time.sleep(1)
        freshet.kill9()  # in the midst of it
        time.sleep(0.5)
        writer.stop()
        replica.wait_for(primary)
        primary.kill9()
        replica.promote()
        done = writer.done + write(replica, 1_000_000, 50)
        replica.sql("ALTER TABLE shop.keyed ADD COLUMN more INT; UPDATE shop.keyed SET more = 1 WHERE id = -1")
        freshet.configure(config(replica))
        freshet.start()
        done += write(replica, 2_000_000, 50)
        freshet.wait_until_caught_up()
        freshet.wait_until(lambda: freshet.query("SELECT count(*) AS n FROM bare_history WHERE _op <> 'load'")[0]["n"]
                           == sum(n for key, n in done.items() if key[0] == "bare"), what="the last change")
        mirror_equals(freshet, replica)
        history_is(freshet, done + Counter([("keyed", "update", -1)]))
        assert freshet.status()["ledger"]["balanced"]
        freshet.stop()


@KINDS
def test_failover_by_gtid_behind_one_address(kind, pair):
    """The replica takes over the primary's address while Freshet runs and writers write: it reconnects and goes on."""
    primary, replica = pair(kind)
    fill(primary)
    with Freshet(config(primary, retry={"first": "50ms", "longest": "500ms"})) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        writer = Writer(primary, 0)
        writer.start()
        time.sleep(1)
        writer.stop()
        replica.wait_for(primary)
        primary.stop()
        replica.promote()
        replica.move_to(primary.port)
        second = Writer(replica, 1_000_000)
        second.start()
        time.sleep(1)
        second.stop()
        done = writer.done + second.done
        freshet.wait_until(freshet.caught_up, 60, "the reconnection")
        freshet.wait_until(lambda: freshet.query("SELECT count(*) AS n FROM keyed_history WHERE _op <> 'load'")[0]["n"]
                           == sum(n for key, n in done.items() if key[0] == "keyed"), what="the last change")
        mirror_equals(freshet, replica)
        history_is(freshet, done)
        freshet.stop()


@KINDS
def test_failover_while_tables_are_loaded(kind, pair):
    """The load goes on from the key that it had reached, on the new server."""
    primary, replica = pair(kind)
    fill(primary)
    primary.load("shop.keyed", ((i, i, "loaded") for i in range(10_000_000, 10_060_000)), batch=5000)
    replica.wait_for(primary)
    with Freshet(config(primary)) as freshet:
        freshet.start()
        freshet.wait_until(lambda: loaded_rows(freshet) > 2000, what="the first chunks")
        freshet.kill9()
        done = write(primary, 0, 30)
        replica.wait_for(primary)
        primary.kill9()
        replica.promote()
        freshet.configure(config(replica))
        freshet.start()
        done += write(replica, 1_000_000, 30)
        freshet.wait_until_caught_up(120)
        mirror_equals(freshet, replica)
        freshet.stop()


def loaded_rows(freshet):
    try:
        return sum(table["loaded"] for table in freshet.status()["source"]["tables"])
    except RuntimeError:
        return 0


@KINDS
def test_a_replica_that_lacks_what_was_taken_is_refused(kind, pair):
    """The primary dies before its last transactions have reached the replica, but after they have reached Freshet."""
    primary, replica = pair(kind)
    fill(primary)
    replica.wait_for(primary)
    with Freshet(config(primary)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        replica.sql("STOP SLAVE" if kind is MariaDB else "STOP REPLICA")
        write(primary, 0, 3)
        freshet.wait_until(lambda: len(freshet.query("SELECT v FROM keyed WHERE id >= 0")) == 3, what="the changes")
        freshet.stop()
        primary.kill9()
        replica.promote()
        write(replica, 1_000_000, 5)  # as many and more, under other names
        freshet.configure(config(replica))
        refused(freshet, "freshet run --reload")
        reload(freshet, replica)


def test_file_and_offset_are_not_carried_to_another_server(pair):
    primary, replica = pair(MySQL, gtid=False)
    fill(primary)
    with Freshet(config(primary)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        write(primary, 0, 3)
        freshet.wait_until(lambda: len(freshet.query("SELECT v FROM keyed WHERE id >= 0")) == 3, what="the changes")
        freshet.stop()
        replica.wait_for(primary)
        freshet.configure(config(replica))
        line = refused(freshet, "position", "belongs to server " + primary.variable("server_uuid"),
                       replica.variable("server_uuid"), "gtid_mode=ON", "freshet run --reload")
        assert "lost position" in line
        freshet.configure(config(primary))  # pointed back: nothing is lost
        done = write(primary, 10_000, 3)
        freshet.start()
        freshet.wait_until_caught_up()
        freshet.wait_until(lambda: len(freshet.query("SELECT v FROM keyed WHERE id >= 10000")) == 3, what="the rest")
        history_is(freshet, done + write_of(0, 3))
        freshet.stop()
        freshet.configure(config(replica))
        reload(freshet, replica)


def write_of(first, transactions):
    """What write() did."""
    done = Counter()
    for v in range(first, first + 10 * transactions, 10):
        done.update([("keyed", "insert", v), ("bare", "insert", v + 1), ("bare", "insert", v + 2),
                     ("keyed", "update", v + 3), ("bare", "delete", v + 2)])
    return done


def stopped_freshet(server):
    """One that has followed the server and was stopped; close it."""
    freshet = Freshet(config(server))
    freshet.start()
    freshet.wait_until_caught_up()
    freshet.stop()
    return freshet


LOGS = pytest.mark.parametrize("kind, options", [(MariaDB, {}), (MySQL, {}), (MySQL, {"gtid": False})],
                               ids=["mariadb", "mysql", "mysql-file-offset"])


def purge(server):
    """Leaves the newest file only. MariaDB keeps what a reader that has just gone may still read, and InnoDB needs."""
    def purged():
        server.sql(f"PURGE BINARY LOGS TO '{server.log_files()[-1]}'")
        return len(server.log_files()) == 1
    wait_until(purged, 90, "the purge", interval=0.5)


@LOGS
def test_purged_log(kind, options):
    with start_or_skip(kind, **options) as server:
        fill(server)
        with stopped_freshet(server) as freshet:
            write(server, 0, 3)
            server.sql("FLUSH BINARY LOGS")
            write(server, 10_000, 3)
            server.sql("FLUSH BINARY LOGS")
            purge(server)
            refused(freshet, "lost position", "deleted", "keep logs longer", "freshet run --reload")
            reload(freshet, server)
            write(server, 20_000, 3)  # and goes on
            freshet.start()
            freshet.wait_until(lambda: len(freshet.query("SELECT v FROM keyed WHERE id >= 20000")) == 3, what="changes")
            mirror_equals(freshet, server)
            freshet.stop()


@LOGS
def test_files_purged_that_are_not_needed(kind, options):
    """A purge right up to the position loses nothing."""
    with start_or_skip(kind, **options) as server:
        fill(server)
        server.sql("FLUSH BINARY LOGS")
        with stopped_freshet(server) as freshet:
            purge(server)
            done = write(server, 0, 3)
            freshet.start()
            freshet.wait_until(lambda: len(freshet.query("SELECT v FROM keyed WHERE id >= 0")) == 3, what="changes")
            history_is(freshet, done)
            freshet.stop()


@LOGS
@pytest.mark.parametrize("written", [0, 3, 400], ids=["nothing", "less", "more"])
def test_reset_log(kind, options, written):
    """The log begins anew under old names, also where it has grown past the old place since."""
    with start_or_skip(kind, **options) as server:
        fill(server)
        with stopped_freshet(server) as freshet:
            write(server, 0, 3)
            server.reset_log()
            server.sql("DELETE FROM shop.bare WHERE v > 0; DELETE FROM shop.keyed WHERE id > 0")
            write(server, 100_000, written)
            refused(freshet, "lost position", "reset", "freshet run --reload")
            reload(freshet, server)


@LOGS
def test_reset_log_under_a_running_reader(kind, options):
    with start_or_skip(kind, **options) as server:
        fill(server)
        with Freshet(config(server, retry={"first": "50ms", "longest": "500ms"}, read_timeout="3s")) as freshet:
            freshet.start()
            freshet.wait_until_caught_up()
            write(server, 0, 3)
            freshet.wait_until(lambda: len(freshet.query("SELECT v FROM keyed WHERE id >= 0")) == 3, what="changes")
            server.reset_log()
            write(server, 100_000, 5)
            assert freshet.wait(60) == POSITION_LOST
            assert "freshet run --reload" in freshet.log.read_text().splitlines()[-1]
            reload(freshet, server)


def test_two_readers_of_one_server_id():
    """MariaDB lets the last one live; the other says so, by name, and does not fight."""
    with start_or_skip(MariaDB) as server, start_or_skip(MariaDB, args=tuple(MariaDB.replica_options(77))) as replica:
        fill(server)
        server.sql(f"GRANT REPLICATION MASTER ADMIN ON *.* TO {CDC_USER}")  # to see who else reads
        with Freshet(config(server, server_id=77)) as freshet:
            freshet.start()
            freshet.wait_until_caught_up()
            replica.follow(server)
            assert freshet.wait(60) == 2
            line = freshet.log.read_text().splitlines()[-1]
            assert "freshet check" in line and "source.server_id" in line, line
            checks = {c["name"]: c for c in check(freshet)}
            assert checks["reader id"]["outcome"] == "failed", checks["reader id"]
            assert "replica at" in checks["reader id"]["detail"]
        with Freshet(config(server)) as other:  # a random one gets on with everybody
            other.start()
            other.wait_until_caught_up()
            write(server, 0, 3)
            replica.wait_for(server)
            other.wait_until(lambda: len(other.query("SELECT v FROM keyed WHERE id >= 0")) == 3, what="changes")
            other.stop()


def check(freshet):
    return json.loads(freshet.command("check", "--json").stdout)["checks"]


@KINDS
def test_a_replica_as_the_source(kind, pair):
    """A replica that logs what it applies is as good as its primary."""
    primary, replica = pair(kind)
    fill(primary)
    replica.wait_for(primary)
    with Freshet(config(replica)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        done = write(primary, 0, 20)
        freshet.wait_until(lambda: len(freshet.query("SELECT v FROM keyed WHERE id >= 0")) == 20, what="the changes")
        mirror_equals(freshet, primary)
        history_is(freshet, done)
        freshet.stop()


@KINDS
def test_a_replica_that_does_not_log_is_refused(kind):
    options = ("--server-id=2", "--log-slave-updates=OFF" if kind is MariaDB else "--log-replica-updates=OFF")
    with start_or_skip(kind) as primary, start_or_skip(kind, args=options) as replica:
        fill(primary)
        replica.follow(primary)
        replica.wait_for(primary)
        with Freshet(config(replica)) as freshet:
            refused(freshet, "replica that does not log what it applies", "updates=ON", code=2)
            checks = {c["name"]: c for c in check(freshet)}
            assert checks["server role"]["outcome"] == "failed"
            assert "updates = ON" in checks["server role"]["remedy"]
