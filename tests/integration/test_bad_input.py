"""Bad input gives one clear line on stderr, the right exit code, and leaves everything as it was."""

import shutil

import pytest

from harness.freshet import Freshet
from harness.process import wait_until
from harness.servers import MariaDB, MySQL, free_port

FAILED, USAGE, REFUSED = 1, 2, 3
one_server = pytest.mark.parametrize("server", ["mariadb"], indirect=True)  # what does not concern the server


@pytest.fixture
def freshet(server, database):
    """A configuration for one small table; nothing runs yet."""
    server.sql("CREATE TABLE t (id INT PRIMARY KEY, word VARCHAR(20)); INSERT INTO t VALUES (1, 'one'), (2, 'two')", database)
    with Freshet(config(server, f"{database}.t")) as program:
        yield program


@pytest.fixture
def loaded(freshet):
    """The same after a first run: stream and lake hold the table."""
    run_once(freshet, 2)
    return freshet


def config(server, table, **source):
    return {"source": {"url": server.url(), "tables": [table], **source}, "lake": {"flush_interval": "200ms"}}


def rows(freshet):
    return [(row["id"], row["word"]) for row in freshet.query("SELECT id, word FROM t ORDER BY id")]


def reached(freshet, count):
    try:
        return len(rows(freshet)) == count
    except RuntimeError:  # not up yet
        return False


def run_once(freshet, count):
    freshet.start()
    freshet.wait_until_caught_up()
    freshet.wait_until(lambda: reached(freshet, count), what=f"{count} rows")
    freshet.stop()


def refusal(freshet, *command, code, says=(), timeout=30):
    """The one line that `freshet command` ends with; other output to stderr there is none."""
    done = freshet.command(*command, "--log-level", "off", timeout=timeout)
    lines = done.stderr.splitlines()
    assert done.returncode == code, (done.returncode, done.stderr)
    assert len(lines) == 1 and lines[0].startswith("freshet: "), done.stderr
    for text in says:
        assert text in lines[0], lines[0]
    return lines[0]


def goes_on(freshet, server, database, count=3):
    """A change made now arrives, and the lake is the source."""
    server.sql("INSERT INTO t VALUES (3, 'three')", database)
    run_once(freshet, count)
    assert rows(freshet) == server.sql("SELECT id, word FROM t ORDER BY id", database)


# The source.

def test_wrong_password(freshet, server, database):
    """Names the server, the user and the setting, never the password."""
    freshet.configure(config(server, f"{database}.t", password="not-the-password"))
    line = refusal(freshet, "run", code=USAGE, says=["'cdc'", str(server.port), "source.password"])
    assert "not-the-password" not in line
    freshet.configure(config(server, f"{database}.t"))
    goes_on(freshet, server, database)


def test_nothing_listening(tmp_path):
    """`check` fails and says so; `run` waits for the server, tells why, and ends cleanly when told to."""
    port = free_port()
    with Freshet({"source": {"url": f"mysql://cdc:secret@127.0.0.1:{port}", "tables": ["a.b"]}}) as freshet:
        done = freshet.command("check")
        assert done.returncode == FAILED and str(port) in done.stdout and "✗" in done.stdout
        freshet.start()
        freshet.wait_until(lambda: str(port) in problem(freshet), 10, "the problem in the status")
        freshet.stop()
        assert str(port) in freshet.log.read_text()


def problem(freshet):
    try:
        return freshet.status()["source"]["problem"]
    except RuntimeError:
        return ""


@pytest.mark.parametrize("kind", [MariaDB, MySQL])
def test_no_binlog(kind, request):
    """Says to switch the log on."""
    request.getfixturevalue(kind.name)  # skips where that server cannot be had
    with kind(binlog=False) as server:
        server.sql("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)")
        with Freshet(config(server, "d.t")) as freshet:
            refusal(freshet, "run", code=USAGE, says=["binary log", "log_bin"])
            assert freshet.command("check").returncode == FAILED


def test_statement_format(freshet, server, database):
    """Says how to set the format; after that all works."""
    server.sql("SET GLOBAL binlog_format = STATEMENT")
    try:
        refusal(freshet, "run", code=USAGE, says=["binlog_format=STATEMENT", "SET GLOBAL binlog_format=ROW"])
        done = freshet.command("check")
        assert done.returncode == FAILED and "binlog_format" in done.stdout
    finally:
        server.sql("SET GLOBAL binlog_format = ROW")
    goes_on(freshet, server, database)


def test_statement_format_in_a_session(loaded, server, database):
    """Changes that were logged as text cannot be had; the pipeline stops instead of losing them."""
    server.sql("SET SESSION binlog_format = STATEMENT; INSERT INTO t VALUES (3, 'three')", database)
    refusal(loaded, "run", code=FAILED, says=["STATEMENT", "freshet run --reload"])
    assert rows(loaded) == [(1, "one"), (2, "two")]


def test_missing_table(freshet, server, database):
    """Names the table."""
    freshet.configure(config(server, f"{database}.absent"))
    refusal(freshet, "run", code=USAGE, says=[f"{database}.absent"])
    assert freshet.command("check").returncode == FAILED
    freshet.configure(config(server, f"{database}.t"))
    goes_on(freshet, server, database)


def test_purged_log(loaded, server, database):
    """The log that a stopped pipeline still needs is gone: exit 3 and a way out."""
    server.sql("INSERT INTO t VALUES (3, 'three')", database)
    server.sql("FLUSH BINARY LOGS")
    wait_until(lambda: purged(server), what="the purge")  # a server keeps logs that it may still need itself
    refusal(loaded, "run", code=REFUSED, says=["freshet run --reload"])
    assert rows(loaded) == [(1, "one"), (2, "two")]


def purged(server):
    last = server.sql("SHOW BINARY LOGS")[-1][0]
    server.sql(f"PURGE BINARY LOGS TO '{last}'")
    return len(server.sql("SHOW BINARY LOGS")) == 1


def test_another_server_without_gtids(mysql):
    """A file position of one server means nothing on another: exit 3."""
    table = "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, word VARCHAR(20)); INSERT INTO d.t VALUES (1, 'one')"
    with MySQL(gtid=False) as server, Freshet(config(server, "d.t")) as freshet:
        server.sql(table)
        run_once(freshet, 1)
        with MySQL(gtid=False) as other:
            other.sql(table)
            freshet.configure(config(other, "d.t"))
            refusal(freshet, "run", code=REFUSED, says=["server"])
        freshet.configure(config(server, "d.t"))
        server.sql("INSERT INTO d.t VALUES (2, 'two')")
        run_once(freshet, 2)


def test_another_server_with_gtids(loaded, server, database):
    """A server whose log is not the continuation of ours: exit 3."""
    with type(server)() as other:
        other.sql(f"CREATE DATABASE {database}; CREATE TABLE {database}.t (id INT PRIMARY KEY, word VARCHAR(20))")
        loaded.configure(config(other, f"{database}.t"))
        refusal(loaded, "run", code=REFUSED, says=["server"])
    loaded.configure(config(server, f"{database}.t"))
    goes_on(loaded, server, database)


# The command line and the configuration: no server is asked.

@pytest.fixture
def bare():
    with Freshet({"source": {"url": "mysql://cdc:secret@127.0.0.1:1", "tables": ["a.b"]}}) as program:
        yield program


def test_unknown_configuration_key(bare):
    """File, line, and the name that was meant."""
    bare.config.write_text("source:\n  url: mysql://cdc@127.0.0.1:1\n  tabels: [a.b]\n")
    for command in (["run"], ["check"], ["query", "SELECT 1"]):
        refusal(bare, *command, code=USAGE, says=["freshet.yaml:3", "tabels", "tables"])


@pytest.mark.parametrize("text, says", [
    ("source: [", "freshet.yaml:"),
    ("source: { url: 'mysql://c@h', tables: [a.b] }\nlake: { flush_interval: soon }\n", "freshet.yaml:2"),
    ("source: { url: 'mysql://c:${NO_SUCH_VARIABLE}@h', tables: [a.b] }\n", "NO_SUCH_VARIABLE"),
    ("source: { url: 'postgres://c@h', tables: [a.b] }\n", "mysql://"),
    ("lake: {}\n", "source"),
    ("", "source"),
])
def test_bad_configuration(bare, text, says):
    """What is wrong stands in the line."""
    bare.config.write_text(text)
    refusal(bare, "run", code=USAGE, says=[says])


def test_no_configuration(bare):
    """Names the file that is missing."""
    bare.config.unlink()
    refusal(bare, "run", code=USAGE, says=["freshet.yaml"])


@pytest.mark.parametrize("command, says", [
    (["statsu"], "status"), (["run", "--no-such-option"], "--help"), (["query", "--format", "xml", "SELECT 1"], "csv"),
    (["run", "--set", "lake.flush_intervall=1s"], "flush_interval"),
])
def test_bad_command_line(bare, command, says):
    """The nearest name or the possible words are told."""
    refusal(bare, *command, code=USAGE, says=[says])


@one_server
@pytest.mark.parametrize("place", ["/proc/no-such-place", "/dev/null/data"])
def test_unwritable_data_directory(freshet, server, database, place):
    """Names the folder; nothing is tried elsewhere."""
    freshet.configure(config(server, f"{database}.t") | {"directory": place})
    refusal(freshet, "run", code=FAILED, says=[place.removesuffix("/data")])
    assert freshet.command("check").returncode == FAILED


@one_server
def test_file_where_a_directory_should_be(freshet, server, database):
    """Names it; when it is gone, all works."""
    blocker = freshet.directory / "freshet-data"
    blocker.write_text("mine")
    refusal(freshet, "run", code=FAILED, says=[str(blocker)])
    assert blocker.read_text() == "mine"
    blocker.unlink()
    goes_on(freshet, server, database)


@one_server
def test_directory_in_use(freshet, server, database):
    """A second run on the same directory is refused; the first does not notice."""
    freshet.start()
    freshet.wait_until_caught_up()
    refusal(freshet, "run", code=USAGE, says=[str(freshet.directory), "in use"])
    server.sql("INSERT INTO t VALUES (3, 'three')", database)
    freshet.wait_until(lambda: reached(freshet, 3), what="a change after the refusal")
    freshet.stop()


# What a run before has left, damaged.

def damage(path, content):
    """Replaces the content of a file; a function that puts the old one back."""
    kept = path.with_name(path.name + ".kept")
    shutil.copy2(path, kept)
    path.write_bytes(content)
    return lambda: kept.replace(path)


def newest(freshet, pattern):
    files = list((freshet.directory / "freshet-data").glob(pattern))
    return max(files, key=lambda path: path.stat().st_mtime_ns)


DAMAGED = {  # file -> the command that must notice, besides run
    "stream/MANIFEST-*": ["tail"],
    "stream/CURRENT": ["tail"],
    "stream/*.log": [],
    "state/ingest.checkpoint": [],
    "state/key": ["tail"],
    "lake/*/t/metadata/v*.metadata.json": ["query", "SELECT * FROM t"],
    "lake/*/t_history/metadata/v*.metadata.json": ["query", "SELECT * FROM t_history"],
    "lake/*/t/metadata/snap-*.avro": ["query", "SELECT * FROM t"],
}


@one_server
@pytest.mark.parametrize("what", DAMAGED)
def test_corrupt_state_directory(loaded, server, database, what):
    """The place of the damage is named, nothing else is touched: with the file back, the pipeline goes on."""
    file = newest(loaded, what)
    repair = damage(file, file.read_bytes()[:file.stat().st_size // 2])
    server.sql("UPDATE t SET word = 'changed' WHERE id = 1", database)
    refusal(loaded, "run", code=FAILED, says=[str(loaded.directory)])
    if DAMAGED[what]:
        refusal(loaded, *DAMAGED[what], code=FAILED, says=[str(loaded.directory)])
    repair()
    goes_on(loaded, server, database)


@one_server
def test_what_may_be_lost(loaded, server, database):
    """The checkpoint is a shortcut and the version hint a courtesy: without them all goes on."""
    for what in ("state/ingest.checkpoint", "lake/*/t/metadata/version-hint.text"):
        newest(loaded, what).unlink()
    goes_on(loaded, server, database)


@one_server
def test_corrupt_data_file(loaded, server):
    """A query names the Parquet file that cannot be read."""
    file = newest(loaded, "lake/*/t/data/**/*.parquet")
    repair = damage(file, file.read_bytes()[:40])
    refusal(loaded, "query", "SELECT * FROM t", code=FAILED, says=[file.name])
    repair()
    assert rows(loaded) == [(1, "one"), (2, "two")]


# SQL.

@one_server
@pytest.mark.parametrize("running", [False, True])
def test_bad_sql(loaded, server, running):
    """A broken statement, or one that writes, is refused in one line, with and without a running pipeline."""
    target = loaded.directory / "out.csv"
    if running:
        loaded.start()
        loaded.wait_until_caught_up()
    refusal(loaded, "query", "SELEC 1", code=USAGE, says=["SELEC"])
    refusal(loaded, "query", "SELECT no_such_column FROM t", code=USAGE, says=["no_such_column"])
    refusal(loaded, "query", "SELECT * FROM no_such_table", code=USAGE, says=["no_such_table"])
    refusal(loaded, "query", "", code=USAGE)
    for writes in ("DROP TABLE t", "DROP VIEW t", "DELETE FROM t", "CREATE TABLE x (i INT)", "INSERT INTO t VALUES (9, 'x')",
                   f"EXPORT DATABASE '{target}'", f"EXPLAIN ANALYZE COPY t TO '{target}'",
                   f"ATTACH '{target}'", "SET threads = 1", "SELECT 1; DROP TABLE t"):
        refusal(loaded, "query", writes, code=USAGE)
    assert not target.exists()
    assert rows(loaded) == [(1, "one"), (2, "two")]
    if running:
        loaded.stop()


def test_query_before_the_first_run(bare):
    """There is nothing to query yet, and that is said."""
    refusal(bare, "query", "SELECT * FROM t", code=USAGE, says=["t"])
    refusal(bare, "status", code=FAILED)
