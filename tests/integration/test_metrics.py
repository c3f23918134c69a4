"""What monitoring reads: GET /metrics through Prometheus' own parser, /healthz and /readyz."""

import re
import socket
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from harness import REPO
from harness.freshet import Freshet
from harness.servers import free_port


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def samples(port: int) -> dict:
    """By name and labels, as Prometheus stores them."""
    code, text = get(port, "/metrics")
    assert code == 200
    return {(sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text) for sample in family.samples}


def config_of(server, database: str, port: int) -> dict:
    return {"source": {"url": server.url(), "tables": [f"{database}.*"]},
            "endpoints": {"metrics": f"127.0.0.1:{port}"}}


def test_figures(server, database):
    server.sql(f"CREATE TABLE {database}.people (id INT PRIMARY KEY, note VARCHAR(99)); "
               f"INSERT INTO {database}.people VALUES (1, 'mail ann@example.com'), (2, 'none')")
    port = free_port()
    with Freshet(config_of(server, database, port)) as freshet:
        freshet.start()
        freshet.wait_until_caught_up()
        server.sql(f"UPDATE {database}.people SET note = 'bob@example.com' WHERE id = 2")

        def value(name: str, **labels) -> float | None:
            return samples(port).get((name, frozenset(labels.items())))

        table = f"{database}.people"
        found = {"table": "people", "column": "note", "type": "EMAIL"}
        freshet.wait_until(lambda: value("freshet_pii_found_cells_total", **found) == 2, what="the update in the metrics")
        assert value("freshet_source_connected") == 1
        assert value("freshet_snapshot_rows", table=table) == 2
        assert value("freshet_snapshot_phase", table=table, phase="done") == 1
        assert value("freshet_lake_rows", table="people") == 2
        assert value("freshet_ledger_changes_total", outcome="emitted") == 1
        assert value("freshet_ledger_balanced") == 1
        assert value("process_resident_memory_bytes") > 1 << 20
        assert get(port, "/healthz") == (200, "alive\n")
        assert get(port, "/readyz") == (200, "ready\n")
        assert get(port, "/other")[0] == 404
        assert "ann@" not in get(port, "/metrics")[1]
        # Connections that say nothing do not keep it from ending.
        with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)):
            freshet.stop()


def test_the_page_of_all_figures_is_true(mariadb):
    documented = set(re.findall(r"`((?:freshet|process)_[a-z_]+)`", (REPO / "docs" / "monitoring.md").read_text().split("## Figures")[1]))
    port = free_port()
    with Freshet(config_of(mariadb, "nothing", port)) as freshet:
        freshet.start()
        freshet.wait_until(lambda: freshet.command("status").returncode == 0, what="the pipeline")
        told = set(re.findall(r"^# TYPE (\w+)", get(port, "/metrics")[1], re.MULTILINE))
    assert documented - told <= {"freshet_source_log_ahead_bytes", "freshet_source_log_retention_seconds"}
    assert told <= documented


def test_not_ready_without_a_source(mariadb):
    port, nobody = free_port(), free_port()
    config = config_of(mariadb, "nothing", port)
    config["source"]["url"] = f"mysql://cdc:secret@127.0.0.1:{nobody}"
    with Freshet(config) as freshet:
        freshet.start()
        freshet.wait_until(lambda: freshet.command("status").returncode == 0, what="the pipeline")
        code, text = get(port, "/readyz")
        assert code == 503 and "not connected" in text
        assert get(port, "/healthz")[0] == 200


def test_port_in_use(mariadb):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with Freshet(config_of(mariadb, "nothing", port)) as freshet:
            done = freshet.command("run")
            assert done.returncode == 2
            assert f"endpoints.metrics: cannot listen on 127.0.0.1:{port}" in done.stderr
            assert len(done.stderr.strip().splitlines()) == 1
