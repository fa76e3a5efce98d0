"""A sweep says what is run, fixed, aimed at and how long, or what is missing."""

from __future__ import annotations

import pytest

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.sweep_spec import Objective, Sampler, SamplerName
from tests.projects.examples import changed, project, wrong


def test_a_whole_sweep() -> None:
    """Everything that is written arrives with its type and unit."""
    sweep = project().sweeps["tune"]
    assert (sweep.entry_point, sweep.params, sweep.trials, sweep.parallel) == (
        "train",
        {"fit_on": "train"},
        24,
        2,
    )
    assert (sweep.timeout_s, sweep.attempts) == (300.0, 2)
    assert sweep.objectives == (Objective(metric="val_accuracy", goal=Goal.MAXIMIZE),)
    assert sweep.sampler == Sampler(name=SamplerName.TPE, startup=8)


def test_defaults() -> None:
    """One trial at a time, once, without a limit, by TPE."""
    text = changed("    sampler: {name: tpe, startup: 8}\n    parallel: 2\n", "").replace(
        "    trial: {timeout: 5m, attempts: 2}\n", ""
    )
    sweep = project(text).sweeps["tune"]
    assert (sweep.parallel, sweep.attempts, sweep.timeout_s, sweep.sampler) == (1, 1, None, Sampler())


def test_a_script_takes_any_parameter() -> None:
    """What an undeclared script accepts is not known, so nothing is refused."""
    text = (
        "spec: mlflowflow/v1\nsweeps: {s: {entry_point: clean.py, space: {x: {choice: [1, 2]}}, params: {y: 1},"
        " objectives: [{metric: m, goal: minimize}], budget: {trials: 1}}}\n"
    )
    assert project(text).sweeps["s"].params == {"y": "1"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "entry_point: train\n    params: {fit_on",
            "entry_point: tran\n    params: {fit_on",
            (
                "Sweep 'tune' names the entry point 'tran', which is not declared. Did you mean 'train'? "
                "Known entry points: clean.py, ingest, train, up.sh."
            ),
        ),
        (
            "params: {fit_on: train}",
            "params: {fit_in: train}",
            (
                "Sweep 'tune' gives a value for 'fit_in', which is not a parameter of it. Did you mean 'fit_on'? "
                "Known parameters: C, data, depth, fit_on, model."
            ),
        ),
        (
            "params: {fit_on: train}",
            "params: {fit_on: train, C: 1}",
            "Sweep 'tune' both fixes and searches 'C'; remove one.",
        ),
        (
            "params: {fit_on: train}",
            'params: {data: "${{ steps.ingest.outputs.data }}"}',
            (
                "Sweep 'tune' has a look-up in its 'params', but a sweep can also run alone; write it in the "
                "'params' of the pipeline's step instead."
            ),
        ),
        (
            "    objectives: [{metric: val_accuracy, goal: maximize}]\n",
            "",
            "Sweep 'tune' has no 'objectives'; name at least one metric and its goal.",
        ),
        (
            "goal: maximize}",
            "goal: max}",
            "'goal' of objective 1 of sweep 'tune' is the text 'max'; expected maximize or minimize.",
        ),
        (
            "    budget: {trials: 24}\n",
            "",
            "Sweep 'tune' has no 'budget'; say how long, such as {trials: 20}.",
        ),
        (
            "budget: {trials: 24}",
            "budget: {wall: 2h}",
            "'budget' of sweep 'tune' has no 'trials'; expected a whole number of at least 1.",
        ),
        (
            "name: tpe",
            "name: bayes",
            "'name' of 'sampler' of sweep 'tune' is the text 'bayes'; expected tpe, random or grid.",
        ),
        (
            "parallel: 2",
            "parallel: two",
            "'parallel' of sweep 'tune' is the text 'two'; expected a whole number of at least 1.",
        ),
        ("  tune:\n    entry", "  my tune:\n    entry", "The name of sweep 'my tune' cannot be used;"),
    ],
)
def test_mistakes(old: str, new: str, sentence: str) -> None:
    """Each mistake is told with what was found, what is expected and the next step."""
    assert any(mistake.startswith(sentence) for mistake in wrong(old, new)), wrong(old, new)


def test_a_broken_entry_point_is_told_once() -> None:
    """A sweep over an entry point that has a problem of its own adds none."""
    assert len(wrong("C: {type: float, default: 1.0}", "C: {type: float, default: x}")) == 1
