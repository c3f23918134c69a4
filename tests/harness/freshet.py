"""The program under test, run as users run it: a freshet.yaml, a process, its command line."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from . import REPO
from .process import InDirectory, spawn, tail, wait_until

STOP_TIMEOUT = 60


class Freshet(InDirectory):
    """`freshet run` over a configuration in a temporary directory.

    config: the content of freshet.yaml. Relative paths in it, and the default data folder, lie in `directory`.
    """

    def __init__(self, config: dict, binary: Path | None = None):
        self.binary = binary or Path(os.environ.get("FRESHET_BINARY", REPO / "build" / "freshet"))
        self.directory = Path(tempfile.mkdtemp(prefix="freshet-run-"))
        self.config = self.directory / "freshet.yaml"
        self.log = self.directory / "freshet.log"
        self._process = None
        self.configure(config)

    def configure(self, config: dict) -> None:
        """Writes freshet.yaml; a running process does not see it before its next start."""
        self.config.write_text(json.dumps(config, indent=2) + "\n")  # JSON is YAML

    def start(self, *arguments: str) -> "Freshet":
        """Starts `freshet run`; does not wait for anything."""
        assert self._process is None, "freshet runs already"
        self._process = spawn([self.binary, "run", "-c", self.config, *arguments], self.log, cwd=self.directory)
        return self

    @property
    def pid(self) -> int:
        assert self._process, "freshet is not running"
        return self._process.pid

    def wait(self, timeout: float = STOP_TIMEOUT) -> int:
        """Waits for the process to end by itself; its exit code."""
        code = self._process.wait(timeout)
        self._process = None
        return code

    def stop(self) -> None:
        """SIGTERM, on which freshet drains and exits 0."""
        self._process.terminate()
        code = self.wait()
        assert code == 0, f"freshet ended with {code} after SIGTERM:\n{tail(self.log)}"

    def command(self, *arguments: str, timeout: float = 120, input: str = "") -> subprocess.CompletedProcess:
        """Runs `freshet <arguments> -c freshet.yaml` to its end, whatever its exit code."""
        return subprocess.run([str(self.binary), *arguments, "-c", str(self.config)], cwd=self.directory,
                              input=input, capture_output=True, text=True, timeout=timeout)

    def _output(self, *arguments: str) -> str:
        done = self.command(*arguments)
        if done.returncode:
            raise RuntimeError(f"freshet {arguments[0]} exited with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def query(self, sql: str) -> list[dict]:
        return json.loads(self._output("query", "--format", "json", sql))

    def status(self) -> dict:
        return json.loads(self._output("status", "--json"))

    def wait_until(self, condition, timeout: float = 30, what: str = "the condition"):
        """Calls condition() until it is true. Fails at once, with the log, when freshet dies meanwhile."""
        def alive():
            if self._process and self._process.poll() is not None:
                raise AssertionError(f"freshet ended with {self._process.returncode}:\n{tail(self.log)}")
            return condition()

        try:
            return wait_until(alive, timeout, what, interval=0.1)
        except TimeoutError as timeout_error:
            raise AssertionError(f"{timeout_error}\n{tail(self.log)}") from None

    def caught_up(self) -> bool:
        """True when all tables are loaded and all that the stream holds is in SQL."""
        try:
            return self.status()["caught_up"]
        except RuntimeError:  # not up yet
            return False

    def wait_until_caught_up(self, timeout: float = 60) -> None:
        self.wait_until(self.caught_up, timeout, "freshet to catch up")
