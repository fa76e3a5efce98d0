"""A sweep is the same fact, with the same digest, whether a file or a program says it."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.events.canonical import to_bytes
from mlflowflow.projects.sweep_spec import Budget, SweepSpec, TrialPolicy
from mlflowflow.sweeps.building import sweep_spec_of
from mlflowflow.sweeps.words import choice, integer, maximize, minimize, real, resources
from tests.projects.test_spec import shuffled
from tests.sweeps.documents import documents, from_file, in_python

if TYPE_CHECKING:
    from collections.abc import Mapping


def built(**options: Any) -> SweepSpec:
    """Return a small sweep with `options`."""
    fields: dict[str, Any] = {
        "entry_point": "train",
        "space": {"x": real(0, 1)},
        "objectives": maximize("auc"),
        "budget": 4,
    }
    return sweep_spec_of("tune", **{**fields, **options})


@settings(max_examples=60, deadline=None)
@given(documents())
def test_file_and_program_say_the_same(document: Mapping[str, Any]) -> None:
    """Whatever a file can say, Python says in words, and it is one sweep."""
    written, made = from_file(document), in_python(document)
    assert written == made
    assert written.digest == made.digest


@settings(max_examples=40, deadline=None)
@given(documents())
def test_json_and_back(document: Mapping[str, Any]) -> None:
    """What the log of a sweep keeps is the sweep."""
    spec = from_file(document)
    again = SweepSpec.from_plain(json.loads(to_bytes(spec)))
    assert again == spec
    assert again.digest == spec.digest


@settings(max_examples=15, deadline=None)
@given(documents(), st.integers())
def test_the_order_of_keys_is_not_part_of_a_sweep(document: Any, seed: int) -> None:
    """A file that was only tidied up declares the same sweep."""
    tidied: Any = shuffled(document, Random(seed))
    assert from_file(tidied).digest == from_file(document).digest


def test_defaults() -> None:
    """What is not said is as in a file."""
    document = {
        "entry_point": "clean.py",
        "space": {"x": {"float": [0, 1]}},
        "objectives": [{"metric": "auc", "goal": "maximize"}],
        "budget": {"trials": 4},
    }
    assert built(entry_point="clean.py") == from_file(document)


def test_short_forms() -> None:
    """One objective, one starting point, one reason and a number of trials need no list."""
    spec = built(start_from={"x": 1}, retry_on=OSError, timeout="2m", grace=1, isolated=True)
    assert (len(spec.objectives), spec.budget, spec.start_from) == (1, Budget(trials=4), ({"x": 1.0},))
    assert spec.trial == TrialPolicy(retry_on=("OSError",), timeout_s=120, grace_s=1, isolated=True)
    assert built(start_from="models:/a@b").start_from == ("models:/a@b",)
    assert built(retry_on=["timeout", ValueError]).trial.retry_on == ("ValueError", "timeout")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"space": {"x": real(1, 0), "y": (1, 2)}},
            (
                "Dimension 'x' is empty: its low 1.0 is above its high 0.0.\n"
                "Dimension 'y' is a tuple; expected choice(…), integer(…) or real(…)."
            ),
        ),
        ({"space": {}}, "Sweep 'tune' searches nothing; give its 'space' at least one dimension."),
        ({"objectives": []}, "Sweep 'tune' has no 'objectives'; name at least one metric and its goal."),
        (
            {"budget": Budget(), "parallel": 0},
            (
                "Sweep 'tune' would never end; give its 'budget' trials, wall or cost, such as {trials: 20}.\n"
                "Sweep 'tune' has the parallel 0; expected 1 or more."
            ),
        ),
        (
            {"budget": Budget(cost=3), "resources": resources("free", cpu=1)},
            (
                "Sweep 'tune' has a budget in money, but its trials cost nothing; name 'resources' with a "
                "'price_per_hour' for its trials."
            ),
        ),
        ({"dedupe": "yes"}, "'dedupe' is the text 'yes'; expected off or reuse_result."),
        ({"on_prune": "stop"}, "'on_prune' is the text 'stop'; expected signal, kill or never."),
        ({"timeout": "soon"}, "Found the text 'soon'; expected a duration such as"),
        ({"parallel": 1.5}, "Sweep 'tune' cannot be recorded: it is not a SweepSpec (parallel: "),
        (
            {"space": {"d": integer(*json.loads("[1.5, 3]"))}},
            "Sweep 'tune' cannot be recorded: it is not a SweepSpec (space",
        ),
    ],
)
def test_mistakes(options: dict[str, Any], sentence: str) -> None:
    """A wrong part is told before anything runs, all of them together."""
    with pytest.raises(InvalidInput) as caught:
        built(**options)
    assert str(caught.value).startswith(sentence)


def test_conditions_and_several_objectives() -> None:
    """A space with conditions is ordered as the one of a file."""
    spec = built(
        space={"C": real(0.1, 10, log=True, when={"z": "svc"}), "z": choice("svc", "forest")},
        objectives=[maximize("auc", prune=True), minimize("size")],
    )
    assert [dimension.name for dimension in spec.space] == ["z", "C"]
    assert spec.pruned_objective == maximize("auc", prune=True)
