"""Evidence survives storage and its digest covers every part of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given

from mlflowflow.errors import CorruptData
from mlflowflow.events.canonical import to_bytes
from mlflowflow.gates.evidence import Evaluation, Evidence
from tests.gates.examples import against, evidences, outcomes


@given(evidences)
def test_round_trip(evidence: Evidence) -> None:
    """Evidence read back, with its tables found by digest, is the same evidence."""
    tables = {table.digest: table for table in evidence.tables}
    stored = json.loads(to_bytes(evidence.to_plain()))
    again = Evidence.from_plain(stored, table=tables.__getitem__)
    assert again.digest == evidence.digest
    assert again.tables == evidence.tables


def test_digest_covers_rows() -> None:
    """One changed prediction is other evidence."""
    rows, changed = outcomes([True, False]), outcomes([True, True])
    assert against(rows=(rows, rows)).digest != against(rows=(changed, rows)).digest


def test_not_compared_is_not_compatible() -> None:
    """Signatures that were not compared differ from signatures without a difference."""
    assert against(incompatibilities=None).digest != against(incompatibilities=()).digest


def test_metrics_cannot_be_changed() -> None:
    """Evidence is frozen with everything in it."""
    given_metrics = {"accuracy": 0.5}
    evaluation = Evaluation(version=1, metrics=given_metrics)
    given_metrics["accuracy"] = 1.0
    assert evaluation.metrics["accuracy"] == 0.5


@pytest.mark.parametrize("stored", [None, [], {}, {"candidate": {"version": "x"}}])
def test_refuses_foreign_content(stored: object) -> None:
    """What is no evidence is called damaged."""
    with pytest.raises(CorruptData):
        Evidence.from_plain(stored, table=lambda _: outcomes([True]))


def test_champion_is_part_of_it() -> None:
    """The same candidate against another champion is other evidence."""
    evidence = against()
    assert evidence.champion is not None
    other = replace(evidence, champion=replace(evidence.champion, version=2))
    assert other.digest != evidence.digest
