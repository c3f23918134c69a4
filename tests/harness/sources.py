"""The source tree as the checks see it: which file includes which, and what a check already passed on."""

import concurrent.futures
import functools
import hashlib
import re
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)


def files(src: Path, *suffixes: str) -> list[Path]:
    return sorted(p for p in src.rglob("*") if p.suffix in suffixes)


@functools.cache
def includes(path: Path) -> tuple[str, ...]:
    """The names in the #include "..." lines of a file."""
    return tuple(INCLUDE.findall(path.read_text(encoding="utf-8")))


def first_include(path: Path) -> str:
    """What the first #include names, in its quotes or brackets."""
    found = re.search(r'^[ \t]*#[ \t]*include[ \t]*(\S+)', path.read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else ""


def closure(path: Path, src: Path) -> list[Path]:
    """The file and every project file that it includes, directly or not."""
    found: dict[Path, None] = {}
    pending = [path]
    while pending:
        current = pending.pop()
        if current in found or not current.is_file():
            continue
        found[current] = None
        pending += [src / name for name in includes(current)]
    return sorted(found)


def digest(path: Path, src: Path, salt: str) -> str:
    """Changes when the file, a project file it includes, or the salt changes."""
    state = hashlib.sha256(salt.encode())
    for part in closure(path, src):
        state.update(f"\n{part.relative_to(src) if part.is_relative_to(src) else part.name}\n".encode())
        state.update(part.read_bytes())
    return state.hexdigest()


def check_all(paths, src: Path, salt: str, stamps: Path, check, jobs: int = 2) -> dict[Path, str]:
    """Runs check(path) -> error text, empty when it passed, on every file that has not passed as it stands now.

    Returns the failures. Passes are remembered as empty files in `stamps`.
    """
    stamps.mkdir(parents=True, exist_ok=True)
    due = [(p, s) for p in paths if not (s := stamps / digest(p, src, salt)).exists()]
    failures = {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for (path, stamp), error in zip(due, pool.map(lambda entry: check(entry[0]), due)):
            if error:
                failures[path] = error
            else:
                stamp.touch()
    return failures
