"""Plans choose the same faults for the same calls."""

from __future__ import annotations

import pytest

from mlflowflow.testing.faults import Fault, StoreCall
from mlflowflow.testing.plans import Plan, Switch, at_random, first_of, from_then_on, once, only

CALLS = tuple(
    StoreCall(number=number, verb=verb, key=key)
    for number, (verb, key) in enumerate([("get", "a/1"), ("put", "a/2"), ("get", "b/3"), ("put", "b/4")], 1)
)
SLOW = Fault.SLOW

CHOSEN: dict[str, tuple[Plan, list[int]]] = {
    "a transient fault": (once(2, SLOW), [2]),
    "a persistent fault": (from_then_on(3, SLOW), [3, 4]),
    "one verb": (only(from_then_on(1, SLOW), verbs={"put"}), [2, 4]),
    "some keys": (only(from_then_on(1, SLOW), keys="b/"), [3, 4]),
    "verb and key": (only(from_then_on(1, SLOW), verbs={"get"}, keys="b/"), [3]),
    "any of two plans": (first_of(once(1, SLOW), once(4, SLOW)), [1, 4]),
}


def hit(plan: Plan) -> list[int]:
    """Return the numbers of the calls that meet a fault."""
    return [call.number for call in CALLS if plan(call) is not None]


@pytest.mark.parametrize(("plan", "numbers"), CHOSEN.values(), ids=CHOSEN)
def test_a_plan_hits_the_calls_it_names(plan: Plan, numbers: list[int]) -> None:
    """Every other call passes."""
    assert hit(plan) == numbers


def test_the_first_plan_that_names_a_fault_decides() -> None:
    """Plans are asked in their order."""
    plan = first_of(once(1, Fault.SLOW), once(1, Fault.DENIED))
    assert plan(CALLS[0]) is Fault.SLOW


def test_random_faults_follow_their_seed() -> None:
    """One seed gives one plan, and another seed another."""
    faults = (Fault.SLOW, Fault.DENIED)
    drawn = [tuple(map(at_random(seed, faults, rate=0.5), CALLS * 10)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) == {None, *faults}


@pytest.mark.parametrize(("rate", "numbers"), [(0.0, []), (1.0, [1, 2, 3, 4])])
def test_a_rate_is_a_share_of_the_calls(rate: float, numbers: list[int]) -> None:
    """At 0 nothing happens and at 1 everything does."""
    assert hit(at_random("seed", (SLOW,), rate=rate)) == numbers


def test_a_switch_ends_the_faults() -> None:
    """Once it is off, every call passes."""
    switch = Switch(from_then_on(1, SLOW))
    before = hit(switch)
    switch.turn_off()
    assert (before, hit(switch), switch.on) == ([1, 2, 3, 4], [], False)
