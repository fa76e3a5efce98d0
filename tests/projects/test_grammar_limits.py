"""Budgets, stop rules, how a trial is run and which one wins arrive with types and units, or are told."""

from __future__ import annotations

import pytest

from mlflowflow.projects.sweep_spec import (
    Among,
    Budget,
    OnPrune,
    Resources,
    Selection,
    Stop,
    TrialPolicy,
)
from tests.projects.examples import CHURN, changed, project, wrong

BUDGET = "budget: {trials: 60, wall: 2h, cost: 3.00, failed_trials: 10}"
STOP = "stop: {target: {val_auc: 0.95}, no_improvement: 20}"
SELECT = "select: {by: val_auc, among: pareto, refit: {params: {fit_on: all}}}"
TRIAL = (
    'trial: {resources: train, timeout: 10m, attempts: 4, retry_on: [worker_lost, timeout, "OSError"], '
    "on_prune: kill, grace: 5s, priority: 2}"
)


def test_everything_arrives() -> None:
    """What is written is what is meant."""
    sweep = project(CHURN).sweeps["tune"]
    assert sweep.budget == Budget(trials=60, wall_s=7200, cost=3, failed_trials=10)
    assert sweep.stop == Stop(target={"val_auc": 0.95}, no_improvement=20)
    assert sweep.select == Selection(
        by="val_auc", among=Among.PARETO, refit=True, refit_params={"fit_on": "all"}
    )
    assert sweep.trial == TrialPolicy(
        resources=Resources(
            name="train", cpu=2, memory_bytes=4 * 2**30, price_per_hour=0.09, dask={"TRAIN": 1}
        ),
        timeout_s=600,
        attempts=4,
        retry_on=("worker_lost", "timeout", "OSError"),
        on_prune=OnPrune.KILL,
        grace_s=5,
        priority=2,
    )


def test_defaults() -> None:
    """A lost worker is no fault of the trial, so it is repeated; nothing else is."""
    text = changed(BUDGET, "budget: {wall: 90}", text=CHURN)
    for section in (STOP, SELECT, TRIAL):
        text = text.replace(section, "")
    sweep = project(text).sweeps["tune"]
    assert (sweep.budget, sweep.stop, sweep.select, sweep.trial) == (
        Budget(wall_s=90),
        Stop(),
        Selection(),
        TrialPolicy(attempts=3, retry_on=("worker_lost",)),
    )


@pytest.mark.parametrize(
    ("refit", "selection"),
    [
        ("true", Selection(refit=True)),
        ("false", Selection()),
        ("{params: {depth: 1e1}}", Selection(refit=True, refit_params={"depth": 10})),
        ("{}", Selection(refit=True)),
    ],
)
def test_refit(refit: str, selection: Selection) -> None:
    """`refit` is a flag, or what the winner is run again with; parameters have their declared types."""
    text = changed(SELECT, f"select: {{refit: {refit}}}", text=CHURN)
    assert project(text).sweeps["tune"].select == selection


def test_nothing_may_be_retried() -> None:
    """An empty list is another thing than none."""
    text = changed('retry_on: [worker_lost, timeout, "OSError"]', "retry_on: []", text=CHURN)
    assert project(text).sweeps["tune"].trial.retry_on == ()


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        (
            BUDGET,
            "budget: {trials: 0, wall: soon, cost: free, failed: 1}",
            [
                "'trials' of 'budget' of sweep 'tune' is the number 0; expected a whole number of at least 1.",
                (
                    "'wall' of 'budget' of sweep 'tune' is the text 'soon'; expected a duration such as "
                    '"30s", "10m" or "2h" (a number is seconds).'
                ),
                "'cost' of 'budget' of sweep 'tune' is the text 'free'; expected a finite number.",
                (
                    "'budget' of sweep 'tune' has an unknown key 'failed'. Did you mean 'failed_trials'? "
                    "Known keys: cost, failed_trials, trials, wall."
                ),
            ],
        ),
        (BUDGET, "budget: {cost: 0}", ["The budget has the cost 0.0; expected more than 0."]),
        (
            BUDGET,
            "budget: {failed_trials: 3}",
            ["Sweep 'tune' would never end; give its 'budget' trials, wall or cost, such as {trials: 20}."],
        ),
        (BUDGET, "budget: 60", ["'budget' of sweep 'tune' is the number 60; expected a mapping."]),
        (
            STOP,
            "stop: {target: {val_auc: high, bytes: 5}, no_improvement: 0}",
            [
                "'val_auc' in 'target' of 'stop' of sweep 'tune' is the text 'high'; expected a finite number.",
                (
                    "'no_improvement' of 'stop' of sweep 'tune' is the number 0; expected a whole number of at "
                    "least 1."
                ),
            ],
        ),
        (
            STOP,
            "stop: {target: {auc: 1, loss: 1}}",
            [
                (
                    "Sweep 'tune' stops at 'auc', which is not an objective. Did you mean 'val_auc'? "
                    "Known objectives: bytes, val_auc."
                ),
                "Sweep 'tune' stops at 'loss', which is not an objective. Known objectives: bytes, val_auc.",
            ],
        ),
        (
            STOP,
            "stop: {target: 0.9}",
            ["'target' of 'stop' of sweep 'tune' is the number 0.9; expected a mapping."],
        ),
        (
            TRIAL,
            "trial: {resources: trains, attempts: 0, retry_on: timeout, on_prune: stop, priority: x}",
            [
                (
                    "'trial' of sweep 'tune' names the resource 'trains', which is not declared. "
                    "Did you mean 'train'? Known resources: small, train."
                ),
                "'attempts' of 'trial' of sweep 'tune' is the number 0; expected a whole number of at least 1.",
                "'retry_on' of 'trial' of sweep 'tune' is the text 'timeout'; expected a list.",
                "'on_prune' of 'trial' of sweep 'tune' is the text 'stop'; expected signal, kill or never.",
                "'priority' of 'trial' of sweep 'tune' is the text 'x'; expected a whole number.",
            ],
        ),
        (
            TRIAL,
            "trial: {resources: train, timeout: 0, retry_on: [worker, OSError]}",
            [
                "The trial has the timeout 0.0; expected more than 0.",
                (
                    "'retry_on' names 'worker'; expected worker_lost, timeout or error, or the name of an "
                    "exception's class without its module. Did you mean 'worker_lost'? Known words: error, timeout, worker_lost."
                ),
            ],
        ),
        (
            TRIAL,
            "trial: {resources: small}",
            [
                (
                    "Sweep 'tune' has a budget in money, but its trials cost nothing; name 'resources' with a "
                    "'price_per_hour' for its trials."
                )
            ],
        ),
        (
            SELECT,
            "select: {by: auc, among: best}",
            ["'among' of 'select' of sweep 'tune' is the text 'best'; expected all or pareto."],
        ),
        (
            SELECT,
            "select: {by: auc}",
            [
                (
                    "Sweep 'tune' selects by 'auc', which is not an objective. Did you mean 'val_auc'? "
                    "Known objectives: bytes, val_auc."
                )
            ],
        ),
        (
            SELECT,
            "select: {refit: maybe}",
            ["'refit' of 'select' of sweep 'tune' is the text 'maybe'; expected true or false."],
        ),
        (
            SELECT,
            "select: {refit: {fit_on: all}}",
            [("'refit' of 'select' of sweep 'tune' has an unknown key 'fit_on'. Known keys: params.")],
        ),
        (
            SELECT,
            "select: {refit: {params: {fit_no: all, depth: deep}}}",
            [
                (
                    "'refit' of 'select' of sweep 'tune' gives a value for 'fit_no', which is not a parameter of "
                    "it. Did you mean 'fit_on'? Known parameters: C, data, depth, fit_on, lr, model."
                ),
                "Parameter 'depth' is the text 'deep'; expected a whole number, such as 12.",
            ],
        ),
        (
            SELECT,
            'select: {refit: {params: {data: "${{ steps.ingest.outputs.data }}"}}}',
            [
                (
                    "'refit' of 'select' of sweep 'tune' has a look-up, but a sweep can also run alone; write "
                    "the value itself."
                )
            ],
        ),
    ],
)
def test_mistakes(old: str, new: str, sentences: list[str]) -> None:
    """All mistakes of a section are told together, and no other section is blamed for them."""
    assert wrong(old, new, text=CHURN) == sentences
