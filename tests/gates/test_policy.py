"""Policies are valid by construction and keep their meaning through JSON."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.gates.policy import GatePolicy, PairedTest, Relative, Threshold
from tests.gates.examples import BETTER, NO_HARM, QUALITY, SCHEMA, policies, policy

if TYPE_CHECKING:
    from collections.abc import Callable


@given(policies)
def test_json_round_trip(any_policy: GatePolicy) -> None:
    """Reading what was written gives the same policy and the same digest."""
    again = GatePolicy.from_json(any_policy.to_json())
    assert again == any_policy
    assert again.digest == any_policy.digest


def test_whole_numbers_are_the_same_policy() -> None:
    """Writing 1 for 1.0 in a file must not change a digest."""
    one, one_point_zero = Threshold(id="q", metric="m", min=1), Threshold(id="q", metric="m", min=1.0)
    assert policy(one).digest == policy(one_point_zero).digest


def test_another_rule_is_another_digest() -> None:
    """A digest stands for the rules, down to each number."""
    assert policy(replace(BETTER, alpha=0.01)).digest != policy(BETTER).digest


def test_order_of_checks_is_kept() -> None:
    """Verdicts list the checks in the order of the file."""
    checks = (SCHEMA, QUALITY, NO_HARM)
    assert GatePolicy.from_json(policy(*checks).to_json()).checks == checks


@pytest.mark.parametrize(
    ("build", "complaint"),
    [
        (lambda: Threshold(id="q", metric="accuracy"), "no bound"),
        (lambda: Threshold(id="q", metric="accuracy", min=2, max=1), "never pass"),
        (lambda: Threshold(id="q", metric="accuracy", min=math.nan), "finite"),
        (lambda: Threshold(id="", metric="accuracy", min=0), "'id'"),
        (lambda: Threshold(id="q", metric="", min=0), "metric"),
        (lambda: replace(NO_HARM, min_improvement=math.inf), "finite"),
        (lambda: Relative(id="r", metric="m", goal="up"), "maximize or minimize"),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what a caller without a type checker may do
        (lambda: PairedTest(id="p", alpha=0.5), "between 0 and 0.5"),
        (lambda: PairedTest(id="p", alpha=0), "between 0 and 0.5"),
        (lambda: policy(QUALITY, replace(BETTER, id="quality")), "several checks"),
        (lambda: replace(policy(), checks=()), "no checks"),
        (lambda: replace(policy(), alias="latest"), "alias"),
        (lambda: replace(policy(), model="a/b"), "cannot be called"),
        (lambda: replace(policy(), name=""), "'name'"),
    ],
)
def test_refuses_rules_without_sense(build: Callable[[], object], complaint: str) -> None:
    """A policy that could never or always pass is refused when it is written, not when it is used."""
    with pytest.raises(InvalidInput, match=complaint):
        build()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name":"x","checks":[{"kind":"magic"}]}'])
def test_refuses_foreign_json(text: str) -> None:
    """What is no policy is called damaged, not guessed at."""
    with pytest.raises(CorruptData, match="gate policy"):
        GatePolicy.from_json(text)
