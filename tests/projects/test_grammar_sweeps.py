"""A sweep says what is run, fixed, searched and aimed at, or everything that is wrong with it."""

from __future__ import annotations

import pytest

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.sweep_spec import (
    Budget,
    Constraint,
    Dedupe,
    Objective,
    Pruner,
    Sampler,
    SamplerName,
    TrialPolicy,
    Visibility,
)
from tests.projects.examples import CHURN, changed, mistakes, project, wrong

START = 'start_from: [{model: gbm, depth: 4, lr: 1e-1}, "models:/churn@champion"]'
CONSTRAINTS = "constraints: [{metric: p95_ms, max: 20}]"


def test_a_whole_sweep() -> None:
    """Everything that is written arrives with its type and unit."""
    sweep = project().sweeps["tune"]
    assert (sweep.entry_point, sweep.params, sweep.budget, sweep.parallel) == (
        "train",
        {"fit_on": "train"},
        Budget(trials=24),
        2,
    )
    assert sweep.trial == TrialPolicy(timeout_s=300.0, attempts=2)
    assert sweep.objectives == (Objective(metric="val_accuracy", goal=Goal.MAXIMIZE),)
    assert sweep.sampler == Sampler(name=SamplerName.TPE, startup=8)


def test_everything_that_can_be_said() -> None:
    """The rest of the keys arrive, too; what other modules read has tests of its own."""
    sweep = project(CHURN).sweeps["tune"]
    assert sweep.objectives == (
        Objective(metric="val_auc", goal=Goal.MAXIMIZE, prune=True),
        Objective(metric="bytes", goal=Goal.MINIMIZE),
    )
    assert sweep.constraints == (Constraint(metric="p95_ms", max=20.0),)
    assert sweep.start_from == ({"model": "gbm", "depth": 4, "lr": 0.1}, "models:/churn@champion")
    assert (sweep.parallel, sweep.dedupe, sweep.visibility) == (4, Dedupe.REUSE_RESULT, Visibility.TASKS)


def test_defaults() -> None:
    """One trial at a time, without a limit, by TPE; nothing is pruned or reused."""
    text = changed("    sampler: {name: tpe, startup: 8}\n    parallel: 2\n", "").replace(
        "    trial: {timeout: 5m, attempts: 2}\n", ""
    )
    sweep = project(text).sweeps["tune"]
    assert (sweep.parallel, sweep.trial, sweep.sampler) == (1, TrialPolicy(), Sampler())
    assert (sweep.pruner, sweep.dedupe, sweep.constraints, sweep.start_from) == (Pruner(), Dedupe.OFF, (), ())
    assert sweep.visibility is Visibility.SWEEP


def test_a_grid_ends_by_itself() -> None:
    """Only a grid needs no budget."""
    text = (
        "spec: mlflowflow/v1\nsweeps: {s: {entry_point: clean.py, space: {x: {choice: [1, 2]}},"
        " objectives: [{metric: m, goal: minimize}], sampler: {name: grid}}}\n"
    )
    assert project(text).sweeps["s"].budget == Budget()


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
            "goal: maximize}",
            "goal: maximize, prune_on: perhaps}",
            "'prune_on' of objective 1 of sweep 'tune' is the text 'perhaps'; expected true or false.",
        ),
        (
            "    budget: {trials: 24}\n",
            "",
            "Sweep 'tune' would never end; give its 'budget' trials, wall or cost, such as {trials: 20}.",
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


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        (
            "goal: maximize, prune_on: true}\n",
            "goal: maximize, prune: true}\n",
            [
                (
                    "Objective 1 of sweep 'tune' has an unknown key 'prune'. Did you mean 'prune_on'? "
                    "Known keys: goal, metric, prune_on."
                )
            ],
        ),
        (
            "goal: minimize}",
            "goal: minimize, prune_on: true}",
            ["Sweep 'tune' prunes on 'val_auc', 'bytes', but only one objective can decide; mark one."],
        ),
        (
            CONSTRAINTS,
            "constraints: [{metric: a}, {metric: b, min: 2, max: 1}, {max: x}, 5]",
            [
                "The constraint on 'a' has no 'min' and no 'max'; give one.",
                "The constraint on 'b' can never hold: its min 2.0 is above its max 1.0.",
                "Constraint 3 of sweep 'tune' has no 'metric'; expected text.",
                "'max' of constraint 3 of sweep 'tune' is the text 'x'; expected a finite number.",
                "Constraint 4 of sweep 'tune' is the number 5; expected a mapping.",
            ],
        ),
        (
            CONSTRAINTS,
            "constraints: {a: 1}",
            ["'constraints' of sweep 'tune' is a mapping; expected a list."],
        ),
        (
            START,
            "start_from: [{depht: 4, depth: 40}, {model: tree}, champion, 5, [a]]",
            [
                "Starting point 4 of sweep 'tune' is the number 5; expected a mapping.",
                "Starting point 5 of sweep 'tune' is a list; expected a mapping.",
            ],
        ),
        (
            START,
            "start_from: [{depht: 4, depth: 40}, {model: tree}, champion]",
            [
                (
                    "Starting point 1 of sweep 'tune': 'depht' is not a dimension of the space. "
                    "Did you mean 'depth'? Known dimensions: C, depth, lr, model."
                ),
                (
                    "Starting point 1 of sweep 'tune': 'depth' is the number 40; expected a whole number from 2 "
                    "to 10."
                ),
                "Starting point 2 of sweep 'tune': 'model' is the text 'tree'; expected gbm or logreg.",
                (
                    "Starting point 3 of sweep 'tune' is 'champion'; expected values of dimensions, or an "
                    "address that begins with models:/, runs:/ or sweeps:/."
                ),
            ],
        ),
        (
            START,
            "start_from: [{depth: deep}]",
            ["Parameter 'depth' is the text 'deep'; expected a whole number, such as 12."],
        ),
        (
            "dedupe: reuse_result",
            "dedupe: yes",
            ["'dedupe' of sweep 'tune' is the text 'yes'; expected off or reuse_result."],
        ),
        (
            "visibility: tasks",
            "visibility: all",
            ["'visibility' of sweep 'tune' is the text 'all'; expected sweep or tasks."],
        ),
        (
            "visibility: tasks",
            "sampling: 5",
            [
                (
                    "Sweep 'tune' has an unknown key 'sampling'. Did you mean 'sampler'? Known keys: budget, "
                    "constraints, dedupe, entry_point, objectives, parallel, params, pruner, sampler, select, "
                    "space, start_from, stop, trial, visibility."
                )
            ],
        ),
    ],
)
def test_mistakes_in_what_is_optional(old: str, new: str, sentences: list[str]) -> None:
    """The same holds for all that a sweep need not say."""
    assert wrong(old, new, text=CHURN) == sentences


def test_all_mistakes_are_told_together_each_at_its_key() -> None:
    """One reading is enough to mend a sweep, and an editor can jump to each place."""
    text = CHURN
    for old, new in [
        ("params: {data: there}", "params: {data: there, C: 1}"),
        ("max: 20}", "maximum: 20}"),
        ("name: tpe, seed: 7, startup: 12", "name: qmc, seed: 7"),
        ("parallel: 4", "parallel: 0"),
        ("cost: 3.00", "cost: -3"),
        ("val_auc: 0.95", "auc: 0.95"),
        ("resources: train", "resources: big"),
        ("by: val_auc", "by: loss"),
    ]:
        text = changed(old, new, text=text)
    lines = text.splitlines()
    places = [lines[int(each.split(",")[0].removeprefix("line ")) - 1].split()[0] for each in mistakes(text)]
    assert places == [
        "params:",
        "constraints:",
        "sampler:",
        "parallel:",
        "budget:",
        "stop:",
        "trial:",
        "select:",
    ]


def test_a_broken_entry_point_is_told_once() -> None:
    """A sweep over an entry point that has a problem of its own adds none."""
    assert len(wrong("C: {type: float, default: 1.0}", "C: {type: float, default: x}")) == 1


def test_numbers_in_every_spelling() -> None:
    """YAML reads 1e-4 as text in some readers and as a number in others; here it is the number."""
    text = CHURN
    for old, new in [
        ("max: 20}", 'max: "2e1"}'),
        ("cost: 3.00", "cost: 3e0"),
        ("val_auc: 0.95", 'val_auc: "9.5e-1"'),
        ("trials: 60", "trials: 6e1"),
        ("price_per_hour: 0.09", "price_per_hour: 9e-2"),
        ("float: [1e-3, 0.5]", 'float: [0.001, "5e-1"]'),
    ]:
        text = changed(old, new, text=text)
    assert project(text).sweeps["tune"].digest == project(CHURN).sweeps["tune"].digest
