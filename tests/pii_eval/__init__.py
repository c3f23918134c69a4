"""An evaluation of the detectors on labelled, made-up data. The generators share nothing with the detectors.

`make pii-eval`, or `python3 -m pii_eval --help` from tests/. docs/pii-evaluation.md says what the figures mean.
"""
