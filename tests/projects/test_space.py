"""Dimensions cannot be made so that they mean nothing, and come in an order of their own."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.space import Choice, FloatRange, IntRange, conditions_first, demand_grid

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: IntRange(name="d", low=5, high=3), "Dimension 'd' is empty: its low 5 is above its high 3."),
        (
            lambda: FloatRange(name="d", low=0.0, high=1.0, log=True),
            "Dimension 'd' has 'log' and the low 0.0; a logarithm needs a low above 0.",
        ),
        (
            lambda: FloatRange(name="d", low=0.1, high=1.0, log=True, step=0.1),
            "Dimension 'd' has both 'log' and 'step'; leave one out.",
        ),
        (
            lambda: IntRange(name="d", low=1, high=9, log=True, step=2),
            "Dimension 'd' has both 'log' and 'step'; leave one out.",
        ),
        (
            lambda: IntRange(name="d", low=1, high=9, step=0),
            "Dimension 'd' has the step 0; expected a step above 0.",
        ),
        (
            lambda: FloatRange(name="d", low=0.0, high=float("inf")),
            "Dimension 'd' goes from 0.0 to inf; expected finite numbers.",
        ),
        (
            lambda: FloatRange(name="d", low=float("nan"), high=1.0),
            "Dimension 'd' goes from nan to 1.0; expected finite numbers.",
        ),
        (lambda: Choice(name="d", options=()), "Dimension 'd' has no options; list at least one."),
        (lambda: Choice(name="d", options=("a", "a")), "Dimension 'd' has an option twice; list each once."),
        (
            lambda: conditions_first((Choice(name="a", options=(1,), when={"b": 1}),)),
            "The 'when' of dimension 'a' names 'b', which is not in the space; expected one of a.",
        ),
        (
            lambda: conditions_first(
                (
                    Choice(name="a", options=(1,), when={"b": 1}),
                    Choice(name="b", options=(1,), when={"a": 1}),
                )
            ),
            "These dimensions need each other in a circle: 'a' needs 'b', which needs 'a'.",
        ),
        (
            lambda: conditions_first(
                (Choice(name="a", options=(1,)), Choice(name="b", options=(1,), when={"a": 2}))
            ),
            "The 'when' of dimension 'b' names 'a', which has no option '2'; expected one of 1.",
        ),
        (
            lambda: conditions_first(
                (IntRange(name="a", low=1, high=2), Choice(name="b", options=(1,), when={"a": 2}))
            ),
            "The 'when' of dimension 'b' names 'a', which is a range; conditions can only be on a choice.",
        ),
        (
            lambda: demand_grid((FloatRange(name="C", low=0.1, high=1.0),)),
            (
                "Dimension 'C' has endlessly many values, so the sampler 'grid' cannot visit them all; give it a "
                "'step' or list the values as a 'choice'."
            ),
        ),
    ],
)
def test_meaningless_facts_are_refused(make: Callable[[], object], sentence: str) -> None:
    """Facts are valid by construction, also when no file is involved."""
    with pytest.raises(InvalidInput) as caught:
        make()
    assert str(caught.value) == sentence


def test_conditions_come_before_what_hangs_on_them() -> None:
    """Names decide, except that a dimension follows those that its conditions name."""
    z, a, m = (
        Choice(name="z", options=("x", "y")),
        IntRange(name="a", low=1, high=2, when={"m": 1}),
        Choice(name="m", options=(1, 2), when={"z": "x"}),
    )
    assert conditions_first((a, m, z)) == conditions_first((z, m, a)) == (z, m, a)


def test_numbers_have_one_form() -> None:
    """0 and 0.0 are one range, with one canonical JSON."""
    assert repr(FloatRange(name="d", low=0, high=2, step=1)) == repr(
        FloatRange(name="d", low=0.0, high=2.0, step=1.0)
    )


def test_steps_make_a_grid() -> None:
    """What can be counted can be visited."""
    demand_grid((FloatRange(name="C", low=0.0, high=1.0, step=0.5), IntRange(name="d", low=1, high=9)))


def test_dimensions_travel() -> None:
    """A space is the same in another process, and nobody can change its conditions."""
    dimension = IntRange(name="d", low=1, high=2, when={"m": "a"})
    assert pickle.loads(pickle.dumps(dimension)) == dimension
    with pytest.raises(TypeError):
        dimension.when["m"] = "b"  # type: ignore[index]  # the mistake under test
