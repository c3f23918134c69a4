"""Iceberg and Parquet readers that are not ours, as `scripts/setup test` installs them; a test that lacks one is skipped, and says so."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import REPO

INTEROP = REPO / "tests" / "interop"
PYICEBERG = REPO / ".deps" / "pyiceberg" / "bin" / "python"


def pyiceberg(script: str) -> list:
    """The command that runs a script of tests/interop where PyIceberg and PyArrow are."""
    if not PYICEBERG.exists():
        pytest.skip("PyIceberg is not installed: run `scripts/setup test` where PyPI can be reached")
    return [PYICEBERG, INTEROP / script]


def icebird() -> list:
    if shutil.which("node") is None:
        pytest.skip("node is not installed: icebird cannot run")
    if not (INTEROP / "node_modules" / "icebird").is_dir():
        pytest.skip("icebird is not installed: run `scripts/setup test`")
    return ["node", INTEROP / "icebird_read.mjs"]


def rows_of(command: list, place: Path, *arguments: str) -> list[dict]:
    """What a reader prints of a table, or of a place, as JSON lines."""
    done = subprocess.run([str(part) for part in (*command, place, *arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
