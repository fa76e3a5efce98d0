"""Findings are made in one place, so that the same trouble is always equally bad."""

from __future__ import annotations

from mlflowflow.maintenance.finding import Finding, Level, Trouble, contradiction, left_over, missing, waiting


def test_the_same_trouble_is_always_equally_bad() -> None:
    """What is missing or contradicts is a problem; what is left over or waits is a warning."""
    made = [each("k", "It is so.", advice="Do it.") for each in (missing, contradiction, left_over, waiting)]
    assert [(each.trouble, each.level) for each in made] == [
        (Trouble.MISSING, Level.PROBLEM),
        (Trouble.CONTRADICTS, Level.PROBLEM),
        (Trouble.LEFT_OVER, Level.WARNING),
        (Trouble.WAITING, Level.WARNING),
    ]
    assert {(each.subject, each.sentence, each.advice) for each in made} == {("k", "It is so.", "Do it.")}


def test_a_finding_may_say_whom_it_is_about() -> None:
    """A repair needs the id that a missing object should speak of."""
    assert missing("k", "It is so.", advice="", about="17").about == "17"
    assert Finding(level=Level.OK, subject="clock", sentence="It goes right.").trouble is None
