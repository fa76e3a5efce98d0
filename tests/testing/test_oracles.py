"""The oracles accuse what broke a promise, name it, and accuse nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotStored
from mlflowflow.testing.history import Call
from mlflowflow.testing.oracles import (
    Fact,
    drained,
    each_once,
    each_step_once,
    end_after_all,
    in_order,
    linearizable,
    never_less,
    no_garbage,
    nothing_invented,
    nothing_lost,
    only_documented,
    references_resolve,
    same,
    spans,
    tied_rightly,
    unchanged,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

A = [Fact("a", number) for number in range(4)]
B = [Fact("b", number) for number in range(4)]


def register(state: int, call: Call) -> int | None:
    """Say what a register does."""
    if call.operation == "write":
        return call.argument if isinstance(call.argument, int) else None
    return state if call.answer == state else None


WRITE = Call(operation="write", argument=1, began=0, ended=1)
FRESH = Call(operation="read", answer=1, began=2, ended=3)
STALE = Call(operation="read", answer=0, began=2, ended=3)

KEPT: dict[str, Sequence[str]] = {
    "all visible": nothing_lost(acknowledged=A, visible=[*B, *A]),
    "more visible than acknowledged": nothing_lost(acknowledged=A[:1], visible=A),
    "all attempted": nothing_invented(attempted=A, visible=A[1:]),
    "each once": each_once([*A, *B]),
    "each step once": each_step_once([("r", "m", 1), ("r", "m", 2), ("s", "m", 1), ("r", "n", 1)]),
    "two actors interleaved": in_order([A[0], B[0], A[1], B[1]]),
    "numbers left out": in_order([A[0], A[3]]),
    "one fact twice is not out of order": in_order([A[1], A[1]]),
    "no end yet": end_after_all(ended=False, before_end=A, visible=[]),
    "an end with all before it": end_after_all(ended=True, before_end=A[:2], visible=A),
    "more than before": never_less(A[:2], A),
    "a fresh read": linearizable([WRITE, FRESH], initial=0, step=register),
    "all references resolve": references_resolve("manifest 3", {"a": "1"}, {"a": "1", "b": "2"}),
    "no garbage": no_garbage([]),
    "nothing changed": unchanged("it", {"a": 1}, {"a": 1}),
    "a documented error": only_documented([("a", NotStored(1, "away"))]),
    "nothing waiting": drained(waiting={"a": 0}, rounds=1, bound=1),
    "all equal": same("seed 1", ["x", "x", "x"]),
    "tied as told": tied_rightly({A[0]: "wine"}, [(A[0], "wine"), (A[1], "")]),
    "a range that grows": spans("m", (1.0, 2.0), [1.0, 2.0, 3.0], all_of=False),
    "a whole range": spans("m", (1.0, 3.0), [1.0, 2.0, 3.0], all_of=True),
    "no values and no range": spans("m", None, [], all_of=True),
    "a range that is not known yet": spans("m", None, [1.0], all_of=False),
    "one result": same("seed 1", ["x"]),
}

BROKEN: dict[str, tuple[Sequence[str], str]] = {
    "lost": (nothing_lost(acknowledged=A, visible=A[1:]), "a's fact 0 was acknowledged and is not"),
    "invented": (nothing_invented(attempted=A[1:], visible=A), "a's fact 0 is visible and was never"),
    "twice": (each_once([*A, A[2], A[2]]), "a's fact 2 is visible 3 times"),
    "swapped": (in_order([A[0], A[2], B[0], A[1]]), "a's fact 1 is visible behind its fact 2"),
    "a step twice": (each_step_once([("r", "m", 1), ("r", "m", 1)]), "'r' has 2 points of 'm' at step 1"),
    "end too early": (
        end_after_all(ended=True, before_end=A[:2], visible=A[:1]),
        "a's fact 1, acknowledged before it, is not",
    ),
    "going back": (never_less(A, A[:3]), "a's fact 3 was visible and is not"),
    "stale": (linearizable([WRITE, STALE], initial=0, step=register), "No order of these 2 calls"),
    "dangling": (references_resolve("manifest 3", {"a": "1"}, {}), "manifest 3 names 'a', which is missing"),
    "exchanged": (references_resolve("it", {"a": "1"}, {"a": "2"}), "it names 'a', which is changed"),
    "garbage": (no_garbage(["a"]), "'a' is referred to by nobody"),
    "changed": (unchanged("it", {"a": 1}, {"a": 2}), "Repeating it changed 'a'"),
    "added": (unchanged("it", {}, {"b": 2}), "Repeating it changed 'b'"),
    "removed": (unchanged("it", {"c": 2}, {}), "Repeating it changed 'c'"),
    "a crash": (only_documented([("ada", KeyError("x"))]), r"ada met KeyError"),
    "left over": (drained(waiting={"a": 2}, rounds=1, bound=1), "2 records of a are still waiting"),
    "too long": (drained(waiting={}, rounds=3, bound=2), "It took 3 rounds"),
    "tied to something else": (
        tied_rightly({A[0]: "wine"}, [(A[0], "beer")]),
        "a's fact 0 is tied to 'beer'",
    ),
    "tied to nothing": (tied_rightly({A[0]: "wine"}, [(A[0], "")]), "was logged with 'wine'"),
    "tied to what nobody said": (tied_rightly({}, [(A[0], "wine")]), "was logged with ''"),
    "a range that is too short": (spans("m", (1.0, 2.0), [1.0, 3.0], all_of=True), "m is 1.0 to 2.0"),
    "a range of what nobody logged": (spans("m", (0.0, 1.0), [1.0], all_of=False), "m is 0.0 to 1.0"),
    "a range that is lost": (spans("m", None, [1.0], all_of=True), "of m is not known"),
    "not repeatable": (same("seed 1", ["x", "y"]), "seed 1 gave 'x' once and 'y'"),
}


@pytest.mark.parametrize("found", KEPT.values(), ids=KEPT)
def test_a_kept_promise_is_not_accused(found: Sequence[str]) -> None:
    """An oracle that cries wolf is of no use."""
    assert found == []


def test_what_comes_behind_is_measured_by_the_greatest_before_it() -> None:
    """Two facts that come late are two violations, though the second comes after the first."""
    assert in_order([A[3], A[1], A[2]]) == [
        "a's fact 1 is visible behind its fact 3.",
        "a's fact 2 is visible behind its fact 3.",
    ]


@pytest.mark.parametrize(("found", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_promise_is_named(found: Sequence[str], said: str) -> None:
    """One violation gives one sentence that says which fact and what is wrong with it."""
    assert len(found) == 1
    assert said in found[0]
