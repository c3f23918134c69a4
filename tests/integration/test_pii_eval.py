"""A small run of the evaluation of the detectors (docs/pii-evaluation.md), with floors."""

import os
from pathlib import Path

import pytest

from harness import REPO
from pii_eval.__main__ import evaluate

BINARY = Path(os.environ.get("FRESHET_BINARY", REPO / "build" / "freshet"))
SEED = 20261122

# What must be reached at least: precision, recall and coverage (no byte of a label in clear text).
FLOORS = {"EMAIL": (0.97, 0.995, 0.995), "PHONE_NUMBER": (0.80, 0.93, 0.93)}


@pytest.fixture(scope="module")
def scores():
    print(f"seed {SEED}")
    return evaluate(BINARY, SEED, records=400, types=tuple(FLOORS))["scores"]


@pytest.mark.parametrize("type_", FLOORS)
def test_floor(scores, type_):
    """Figures of a type do not fall below their floor."""
    found = scores[type_]
    assert found.labels > 500
    reached = (found.precision, found.recall, found.coverage)
    assert all(have >= floor for have, floor in zip(reached, FLOORS[type_])), found.figures()
