"""Why a check let a candidate pass, in a few words with the numbers that decided.

A check's own sentence explains it to somebody who reads the whole report. A verdict's sentence is
often all there is (a line of history, an event, a tag) and speaks for several checks, so there each
gets only as many words as its numbers need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.gates.policy import Check, PairedTest, Relative, SignatureCheck, Threshold
from mlflowflow.gates.wording import named, number, told_apart

if TYPE_CHECKING:
    from collections.abc import Mapping

_P_DIGITS = 2


def ground(check: Check, numbers: Mapping[str, float]) -> str:
    """Say with which `numbers`, those of its result, a check passed that did apply.

    >>> ground(Threshold(id="quality", metric="accuracy", min=0.9), {"accuracy": 0.98361})
    'accuracy 0.9836 is at least 0.9'
    """
    match check:
        case Threshold(metric=metric):
            return f"{metric} {number(numbers[metric])} is {bounds(check)}"
        case Relative(metric=metric, min_improvement=wanted):
            new, old = told_apart(numbers["candidate"], numbers["champion"])
            return f"{metric} {new} against the champion's {old} is {_margin(wanted, numbers['improvement'])}"
        case PairedTest(alpha=alpha):
            won, lost = int(numbers["candidate_only"]), int(numbers["champion_only"])
            p = number(numbers["p"], digits=_P_DIGITS)
            return (
                f"right alone on {named(won, 'row')} to the champion's {lost}, "
                f"p = {p} is at most {number(alpha)}"
            )
        case SignatureCheck():
            return "callers of the champion need no change"


def bounds(check: Threshold) -> str:
    """Write what a threshold asks for.

    >>> bounds(Threshold(id="size", metric="mb", min=1, max=20))
    'at least 1 and at most 20'
    """
    words = (("at least", check.min), ("at most", check.max))
    return " and ".join(f"{word} {number(bound)}" for word, bound in words if bound is not None)


def _margin(wanted: float, gain: float) -> str:
    if wanted > 0:
        return f"at least {number(wanted)} better"
    return f"at most {number(-wanted)} worse" if wanted < 0 and gain < 0 else "no worse"
