"""Each kind of check says yes, no, cannot tell or cannot compute, and why, in words."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.gates.checks import weigh
from mlflowflow.gates.evidence import Evaluation, Evidence
from mlflowflow.gates.policy import Goal, Relative, Threshold
from mlflowflow.gates.verdict import Outcome
from tests.gates.examples import (
    BETTER,
    NO_HARM,
    QUALITY,
    SCHEMA,
    against,
    alone,
    evaluation,
    outcomes,
    paired,
)

if TYPE_CHECKING:
    from mlflowflow.gates.policy import Check


@pytest.mark.parametrize(
    ("value", "outcome", "words"),
    [
        (0.95, Outcome.PASS, "accuracy is 0.95; at least 0.9 was asked for."),
        (0.9, Outcome.PASS, "accuracy is 0.9; at least 0.9 was asked for."),
        (0.899999, Outcome.FAIL, "accuracy is 0.899999, below the minimum of 0.9."),
        (math.nan, Outcome.FAIL, "accuracy is not a number (NaN), which satisfies no bound."),
        (math.inf, Outcome.PASS, "accuracy is inf; at least 0.9 was asked for."),
    ],
)
def test_minimum(value: float, outcome: Outcome, words: str) -> None:
    """The minimum itself is enough, anything below is not, and NaN is never enough."""
    result = weigh(QUALITY, alone(accuracy=value))
    assert (result.outcome, result.sentence) == (outcome, words)


@pytest.mark.parametrize(
    ("value", "outcome"), [(0.2, Outcome.PASS), (0.3, Outcome.PASS), (0.31, Outcome.FAIL)]
)
def test_maximum(value: float, outcome: Outcome) -> None:
    """The maximum itself is allowed."""
    assert weigh(Threshold(id="t", metric="loss", max=0.3), alone(loss=value)).outcome is outcome


def test_missing_metric_names_those_there_are() -> None:
    """A metric nobody logged is an error that shows the run and what to choose from."""
    result = weigh(QUALITY, alone(f1=0.5, auc=0.7))
    assert result.outcome is Outcome.ERROR
    assert result.sentence == (
        "Run 'run-of-1', the evaluation of the candidate, has no metric 'accuracy'; "
        "the metrics it has: auc, f1."
    )


@pytest.mark.parametrize(
    ("goal", "values", "margin", "outcome"),
    [
        (Goal.MAXIMIZE, (0.9, 0.8), 0.05, Outcome.PASS),
        (Goal.MAXIMIZE, (0.3, 0.2), 0.1, Outcome.PASS),  # 0.3 - 0.2 is a hair below 0.1
        (Goal.MAXIMIZE, (0.84, 0.8), 0.05, Outcome.FAIL),
        (Goal.MAXIMIZE, (0.8, 0.8), 0.0, Outcome.PASS),
        (Goal.MAXIMIZE, (0.79, 0.8), 0.0, Outcome.FAIL),
        (Goal.MINIMIZE, (0.8, 0.9), 0.05, Outcome.PASS),
        (Goal.MINIMIZE, (0.9, 0.8), 0.0, Outcome.FAIL),
        (Goal.MINIMIZE, (0.84, 0.8), -0.05, Outcome.PASS),
        (Goal.MINIMIZE, (0.86, 0.8), -0.05, Outcome.FAIL),
        (Goal.MINIMIZE, (math.inf, 0.8), -0.05, Outcome.FAIL),
        (Goal.MINIMIZE, (math.nan, 0.8), -0.05, Outcome.FAIL),
        (Goal.MINIMIZE, (0.8, math.nan), -0.05, Outcome.ERROR),
        (Goal.MINIMIZE, (math.inf, math.inf), -0.05, Outcome.ERROR),
    ],
)
def test_relative(goal: Goal, values: tuple[float, float], margin: float, outcome: Outcome) -> None:
    """The improvement, in the direction of the goal, must reach the margin; NaN never does."""
    check = Relative(id="r", metric="m", goal=goal, min_improvement=margin)
    assert weigh(check, against({"m": values[0]}, {"m": values[1]})).outcome is outcome


@pytest.mark.parametrize(
    ("candidate", "champion", "words"),
    [
        (
            0.12,
            0.1,
            "log_loss is 0.12 against the champion's 0.1, worse by 0.02; a loss of up to 0.05 is allowed.",
        ),
        (
            0.1,
            0.12,
            "log_loss is 0.1 against the champion's 0.12, better by 0.02; a loss of up to 0.05 is allowed.",
        ),
        (0.1, 0.1, "log_loss is 0.1 against the champion's 0.1, no change; a loss of up to 0.05 is allowed."),
    ],
)
def test_relative_in_words(candidate: float, champion: float, words: str) -> None:
    """The sentence has both numbers, the direction and the margin."""
    assert weigh(NO_HARM, against({"log_loss": candidate}, {"log_loss": champion})).sentence == words


@pytest.mark.parametrize(
    ("candidate", "champion", "run"),
    [({}, {"log_loss": 1.0}, "run-of-4"), ({"log_loss": 1.0}, {}, "run-of-3")],
)
def test_relative_needs_both(candidate: dict[str, float], champion: dict[str, float], run: str) -> None:
    """A metric missing on either side is an error naming that side's run."""
    result = weigh(NO_HARM, against(candidate, champion))
    assert result.outcome is Outcome.ERROR
    assert run in result.sentence


def test_averages_over_different_rows_are_no_comparison() -> None:
    """Where the rows are known to differ, the averages over them are not compared."""
    rows = outcomes([True, True]), outcomes([True, True], first_row=1)
    result = weigh(NO_HARM, against({"log_loss": 0.1}, {"log_loss": 0.2}, rows=rows))
    assert result.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("won", "lost", "outcome", "words"),
    [
        (9, 5, Outcome.INCONCLUSIVE, "candidate has 9; p = 0.21 > 0.05: too few to tell."),
        (12, 2, Outcome.PASS, "candidate has 12; p = 0.00647, at most 0.05: more than chance would give."),
        (5, 0, Outcome.PASS, "Of the 5 rows that only one of the two gets right"),
        (4, 0, Outcome.INCONCLUSIVE, "Of the 4 rows"),
        (7, 7, Outcome.FAIL, "candidate has 7 and the champion 7, so the candidate is no better."),
        (5, 9, Outcome.FAIL, "candidate has 5 and the champion 9, so the candidate is no better."),
        (0, 0, Outcome.FAIL, "right and wrong on exactly the same 80 rows, so the candidate is no better."),
    ],
)
def test_paired(won: int, lost: int, outcome: Outcome, words: str) -> None:
    """Passing takes more discordant rows won than chance gives; behind or equal is a plain no."""
    result = weigh(BETTER, against(rows=paired(candidate_only=won, champion_only=lost)))
    assert result.outcome is outcome
    assert words in result.sentence


def test_paired_says_how_many_rows_would_tell() -> None:
    """Too few rows to tell comes with an estimate of enough."""
    result = weigh(BETTER, against(rows=paired(candidate_only=9, champion_only=5)))
    assert "about 495 rows in all (now 94) would show it" in result.sentence


def test_paired_does_not_extrapolate_from_a_handful_of_rows() -> None:
    """One row won tells nothing about how many it would take; the next step is named without a number."""
    result = weigh(BETTER, against(rows=paired(candidate_only=1)))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.sentence == (
        "Of the 1 row that only one of the two gets right, the candidate has 1; p = 0.5 > 0.05: "
        "too few to tell. Evaluate both on more rows (now 81)."
    )


def test_paired_respects_alpha() -> None:
    """A stricter alpha asks for more."""
    rows = paired(candidate_only=12, champion_only=2)
    assert weigh(replace(BETTER, alpha=0.005), against(rows=rows)).outcome is Outcome.INCONCLUSIVE


def test_paired_on_different_rows() -> None:
    """Different rows cannot be paired; the sentence tells how to make them the same."""
    rows = outcomes([True] * 10), outcomes([True] * 8, first_row=5)
    result = weigh(BETTER, against(rows=rows))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.sentence == (
        "The candidate was evaluated on 10 rows and the champion on 8 rows, of which 5 are the same; "
        "evaluate the champion, version 3, on the candidate's rows and pass that run as evidence too."
    )


def test_paired_with_changed_labels() -> None:
    """The same rows with other labels are another exam."""
    one = outcomes([True, False])
    other = replace(one, labels=(1, 0))
    result = weigh(BETTER, against(rows=(one, other)))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "1 row had another label" in result.sentence


@pytest.mark.parametrize(
    ("rows", "run"), [((None, outcomes([True])), "run-of-4"), ((outcomes([True]), None), "run-of-3")]
)
def test_paired_without_outcomes(rows: tuple[None, None], run: str) -> None:
    """A run that kept no outcomes is named, with what to log."""
    result = weigh(BETTER, against(rows=rows))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert f"'{run}' has no 'outcomes.parquet'" in result.sentence


@pytest.mark.parametrize(
    ("reasons", "outcome", "words"),
    [
        ((), Outcome.PASS, "unchanged"),
        (("column 'x' is new",), Outcome.FAIL, "column 'x' is new"),
        (None, Outcome.INCONCLUSIVE, "without a signature"),
    ],
)
def test_signature(reasons: tuple[str, ...] | None, outcome: Outcome, words: str) -> None:
    """Reasons against are a no, none are a yes, and not compared is neither."""
    result = weigh(SCHEMA, against(incompatibilities=reasons))
    assert result.outcome is outcome
    assert words in result.sentence


@pytest.mark.parametrize("check", [NO_HARM, BETTER])
def test_champion_that_nobody_evaluated(check: Check) -> None:
    """Without an evaluation of the champion nothing can be told; the next step is in the sentence."""
    evidence = Evidence(candidate=evaluation(4, {"log_loss": 0.1}), champion=Evaluation(version=3))
    result = weigh(check, evidence)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "no evaluation of the champion, version 3" in result.sentence


@pytest.mark.parametrize("check", [NO_HARM, BETTER, SCHEMA])
def test_first_model(check: Check) -> None:
    """While there is no champion, comparisons do not apply, and say so."""
    result = weigh(check, alone(accuracy=1.0))
    assert (result.outcome, result.numbers["applicable"]) == (Outcome.PASS, 0)
    assert result.sentence.startswith("There is no champion yet")
