"""Verdicts keep their digest through storage."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from mlflowflow.errors import CorruptData
from mlflowflow.gates.evaluate import evaluate
from mlflowflow.gates.verdict import Verdict
from tests.gates.examples import BETTER, NO_HARM, QUALITY, against, alone, evidences, paired, policies, policy

if TYPE_CHECKING:
    from mlflowflow.gates.evidence import Evidence
    from mlflowflow.gates.policy import GatePolicy


@given(policies, evidences)
def test_json_round_trip(any_policy: GatePolicy, evidence: Evidence) -> None:
    """Reading what was written gives a verdict with the same digest, NaN included."""
    verdict = evaluate(any_policy, evidence)
    assert Verdict.from_plain(json.loads(verdict.to_json())).digest == verdict.digest


def test_nan_is_written_as_text() -> None:
    """JSON has no NaN; it is a string, so every reader can read the verdict."""
    assert '"accuracy":"NaN"' in evaluate(policy(QUALITY), alone(accuracy=math.nan)).to_json()


def test_explanation_has_the_reasons_against() -> None:
    """The explanation adds the sentences of the checks that did not pass, and only those."""
    evidence = against(
        {"accuracy": 0.5, "log_loss": 1.0}, {"log_loss": 1.0}, rows=paired(candidate_only=9, champion_only=5)
    )
    explanation = evaluate(policy(QUALITY, NO_HARM, BETTER), evidence).explanation
    assert "(quality) accuracy is 0.5" in explanation
    assert "(better) Of the 14 rows" in explanation
    assert "(no_harm)" not in explanation


def test_refuses_foreign_content() -> None:
    """What is no verdict is called damaged, by its key."""
    with pytest.raises(CorruptData, match="registry/x"):
        Verdict.from_plain({"outcome": "MAYBE"}, key="registry/x")
