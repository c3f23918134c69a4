"""Runs `freshet pii scan` over a corpus."""

import json
import subprocess
import tempfile
from pathlib import Path

from .scoring import Hit


class Scanner:
    """The program under test, in a directory without a configuration file."""

    def __init__(self, binary: Path):
        self.binary = Path(binary).resolve()

    def _run(self, *arguments, check=True, input_=b"") -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory(prefix="freshet-eval-") as directory:
            done = subprocess.run([str(self.binary), "pii", "scan", *arguments], cwd=directory, input=input_, capture_output=True)
        if check and done.returncode:
            raise RuntimeError(f"freshet pii scan {' '.join(arguments)}: {done.stderr.decode().strip()}")
        return done

    def known(self, types) -> list[str]:
        """Those of the types that the program can look for."""
        done = self._run("--detect", ",".join(types), "-", check=False)
        if not done.returncode:
            return list(types)
        known = [type_ for type_ in types if not self._run("--detect", type_, "-", check=False).returncode]
        if not known:
            raise RuntimeError(done.stderr.decode().strip())
        return known

    def _over(self, corpus, detect, *options) -> str:
        with tempfile.NamedTemporaryFile(prefix="freshet-eval-") as file:
            file.write(corpus.content)
            file.flush()
            header = ["--header"] if corpus.format == "csv" else []
            return self._run(file.name, "--format", corpus.format, *header, "--detect", ",".join(detect), *options).stdout.decode()

    def hits(self, corpus, detect) -> list[Hit]:
        found = map(json.loads, self._over(corpus, detect, "--spans").splitlines())
        return [Hit(hit["record"], hit["column"], hit["begin"], hit["end"], hit["type"]) for hit in found if not hit.get("key")]

    def speed(self, corpus, detect) -> tuple[int, float]:
        """Bytes of cells, and seconds of a scan that only counts."""
        report = json.loads(self._over(corpus, detect, "--json"))
        return report["bytes"], report["seconds"]
