"""python3 -m pii_eval [--seed N] [--records N] [--errors N] [--json]"""

import argparse
import json
from pathlib import Path

from . import documents
from .scan import Scanner
from .scoring import TYPES, score

REPO = Path(__file__).resolve().parents[2]


def evaluate(binary: Path, seed: int, records: int, types=TYPES) -> dict:
    """Scores by family of types, and by corpus; and how fast the program counted."""
    scanner = Scanner(binary)
    known = scanner.known(types)
    result = {"seed": seed, "records": records, "detect": known, "scores": None, "speed": {}}
    for corpus in documents.corpora(seed, records):
        result["scores"] = score(corpus, scanner.hits(corpus, known), set(known), result["scores"])
        result["speed"][corpus.name] = scanner.speed(corpus, known)
    return result


def _percent(share: float) -> str:
    return f"{100 * share:.2f}"


def _table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows)


def _print(result: dict, errors: int) -> None:
    print(f"seed {result['seed']}, {result['records']} records a corpus; looked for {len(result['detect'])} types\n")
    rows = [["type", "labels", "precision", "recall", "F1", "strict P", "strict R", "covered", "missed", "false", "confused", "bare", "found"]]
    for type_, s in result["scores"].items():
        rows.append([type_, str(s.labels), *map(_percent, (s.precision, s.recall, s.f1, s.strict_precision, s.strict_recall, s.coverage)),
                     str(s.labels - s.found), str(s.false), str(s.confused), str(s.bare), str(s.bare_found)])
    print(_table(rows) + "\n")
    for name, (size, seconds) in result["speed"].items():
        print(f"{name}: {size / 1e6:.1f} MB of cells in {seconds:.2f} s, {size / 1e6 / max(seconds, 1e-9):.0f} MB/s")
    for type_, s in result["scores"].items() if errors else ():
        for corpus, label in s.misses[:errors]:
            print(f"missed {type_} ({label.type} {label.origin}) in {corpus.name} {label.record} {label.place}: {label.text!r} of {_around(corpus, label)!r}")
        for corpus, hit, text in s.wrong[:errors]:
            print(f"false  {type_} ({hit.type}) in {corpus.name} {hit.record} {hit.place}: {text!r} of {_around(corpus, hit)!r}")


def _around(corpus, span, reach: int = 40) -> str:
    value = corpus.values.get((span.record, span.place), "").encode()
    return value[max(0, span.begin - reach):span.end + reach].decode(errors="replace")


def main() -> None:
    parser = argparse.ArgumentParser(prog="pii_eval", description="Precision, recall and F1 of the detectors on made-up data.")
    parser.add_argument("--binary", type=Path, default=REPO / "build" / "freshet")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--records", type=int, default=3_000, help="of each corpus")
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="list so many misses and false hits of each type (all data is made up)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = evaluate(arguments.binary, arguments.seed, arguments.records)
    if arguments.json:
        result["scores"] = {type_: s.figures() for type_, s in result["scores"].items()}
        print(json.dumps(result, indent=2))
    else:
        _print(result, arguments.errors)


if __name__ == "__main__":
    main()
