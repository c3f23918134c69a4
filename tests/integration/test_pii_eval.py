"""A small run of the evaluation of the detectors (docs/pii-evaluation.md), with floors."""

import os
from pathlib import Path

import pytest

from harness import REPO
from pii_eval.__main__ import evaluate
from pii_eval.scoring import CORE, TYPES

BINARY = Path(os.environ.get("FRESHET_BINARY", REPO / "build" / "freshet"))
SEED = 20261122

# What must be reached at least: precision, recall and coverage (no byte of a label in clear text).
FLOOR = (0.98, 0.995, 0.995)
DEFAULT = ("EMAIL", "PHONE_NUMBER")


@pytest.fixture(scope="module", params=[DEFAULT, TYPES], ids=["default", "all"])
def scores(request):
    print(f"seed {SEED}")
    return evaluate(BINARY, SEED, records=400, types=request.param)["scores"]


@pytest.mark.parametrize("type_", CORE)
def test_floor(scores, type_):
    """Figures of a type do not fall below the floor, whether few types are looked for or all."""
    found = scores[type_]
    if found.labels == 0:
        assert type_ not in DEFAULT
        return
    assert found.labels > 500
    reached = (found.precision, found.recall, found.coverage)
    assert all(have >= floor for have, floor in zip(reached, FLOOR)), found.figures()
