"""Why a check passed is told in a few words, with the numbers that decided and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.gates.checks import weigh
from mlflowflow.gates.grounds import bounds, ground
from mlflowflow.gates.policy import Goal, Relative, Threshold
from mlflowflow.gates.verdict import Outcome
from tests.gates.examples import BETTER, NO_HARM, QUALITY, SCHEMA, against, alone, paired

if TYPE_CHECKING:
    from mlflowflow.gates.evidence import Evidence
    from mlflowflow.gates.policy import Check

_GAIN = Relative(id="gain", metric="accuracy", goal=Goal.MAXIMIZE, min_improvement=0.01)
_NO_LOSS = Relative(id="no_loss", metric="accuracy", goal=Goal.MAXIMIZE)


def _losses(candidate: float, champion: float) -> Evidence:
    return against({"log_loss": candidate}, {"log_loss": champion})


def _accuracies(candidate: float, champion: float) -> Evidence:
    return against({"accuracy": candidate}, {"accuracy": champion})


@pytest.mark.parametrize(
    ("check", "evidence", "words"),
    [
        (QUALITY, alone(accuracy=0.98361), "accuracy 0.9836 is at least 0.9"),
        (_GAIN, _accuracies(0.98, 0.95), "accuracy 0.98 against the champion's 0.95 is at least 0.01 better"),
        (
            _NO_LOSS,
            _accuracies(0.95002, 0.95001),
            "accuracy 0.95002 against the champion's 0.95001 is no worse",
        ),
        (_NO_LOSS, _accuracies(0.95, 0.95), "accuracy 0.95 against the champion's 0.95 is no worse"),
        (NO_HARM, _losses(0.12, 0.1), "log_loss 0.12 against the champion's 0.1 is at most 0.05 worse"),
        (NO_HARM, _losses(0.08, 0.1), "log_loss 0.08 against the champion's 0.1 is no worse"),
        (
            BETTER,
            against(rows=paired(candidate_only=20, champion_only=5)),
            "right alone on 20 rows to the champion's 5, p = 0.002 is at most 0.05",
        ),
        (SCHEMA, against(incompatibilities=()), "callers of the champion need no change"),
    ],
)
def test_ground(check: Check, evidence: Evidence, words: str) -> None:
    """Each kind of check names what it compared and what was asked for."""
    result = weigh(check, evidence)
    assert (result.outcome, ground(check, result.numbers)) == (Outcome.PASS, words)


@pytest.mark.parametrize("metric", ["min", "max"])
def test_a_metric_may_be_named_like_a_bound(metric: str) -> None:
    """The value is told, not the bound of that name."""
    check = Threshold(id="t", metric=metric, min=1, max=9)
    numbers = weigh(check, alone(**{metric: 5.0})).numbers
    assert ground(check, numbers) == f"{metric} 5 is at least 1 and at most 9"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(1, None, "at least 1"), (None, 9, "at most 9"), (0, 0, "at least 0 and at most 0")],
)
def test_bounds(low: float | None, high: float | None, words: str) -> None:
    """Only the bounds there are; zero is one."""
    assert bounds(Threshold(id="t", metric="m", min=low, max=high)) == words
