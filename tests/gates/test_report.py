"""The verdict in a terminal: outcome first, then every check with its reason."""

from __future__ import annotations

from mlflowflow.gates.evaluate import evaluate
from mlflowflow.gates.report import lines
from tests.gates.examples import BETTER, QUALITY, against, alone, paired, policy


def test_lines() -> None:
    """Columns line up, sentences are whole, digests are short."""
    evidence = against({"accuracy": 0.95}, rows=paired(candidate_only=5, champion_only=9))
    verdict = evaluate(policy(QUALITY, BETTER), evidence)
    assert list(lines(verdict)) == [
        "Gate 'gate': FAILED",
        "  Version 4 of 'digits' does not become 'champion' in place of version 3: 1 of 2 checks failed (better).",
        "  pass          quality  accuracy is 0.95; at least 0.9 was asked for.",
        (
            "  fail          better   Of the 14 rows that only one of the two gets right, "
            "the candidate has 5 and the champion 9, so the candidate is no better."
        ),
        f"  verdict {verdict.digest[:12]}, policy {verdict.policy_digest[:12]}",
    ]


def test_check_that_does_not_apply() -> None:
    """A comparison without a champion is shown as not applicable, not as a success."""
    shown = list(lines(evaluate(policy(BETTER), alone())))
    assert shown[2].split()[:2] == ["-", "better"]
