"""End-to-end tests as text: tests/e2e/*.test, each on every server.

A file is a list of steps, each a keyword on its own line and what belongs to it below:

    source            SQL for the source server, in the test's own database
    start             starts `freshet run` over all tables of that database, waits until it has caught up
    restart           stops it (SIGTERM), starts it again, waits; `restart kill` uses SIGKILL instead
    query             SQL over the lake; below `----` the expected rows, one a line, values joined by |
    query stopped     the same after a clean stop, with no pipeline running
    verify            `freshet verify` finds source and lake equal
    config            JSON merged into freshet.yaml before the first start; null takes a setting away
    file NAME         a file beside freshet.yaml; {database} stands for the test's database
    only mariadb      the file concerns one kind of server only

A query is repeated until its rows are as expected, for the lake follows the source by moments; on
time-out the difference is shown. Values print as in JSON, strings without quotes, null as NULL.
"""

import json
from pathlib import Path

import pytest

from harness.freshet import Freshet
from harness.process import wait_until

KEYWORDS = ("source", "start", "restart", "query", "verify", "config", "file", "only")
FILES = sorted(Path(__file__).parent.glob("*.test"))
TIMEOUT = 15


def parse(path: Path) -> list[tuple[str, str]]:
    steps = []
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            continue
        if line and line.split()[0] in KEYWORDS and line == line.lower() and len(line.split()) <= 2:
            steps.append([line, []])
        elif steps:
            steps[-1][1].append(line)
    return [(keyword, "\n".join(body).strip("\n")) for keyword, body in steps]


def render(value) -> str:
    if value is None:
        return "NULL"
    return value if isinstance(value, str) else json.dumps(value)


def merge(into: dict, more: dict) -> dict:
    for key, value in more.items():
        if value is None:
            into.pop(key, None)
        else:
            into[key] = merge(into.get(key, {}), value) if isinstance(value, dict) else value
    return into


class Scenario:
    def __init__(self, server, database):
        self.server, self.database = server, database
        self.settings = {"source": {"url": server.url(), "tables": [f"{database}.*"]},
                         "lake": {"flush_interval": "500ms"}}
        self.files = {}
        self.freshet = None

    def wait(self):
        self.freshet.wait_until_caught_up(TIMEOUT)

    def rows(self, sql: str) -> list[str]:
        return ["|".join(render(value) for value in row.values()) for row in self.freshet.query(sql)]

    def expect(self, body: str):
        sql, _, expected = body.partition("----")
        expected = [line for line in expected.strip("\n").split("\n") if line]
        seen = []

        def as_expected():
            try:
                seen[:] = self.rows(sql.strip())
            except RuntimeError as error:  # a column that is still to come
                seen[:] = [str(error)]
            return seen == expected
        try:
            wait_until(as_expected, TIMEOUT, "the rows")
        except TimeoutError:
            assert seen == expected, sql

    def step(self, keyword: str, body: str):
        if keyword == "source":
            self.server.sql(body, self.database)
        elif keyword == "config":
            merge(self.settings, json.loads(body))
        elif keyword == "start":
            self.freshet = Freshet(self.settings)
            for name, text in self.files.items():
                (self.freshet.directory / name).write_text(text)
            self.freshet.start()
            self.wait()
        elif keyword.startswith("restart"):
            self.freshet.kill9() if keyword.endswith("kill") else self.freshet.stop()
            self.freshet.start()
            self.wait()
        elif keyword.startswith("file "):
            self.files[keyword.split()[1]] = body.replace("{database}", self.database)
        elif keyword == "verify":
            verified = self.freshet.command("verify")
            assert verified.returncode == 0, verified.stdout + verified.stderr
        elif keyword == "query stopped":
            self.freshet.stop()
            self.expect(body)
        elif keyword == "query":
            self.expect(body)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file(path, request, server, database):
    steps = parse(path)
    kind = type(server).__name__.lower()
    if any(keyword.startswith("only") and keyword.split()[1] != kind for keyword, _ in steps):
        pytest.skip(f"{path.stem} concerns another kind of server")
    scenario = Scenario(server, database)
    try:
        for keyword, body in steps:
            scenario.step(keyword, body)
    finally:
        if scenario.freshet:
            scenario.freshet.close()
