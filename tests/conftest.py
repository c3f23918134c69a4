"""Fixtures of all tests: a MariaDB, a MySQL and a MySQL 5.6 per run, and a test database on any."""

import itertools
import os

import pytest

from harness.servers import MariaDB, MySQL, MySQL56, start_or_skip

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mariadb():
    with MariaDB() as server:
        yield server


@pytest.fixture(scope="session")
def mysql():
    with start_or_skip(MySQL) as server:
        yield server


@pytest.fixture(scope="session")
def mysql56():
    with start_or_skip(MySQL56) as server:
        yield server


@pytest.fixture(params=["mariadb", "mysql"])
def server(request):
    """The test runs once on each server."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def database(server):
    """The name of an empty database on `server`, dropped after the test."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    server.sql(f"CREATE DATABASE {name}")
    yield name
    server.sql(f"DROP DATABASE {name}")


def pytest_terminal_summary(terminalreporter):
    """A skipped test says why, loudly, whatever the verbosity."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("SKIPPED, not tested", yellow=True, bold=True)
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            terminalreporter.line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}", yellow=True)
