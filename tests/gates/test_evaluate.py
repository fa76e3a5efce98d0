"""Verdicts follow from the checks by fixed precedence, and false promotions are as rare as promised."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from mlflowflow.gates.evaluate import _outcome, evaluate
from mlflowflow.gates.policy import GatePolicy, OnInconclusive, PairedTest, Threshold, WhenNoChampion
from mlflowflow.gates.verdict import GateOutcome, Outcome
from tests.gates.examples import (
    BETTER,
    NO_HARM,
    QUALITY,
    SCHEMA,
    against,
    alone,
    evidences,
    outcomes,
    paired,
    policies,
    policy,
)

if TYPE_CHECKING:
    from mlflowflow.gates.evidence import Evidence

_DOUBT = paired(candidate_only=9, champion_only=5)
_WIN = paired(candidate_only=20, champion_only=5)
_GOOD, _POOR = {"accuracy": 0.95, "log_loss": 0.1}, {"accuracy": 0.5, "log_loss": 0.1}


@given(policies, evidences)
def test_pure(any_policy: GatePolicy, evidence: Evidence) -> None:
    """Any evidence can be weighed by any policy, and twice gives the same digest."""
    verdict = evaluate(any_policy, evidence)
    assert verdict.digest == evaluate(any_policy, evidence).digest
    assert [check.id for check in verdict.checks] == [check.id for check in any_policy.checks]


@given(policies, evidences)
def test_only_clean_verdicts_pass(any_policy: GatePolicy, evidence: Evidence) -> None:
    """No verdict passes over a failed check or one that could not be computed."""
    verdict = evaluate(any_policy, evidence)
    found = {check.outcome for check in verdict.checks}
    assert not (verdict.passed and found & {Outcome.FAIL, Outcome.ERROR})


@pytest.mark.parametrize(
    ("checks", "evidence", "outcome"),
    [
        ((QUALITY, BETTER), against(_GOOD, _GOOD, rows=_WIN), GateOutcome.PASSED),
        ((QUALITY, BETTER), against(_POOR, _GOOD, rows=_DOUBT), GateOutcome.FAILED),
        ((QUALITY, NO_HARM), against({"accuracy": 0.5}, _GOOD), GateOutcome.FAILED),
        ((QUALITY, NO_HARM), against({"accuracy": 0.95}, _GOOD), GateOutcome.ERROR),
        ((BETTER, QUALITY), against({}, {}, rows=_DOUBT), GateOutcome.ERROR),
        ((QUALITY, BETTER), against(_GOOD, _GOOD, rows=_DOUBT), GateOutcome.HELD),
    ],
)
def test_precedence(
    checks: tuple[Threshold | PairedTest, ...], evidence: Evidence, outcome: GateOutcome
) -> None:
    """A failure beats an error, an error beats doubt, doubt beats a pass."""
    assert evaluate(policy(*checks), evidence).outcome is outcome


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        (OnInconclusive.HOLD, GateOutcome.HELD),
        (OnInconclusive.FAIL, GateOutcome.FAILED),
        (OnInconclusive.PASS, GateOutcome.PASSED),
    ],
)
def test_doubt(rule: OnInconclusive, outcome: GateOutcome) -> None:
    """The policy says what doubt means."""
    evidence = against(_GOOD, _GOOD, rows=_DOUBT)
    assert evaluate(policy(QUALITY, BETTER, on_inconclusive=rule), evidence).outcome is outcome


@pytest.mark.parametrize(
    ("rule", "accuracy", "outcome"),
    [
        (WhenNoChampion.ABSOLUTE_ONLY, 0.95, GateOutcome.PASSED),
        (WhenNoChampion.ABSOLUTE_ONLY, 0.5, GateOutcome.FAILED),
        (WhenNoChampion.REQUIRE_APPROVAL, 0.95, GateOutcome.HELD),
        (WhenNoChampion.REQUIRE_APPROVAL, 0.5, GateOutcome.FAILED),
        (WhenNoChampion.FAIL, 0.95, GateOutcome.FAILED),
        (WhenNoChampion.ABSOLUTE_ONLY, math.nan, GateOutcome.FAILED),
    ],
)
def test_first_model(rule: WhenNoChampion, accuracy: float, outcome: GateOutcome) -> None:
    """The first model meets the absolute checks, and what the policy says about firsts."""
    gate = policy(QUALITY, BETTER, SCHEMA, when_no_champion=rule)
    assert evaluate(gate, alone(accuracy=accuracy)).outcome is outcome


def test_doubt_about_the_first_model_is_still_doubt() -> None:
    """A check that cannot tell holds the first model too, should one ever say so without a champion."""
    outcome = _outcome(policy(QUALITY), {Outcome.INCONCLUSIVE}, has_champion=False)
    assert outcome is GateOutcome.HELD


@pytest.mark.parametrize(
    ("gate", "evidence", "sentence"),
    [
        (
            policy(QUALITY, BETTER),
            against(_GOOD, _GOOD, rows=_WIN),
            (
                "Version 4 of 'digits' may become 'champion' in place of version 3: all 2 checks passed "
                "(quality: accuracy 0.95 is at least 0.9; "
                "better: right alone on 20 rows to the champion's 5, p = 0.002 is at most 0.05)."
            ),
        ),
        (
            policy(NO_HARM),
            against(_GOOD, _GOOD),
            (
                "Version 4 of 'digits' may become 'champion' in place of version 3: the one check passed "
                "(no_harm: log_loss 0.1 against the champion's 0.1 is no worse)."
            ),
        ),
        (
            policy(QUALITY, BETTER, on_inconclusive=OnInconclusive.PASS),
            against(_GOOD, _GOOD, rows=_DOUBT),
            (
                "Version 4 of 'digits' may become 'champion' in place of version 3: "
                "1 of 2 checks cannot tell, which this policy lets pass (better)."
            ),
        ),
        (
            policy(QUALITY, BETTER),
            against(_POOR, _GOOD, rows=_WIN),
            (
                "Version 4 of 'digits' does not become 'champion' in place of version 3: "
                "1 of 2 checks failed (quality)."
            ),
        ),
        (
            policy(QUALITY, BETTER),
            against(_GOOD, _GOOD, rows=_DOUBT),
            (
                "Version 4 of 'digits' is held and does not become 'champion' in place of version 3 yet: "
                "1 of 2 checks cannot tell (better)."
            ),
        ),
        (
            policy(QUALITY, when_no_champion=WhenNoChampion.REQUIRE_APPROVAL),
            alone(accuracy=1.0),
            (
                "Version 1 of 'digits' is held and does not become 'champion' yet: "
                "there is no champion to compare with, and for that the policy says 'require_approval'."
            ),
        ),
        (
            policy(QUALITY),
            alone(),
            (
                "Version 1 of 'digits' could not be judged and does not become 'champion': "
                "1 of 1 check could not be computed (quality)."
            ),
        ),
        (
            policy(QUALITY),
            alone(accuracy=1.0),
            (
                "Version 1 of 'digits' may become 'champion': there is no champion yet; "
                "the one check passed (quality: accuracy 1 is at least 0.9)."
            ),
        ),
        (
            policy(BETTER, NO_HARM, QUALITY, SCHEMA),
            alone(accuracy=0.98361),
            (
                "Version 1 of 'digits' may become 'champion': there is no champion yet; "
                "1 of 4 checks applied and passed (quality: accuracy 0.9836 is at least 0.9)."
            ),
        ),
        (
            policy(BETTER, NO_HARM, SCHEMA),
            alone(accuracy=0.98361),
            ("Version 1 of 'digits' may become 'champion': there is no champion yet; 0 of 3 checks applied."),
        ),
    ],
)
def test_sentence(gate: GatePolicy, evidence: Evidence, sentence: str) -> None:
    """The verdict says who, in whose place, and why."""
    assert evaluate(gate, evidence).sentence == sentence


def _share_promoted(accuracy: float, *, repeats: int = 1000, rows: int = 1000) -> float:
    """Return how often a candidate of that accuracy replaces a champion of 0.9, both independent."""
    source, gate = random.Random(1947), policy(BETTER)

    def drawn(share: float) -> list[bool]:
        return [source.random() < share for _ in range(rows)]

    verdicts = (
        evaluate(gate, against(rows=(outcomes(drawn(accuracy)), outcomes(drawn(0.9)))))
        for _ in range(repeats)
    )
    return sum(verdict.passed for verdict in verdicts) / repeats


def test_noise_is_not_promoted() -> None:
    """Of equally good models at most alpha are promoted, give or take two standard errors."""
    alpha, repeats = 0.05, 1000
    assert _share_promoted(0.9, repeats=repeats) <= alpha + 2 * math.sqrt(alpha * (1 - alpha) / repeats)


def test_improvement_is_promoted() -> None:
    """Four points of accuracy on 1,000 rows are found nearly always."""
    assert _share_promoted(0.94, repeats=200) >= 0.85
