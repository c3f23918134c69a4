"""Child processes that do not outlive the tests."""

import ctypes
import shutil
import signal
import subprocess
import time
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(command: list[str], log: Path, **options) -> subprocess.Popen:
    """Starts a child whose output is appended to `log`; it is killed should the tests die first."""
    with log.open("ab") as out:
        return subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out,
                                stderr=subprocess.STDOUT, preexec_fn=_die_with_parent, **options)


class InDirectory:
    """A process and the temporary directory that is all it has. Use as a context manager, or call close()."""

    directory: Path
    _process: subprocess.Popen | None = None

    def kill9(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process = None

    def close(self) -> None:
        """Ends the process at once and removes everything of it."""
        if self._process:
            self.kill9()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def tail(log: Path, lines: int = 25) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"


def wait_until(condition, timeout: float = 30, what: str = "the condition", interval: float = 0.02):
    """Calls condition() until it returns something true, and returns that. Raises TimeoutError with the last answer."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true in {timeout} s; last answer: {answer!r}")
        time.sleep(interval)
