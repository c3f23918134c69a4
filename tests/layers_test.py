#!/usr/bin/python3
"""The layers of src/: a file includes only its own stage and those below it, and every header compiles alone.

base <- model <- {source, stream, transform, lake} <- pipeline <- app, and lake <- query <- app.
Runs under pytest, and by itself: prints what is wrong and exits 1.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import REPO, sources  # noqa: E402

SRC = REPO / "src"
STAMPS = REPO / "build" / "header-check"

# Stage -> the stages below it.
BELOW = {
    "base": set(),
    "model": {"base"},
    "source": {"base", "model"},
    "stream": {"base", "model"},
    "transform": {"base", "model"},
    "lake": {"base", "model"},
    "query": {"base", "model", "lake"},
    "pipeline": {"base", "model", "source", "stream", "transform", "lake", "query"},
}
BELOW["app"] = set(BELOW)


def layer_errors(src: Path) -> list[str]:
    errors = []
    for path in sources.files(src, ".h", ".cpp"):
        name = path.relative_to(src)
        stage = name.parts[0]
        if len(name.parts) < 2 or stage not in BELOW:
            errors.append(f"{name}: stands in no stage (stages: {', '.join(BELOW)})")
            continue
        for included in sources.includes(path):
            target = included.split("/")[0]
            if not (src / included).is_file():
                errors.append(f'{name}: "{included}" is no file of src/ (name project files from src/, others in <>)')
            elif target != stage and target not in BELOW[stage]:
                errors.append(f'{name}: "{included}" is not below {stage}; {stage} may include '
                              f'{", ".join(sorted(BELOW[stage])) or "itself only"}')
    return errors


def pkg_config(*packages: str) -> list[str]:
    out = subprocess.run(["pkg-config", "--cflags", *packages], check=True, capture_output=True, text=True)
    return out.stdout.split()


def comes_first(header: Path, src: Path) -> bool:
    """A source file of the same name begins with it: building that proves that it compiles alone."""
    source = header.with_suffix(".cpp")
    return source.is_file() and sources.first_include(source) == f'"{header.relative_to(src)}"'


def header_errors(src: Path, stamps: Path) -> dict[Path, str]:
    headers = [header for header in sources.files(src, ".h") if not comes_first(header, src)]
    if not headers:
        return {}
    command = ["g++", "-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c++",
               "-I", str(src), "-isystem", str(REPO / ".deps" / "duckdb"),
               *pkg_config("libmariadb", "rocksdb", "yaml-cpp", "spdlog", "libzstd", "liblz4", "simdjson")]

    def compile_alone(header: Path) -> str:
        # Included from a main file, as in use: `#pragma once` in a main file is itself a warning.
        probe = f'#include "{header.relative_to(src)}"\n'
        done = subprocess.run([*command, "-"], input=probe, capture_output=True, text=True)
        return done.stderr if done.returncode else ""

    return sources.check_all(headers, src, " ".join(command), stamps, compile_alone)


def test_a_header_that_its_source_begins_with_is_left_to_the_build(tmp_path):
    src = write(tmp_path / "src", base__first="no C++", base__late="no C++", base__alone="no C++")
    (src / "base/first.cpp").write_text('// About it.\n#include "base/first.h"\n#include <string>\n')
    (src / "base/late.cpp").write_text('#include <string>\n#include "base/late.h"\n')
    assert [path.name for path in header_errors(src, tmp_path / "stamps")] == ["alone.h", "late.h"]


def write(root: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = root / (name.replace("__", "/") + ".h")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_no_upward_or_sideways_include():
    assert layer_errors(SRC) == []


def test_each_header_compiles_alone():
    failures = header_errors(SRC, STAMPS)
    assert not failures, "\n".join(failures.values())


def test_planted_includes_are_caught(tmp_path):
    src = write(tmp_path,
                base__low='#include "model/mid.h"\n',  # upward
                model__mid="",
                lake__table='#include "base/low.h"\n#include "model/mid.h"\n',  # both allowed
                stream__log='  #  include "lake/table.h"\n',  # sideways
                query__engine='#include "lake/table.h"\n#include "stream/log.h"\n',  # the second: not below
                pipeline__run='#include "query/engine.h"\n#include "stream/log.h"\n',
                app__main='#include "pipeline/run.h"\n#include "gone.h"\n',  # the second: no such file
                misc__stray="")
    assert [error.split(" ")[:2] for error in layer_errors(src)] == [
        ["app/main.h:", '"gone.h"'],
        ["base/low.h:", '"model/mid.h"'],
        ["misc/stray.h:", "stands"],
        ["query/engine.h:", '"stream/log.h"'],
        ["stream/log.h:", '"lake/table.h"'],
    ]


def test_planted_header_that_leans_on_others_is_caught(tmp_path):
    src = write(tmp_path / "src", base__good="#pragma once\n#include <string>\nstd::string name();\n",
                base__bad="#pragma once\nstd::string name();\n")
    for _ in range(2):  # a failure is never remembered as a pass
        assert [path.name for path in header_errors(src, tmp_path / "stamps")] == ["bad.h"]
    write(src, base__bad="#pragma once\n#include <string>\nstd::string name();\n")
    sources.includes.cache_clear()
    assert header_errors(src, tmp_path / "stamps") == {}


def main() -> int:
    errors = layer_errors(SRC) + list(header_errors(SRC, STAMPS).values())
    print("\n".join(errors) or "layers: every include points down, every header compiles alone")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
