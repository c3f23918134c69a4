"""Loading is held to a rate, and gives way to the log."""

from harness.freshet import Freshet
from harness.proxy import LogProxy

ROWS = 10_000


def config(server, database, port=None, **snapshot):
    return {"source": {"url": server.url(), "port": port or server.port, "tls": "off",
                       "tables": [f"{database}.*"], "snapshot": snapshot},
            "lake": {"flush_interval": "300ms"}}


def make_table(server, database, rows=ROWS):
    server.sql("CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(40))", database)
    server.load(f"{database}.users", ((i, f"name {i}") for i in range(rows)))


def source(freshet):
    try:
        return freshet.status()["source"]
    except RuntimeError:  # not up yet
        return {"tables": [], "throttled": None}


def loaded(freshet):
    return sum(table["loaded"] for table in source(freshet)["tables"])


def same_rows(freshet, server, database):
    expected = {(id, name) for id, name in server.sql("SELECT id, name FROM users", database)}
    return {(int(r["id"]), r["name"]) for r in freshet.query("SELECT id, name FROM users")} == expected


def test_a_rate_holds_for_all_workers_together(server, database):
    make_table(server, database, 10_000)
    with Freshet(config(server, database, workers=4, rows_per_second=2_000)) as freshet:
        freshet.start()
        freshet.wait_until(lambda: source(freshet)["throttled"] == "rate", 30, "the rate to hold loading back")
        assert "throttled: by source.snapshot.rows_per_second" in freshet.command("status").stdout
        freshet.wait_until_caught_up()
        assert same_rows(freshet, server, database)
        loads = freshet.query("SELECT count(*) AS n, epoch(max(_commit_ts)) - epoch(min(_commit_ts)) AS seconds "
                              "FROM users_history")[0]
        assert loads["n"] == 10_000
        # Five chunks of 2,000 rows, of which the last begins four seconds after the first, unless that came late.
        assert float(loads["seconds"]) >= 2, loads
        freshet.stop()


def test_the_log_goes_first(server, database):
    make_table(server, database)
    with LogProxy(server.port) as proxy, \
            Freshet(config(server, database, proxy.port, chunk_rows=100, rows_per_second=2_000,
                           pause_behind="1s")) as freshet:
        freshet.start()
        freshet.wait_until(lambda: loaded(freshet) > 0, 30, "the first rows")
        proxy.hold_log()
        server.sql("UPDATE users SET name = 'new' WHERE id % 10 = 0", database)
        freshet.wait_until(lambda: source(freshet)["throttled"] == "log_behind", 30, "loading to give way")
        at = loaded(freshet)
        assert "the log is" in freshet.command("status").stdout
        assert source(freshet)["behind_seconds"] >= 1
        assert at < ROWS
        assert loaded(freshet) == at
        proxy.release_log()
        freshet.wait_until_caught_up()
        assert same_rows(freshet, server, database)
        log = freshet.log.read_text()
        assert "loading waits" in log and "loading goes on" in log
        freshet.stop()
