"""A sweep is one fact with one digest, whatever the form in which its parts came."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import Any

import pytest

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.events.canonical import plain, to_bytes
from mlflowflow.gates.policy import Goal
from mlflowflow.projects import sweep_spec
from mlflowflow.projects.space import Choice
from mlflowflow.projects.sweep_spec import (
    Budget,
    Constraint,
    Dedupe,
    Objective,
    Pruner,
    PrunerName,
    Sampler,
    Selection,
    Stop,
    SweepDraft,
    SweepSpec,
    TrialPolicy,
    Visibility,
    sweep_parameters,
)
from tests.projects.examples import CHURN, project

SWEEP = project().sweeps["tune"]
FULL = project(CHURN).sweeps["tune"]
AUC = Objective(metric="val_auc", goal=Goal.MAXIMIZE)
SIZE = Objective(metric="bytes", goal=Goal.MINIMIZE)


def test_space_is_in_an_order_of_its_own() -> None:
    """Conditions come before what hangs on them, then names decide, so the file's order does not matter."""
    backwards = replace(SWEEP, space=tuple(reversed(SWEEP.space)))
    assert [each.name for each in backwards.space] == ["model", "C", "depth"]
    assert backwards == SWEEP


def test_starting_points_have_one_form() -> None:
    """Types, order and what cannot exist make no difference; the point is what it means."""
    one = replace(FULL, start_from=({"model": "gbm", "depth": "4", "lr": "1e-1", "C": 5},))
    assert one.start_from == ({"model": "gbm", "depth": 4, "lr": 0.1},)
    assert one.digest == replace(FULL, start_from=({"lr": 0.1, "depth": 4.0, "model": "gbm"},)).digest


def test_what_contradicts_itself_is_refused() -> None:
    """A sweep is sound by construction, and all that is wrong is one message."""
    with pytest.raises(InvalidInput) as caught:
        replace(FULL, parallel=0, select=Selection(by="loss"))
    assert str(caught.value).splitlines() == [
        ("Sweep 'tune' selects by 'loss', which is not an objective. Known objectives: bytes, val_auc."),
        "Sweep 'tune' has the parallel 0; expected 1 or more.",
    ]


def test_a_draft_becomes_a_sweep() -> None:
    """A sweep has the parts of its draft."""
    draft = SweepDraft(
        name="s",
        entry_point="e",
        space=(Choice(name="x", options=(1,)),),
        objectives=(AUC,),
        budget=Budget(trials=1),
    )
    sweep = SweepSpec.of(draft)
    assert (sweep.name, sweep.space, sweep.trial) == ("s", draft.space, TrialPolicy())


@pytest.mark.parametrize(
    ("objectives", "pruned"),
    [
        ((AUC,), AUC),
        ((AUC, SIZE), None),
        ((AUC, replace(SIZE, prune=True)), replace(SIZE, prune=True)),
    ],
)
def test_the_objective_that_prunes(objectives: tuple[Objective, ...], pruned: Objective | None) -> None:
    """The marked one decides, or the only one."""
    parts: dict[str, Any] = {"objectives": objectives, "stop": Stop(), "select": Selection()}
    assert replace(FULL, **parts, pruner=Pruner()).pruned_objective == pruned


def test_the_objective_that_selects() -> None:
    """The named one, or else the first."""
    assert replace(FULL, select=Selection(by="bytes")).selecting_objective.metric == "bytes"
    assert replace(FULL, select=Selection()).selecting_objective.metric == "val_auc"


@pytest.mark.parametrize("sweep", [SWEEP, FULL])
def test_json_and_back(sweep: SweepSpec) -> None:
    """What is kept of a sweep is the sweep, with its digest; so is what travels to a worker."""
    again = SweepSpec.from_plain(json.loads(to_bytes(sweep)))
    assert again == sweep
    assert again.digest == sweep.digest
    assert pickle.loads(pickle.dumps(sweep)) == sweep


@pytest.mark.parametrize("changes", [{"parallel": "many"}, {"parallel": 0}, {"space": [{"kind": "line"}]}])
def test_what_is_no_sweep_is_corrupt(changes: dict[str, Any]) -> None:
    """Neither a wrong type nor a contradiction in the store is taken for a sweep."""
    fields = plain(SWEEP)
    assert isinstance(fields, dict)
    with pytest.raises(CorruptData, match=r"^'sweeps/5/log' cannot be read: it is not a "):
        SweepSpec.from_plain({**fields, **changes}, key="sweeps/5/log")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other"},
        {"entry_point": "other"},
        {"params": {"data": "elsewhere"}},
        {"objectives": (replace(AUC, prune=True),)},
        {"constraints": (Constraint(metric="p95_ms", max=21),)},
        {"sampler": Sampler(seed=8)},
        {"pruner": Pruner(name=PrunerName.ASHA)},
        {"start_from": ()},
        {"dedupe": Dedupe.OFF},
        {"parallel": 5},
        {"budget": Budget(trials=61)},
        {"stop": Stop()},
        {"trial": TrialPolicy()},
        {"select": Selection()},
        {"visibility": Visibility.SWEEP},
    ],
)
def test_every_change_of_meaning_is_another_digest(changes: dict[str, Any]) -> None:
    """A digest stands for all that a sweep says."""
    parts: dict[str, Any] = {"budget": Budget(trials=60)}
    assert replace(FULL, **{**parts, **changes}).digest != replace(FULL, **parts).digest


def test_digests_last() -> None:
    """A sweep that was begun can be continued by a later release: what it says has the digest it had."""
    assert FULL.digest == "00c2dba9766cbaf44daadd6dd5c403c90f38d92b166d4d5aecebe47264599799"


def test_fixed_values_are_defaults() -> None:
    """What a sweep fixes can be overridden, what it searches cannot."""
    parameters = sweep_parameters(SWEEP, project().entry_points["train"])
    assert {each.name: each.default for each in parameters} == {"data": None, "fit_on": "train"}


def test_parts_are_offered_here() -> None:
    """Whoever works with a sweep needs one import."""
    assert all(hasattr(sweep_spec, name) for name in sweep_spec.__all__)
