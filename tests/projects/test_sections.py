"""Sweeps and pipelines cannot be made so that they mean nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.sections import EntryPointStep, PipelineSpec, runnable_order
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import Sampler, SamplerName, sweep_parameters
from tests.projects.examples import project

if TYPE_CHECKING:
    from collections.abc import Callable

SWEEP = project().sweeps["tune"]


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
        (lambda: Choice(name="d", options=()), "Dimension 'd' has no options; list at least one."),
        (lambda: Choice(name="d", options=("a", "a")), "Dimension 'd' has an option twice; list each once."),
        (
            lambda: replace(SWEEP, space=(Choice(name="a", options=(1,), when={"b": 1}),)),
            "The 'when' of dimension 'a' names 'b', which is not in the space; expected one of a.",
        ),
        (
            lambda: replace(
                SWEEP,
                space=(
                    Choice(name="a", options=(1,), when={"b": 1}),
                    Choice(name="b", options=(1,), when={"a": 1}),
                ),
            ),
            "These dimensions need each other in a circle: 'a' needs 'b', which needs 'a'.",
        ),
        (
            lambda: replace(SWEEP, sampler=Sampler(name=SamplerName.GRID)),
            (
                "Dimension 'C' has endlessly many values, so the sampler 'grid' cannot visit them all; give it a "
                "'step' or list the values as a 'choice'."
            ),
        ),
        (lambda: PipelineSpec(name="p", steps=()), "Pipeline 'p' has no steps; give it at least one."),
    ],
)
def test_meaningless_facts_are_refused(make: Callable[[], object], sentence: str) -> None:
    """Facts are valid by construction, also when no file is involved."""
    with pytest.raises(InvalidInput) as caught:
        make()
    assert str(caught.value) == sentence


def test_space_is_in_an_order_of_its_own() -> None:
    """Conditions come before what hangs on them, then names decide, so the file's order does not matter."""
    backwards = replace(SWEEP, space=tuple(reversed(SWEEP.space)))
    assert [each.name for each in backwards.space] == ["model", "C", "depth"]
    assert backwards == SWEEP


def test_fixed_values_are_defaults() -> None:
    """What a sweep fixes can be overridden, what it searches cannot."""
    parameters = sweep_parameters(SWEEP, project().entry_points["train"])
    assert {each.name: each.default for each in parameters} == {"data": None, "fit_on": "train"}


def test_steps_in_runnable_order() -> None:
    """A step that is written first waits for the one it needs."""
    first, second = (
        EntryPointStep(id="b", entry_point="e", needs=("a",)),
        EntryPointStep(id="a", entry_point="e"),
    )
    assert runnable_order((first, second)) == (second, first)
