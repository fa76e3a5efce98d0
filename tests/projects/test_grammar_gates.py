"""A gate is read as its policy; nothing about it is guessed that could let a model pass."""

from __future__ import annotations

import pytest

from mlflowflow.gates.policy import (
    Goal,
    OnInconclusive,
    PairedTest,
    Relative,
    SignatureCheck,
    Threshold,
    WhenNoChampion,
)
from tests.projects.examples import changed, project, wrong

QUALITY = "{id: quality, metric: accuracy, min: 0.9}"
CHECKS = """\
    checks:
      - {id: quality, metric: accuracy, min: 0.9}
      - {id: no_harm, metric: log_loss, goal: minimize, min_improvement: -0.05}
      - {id: better, metric: accuracy, relation: superior, test: mcnemar_exact, alpha: 0.05}
      - {id: schema, kind: signature, compatible_with: champion}
"""


def test_a_whole_gate() -> None:
    """Each check is of the kind that its keys show."""
    policy = project().gates["champion"]
    assert policy.when_no_champion is WhenNoChampion.ABSOLUTE_ONLY
    assert policy.on_inconclusive is OnInconclusive.HOLD
    assert policy.checks == (
        Threshold(id="quality", metric="accuracy", min=0.9),
        Relative(id="no_harm", metric="log_loss", goal=Goal.MINIMIZE, min_improvement=-0.05),
        PairedTest(id="better"),
        SignatureCheck(id="schema"),
    )


@pytest.mark.parametrize(
    "shown", ["kind: paired_test", "relation: superior", "test: mcnemar_exact", "alpha: 0.05"]
)
def test_one_key_shows_the_kind(shown: str) -> None:
    """A check needs no more than one key that only its kind has."""
    text = changed(QUALITY, f"{{id: quality, {shown}}}")
    assert project(text).gates["champion"].checks[0] == PairedTest(id="quality")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "    when_no_champion: absolute_only\n",
            "",
            (
                "Gate 'champion' has no 'when_no_champion'; it must be stated: absolute_only, require_approval or "
                "fail."
            ),
        ),
        (
            "when_no_champion: absolute_only",
            "when_no_champion: pass",
            (
                "'when_no_champion' of gate 'champion' is the text 'pass'; expected absolute_only, "
                "require_approval or fail."
            ),
        ),
        (CHECKS, "", "Gate 'champion' has no 'checks', so everything would pass; add at least one."),
        (
            QUALITY,
            "{id: quality, metric: accuracy, mn: 0.9}",
            (
                "Check 'quality' of gate 'champion' has an unknown key 'mn'. Did you mean 'min'? "
                "Known keys: id, kind, max, metric, min."
            ),
        ),
        (
            QUALITY,
            "{id: quality, metric: accuracy}",
            "Check 'quality' has no bound; give it 'min', 'max' or both.",
        ),
        (
            QUALITY,
            "{id: quality, metric: accuracy, min: high}",
            "'min' of check 'quality' of gate 'champion' is the text 'high'; expected a finite number.",
        ),
        (QUALITY, "{metric: accuracy, min: 0.9}", "Check 1 of gate 'champion' has no 'id'; expected text."),
        (
            "id: no_harm",
            "id: quality",
            "Gate 'champion' has several checks with the id 'quality'; rename one.",
        ),
        (
            "relation: superior",
            "relation: equivalent",
            "'relation' of check 'better' of gate 'champion' is the text 'equivalent'; expected 'superior'.",
        ),
        ("alpha: 0.05", "alpha: 5", "Check 'better' has alpha 5.0; expected a number between 0 and 0.5."),
        (
            "kind: signature",
            "kind: signatura",
            (
                "Check 'schema' of gate 'champion' has the unknown kind 'signatura'. Did you mean 'signature'? "
                "Known kinds: paired_test, relative, signature, threshold."
            ),
        ),
        (
            QUALITY,
            "{id: quality, metric: accuracy, min_improvement: 0}",
            "Check 'quality' of gate 'champion' has no 'goal'; expected maximize or minimize.",
        ),
        (QUALITY, "quality", "Check 1 of gate 'champion' is the text 'quality'; expected a mapping."),
    ],
)
def test_mistakes(old: str, new: str, sentence: str) -> None:
    """Each mistake is told, and it is the only one that is."""
    assert wrong(old, new) == [sentence]
