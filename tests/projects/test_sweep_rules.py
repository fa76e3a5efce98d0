"""The parts of a sweep must go together; every contradiction is told, and none that only follows from another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_parts import (
    Budget,
    Objective,
    Pruner,
    PrunerName,
    Resources,
    Sampler,
    SamplerName,
    Selection,
    Stop,
    TrialPolicy,
)
from mlflowflow.projects.sweep_rules import RULES, breaches
from mlflowflow.projects.sweep_spec import SweepDraft

if TYPE_CHECKING:
    from collections.abc import Iterable

AUC = Objective(metric="auc", goal=Goal.MAXIMIZE)
SIZE = Objective(metric="size", goal=Goal.MINIMIZE)
X = FloatRange(name="x", low=0.0, high=1.0)
Y = IntRange(name="y", low=1, high=9)
CMAES = Sampler(name=SamplerName.CMAES)
MEDIAN = Pruner(name=PrunerName.MEDIAN)
DRAFT = SweepDraft(name="tune", entry_point="main", space=(X, Y), objectives=(AUC,), budget=Budget(trials=9))


def told(draft: SweepDraft, *, unread: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the key and the sentence of every breach."""
    return [(breach.key, breach.sentence) for breach in breaches(draft, unread=set(unread))]


def test_a_sound_draft() -> None:
    """What goes together breaks nothing."""
    assert told(DRAFT) == []


@pytest.mark.parametrize(
    ("changes", "key", "sentence"),
    [
        ({"space": ()}, "space", "Sweep 'tune' searches nothing; give its 'space' at least one dimension."),
        ({"space": (X, X)}, "space", "Sweep 'tune' has two dimensions 'x'; name each once."),
        (
            {"space": (replace(X, when={"m": 1}),)},
            "space",
            "The 'when' of dimension 'x' names 'm', which is not in the space; expected one of x.",
        ),
        (
            {"params": {"x": 1, "z": 2}},
            "params",
            "Sweep 'tune' both fixes and searches 'x'; remove one.",
        ),
        (
            {"objectives": ()},
            "objectives",
            "Sweep 'tune' has no 'objectives'; name at least one metric and its goal.",
        ),
        (
            {"objectives": (AUC, AUC)},
            "objectives",
            "Sweep 'tune' has two objectives 'auc'; name each metric once.",
        ),
        (
            {"objectives": (replace(AUC, prune=True), replace(SIZE, prune=True))},
            "objectives",
            "Sweep 'tune' prunes on 'auc', 'size', but only one objective can decide; mark one.",
        ),
        (
            {"sampler": Sampler(name=SamplerName.GRID)},
            "sampler",
            (
                "Dimension 'x' has endlessly many values, so the sampler 'grid' cannot visit them all; give it a "
                "'step' or list the values as a 'choice'."
            ),
        ),
        (
            {"sampler": CMAES, "objectives": (AUC, SIZE)},
            "sampler",
            "Sweep 'tune' has 2 objectives, and the sampler 'cmaes' can only follow one; take 'tpe' or 'nsga2'.",
        ),
        (
            {
                "sampler": CMAES,
                "space": (X, Choice(name="m", options=(1, 2)), replace(Y, when={"m": 1})),
            },
            "sampler",
            (
                "The sampler 'cmaes' needs two or more ranges without conditions, but sweep 'tune' has 1: it would "
                "only try at random. Take 'tpe'."
            ),
        ),
        (
            {"sampler": CMAES, "space": (X, replace(Y, step=9), replace(X, name="z", high=0.0))},
            "sampler",
            (
                "The sampler 'cmaes' needs two or more ranges without conditions, but sweep 'tune' has 1: it would "
                "only try at random. Take 'tpe'."
            ),
        ),
        (
            {"pruner": MEDIAN, "objectives": (AUC, SIZE)},
            "pruner",
            (
                "Sweep 'tune' has several objectives and a pruner; mark the one that decides with 'prune_on: true' "
                "(in Python, 'prune=True')."
            ),
        ),
        (
            {"budget": Budget(failed_trials=3)},
            "budget",
            "Sweep 'tune' would never end; give its 'budget' trials, wall or cost, such as {trials: 20}.",
        ),
        (
            {"budget": Budget(cost=3), "trial": TrialPolicy(resources=Resources(name="r"))},
            "budget",
            (
                "Sweep 'tune' has a budget in money, but its trials cost nothing; name 'resources' with a "
                "'price_per_hour' for its trials."
            ),
        ),
        (
            {"stop": Stop(target={"auk": 1})},
            "stop",
            "Sweep 'tune' stops at 'auk', which is not an objective. Did you mean 'auc'? Known objectives: auc.",
        ),
        (
            {"select": Selection(by="loss")},
            "select",
            "Sweep 'tune' selects by 'loss', which is not an objective. Known objectives: auc.",
        ),
        (
            {"start_from": ({"x": 0.5}, {"x": 2, "z": 1}, "run:/5")},
            "start_from",
            (
                "Starting point 2 of sweep 'tune': 'z' is not a dimension of the space. Known dimensions: x, y.\n"
                "Starting point 2 of sweep 'tune': 'x' is the number 2; expected a number from 0.0 to 1.0.\n"
                "Starting point 3 of sweep 'tune' is 'run:/5'; expected values of dimensions, or an address that "
                "begins with models:/, runs:/ or sweeps:/."
            ),
        ),
        ({"parallel": 0}, "parallel", "Sweep 'tune' has the parallel 0; expected 1 or more."),
    ],
)
def test_what_does_not_go_together(changes: dict[str, Any], key: str, sentence: str) -> None:
    """Each contradiction is told once, at the key to change."""
    assert told(replace(DRAFT, **changes)) == [(key, sentence)]


@pytest.mark.parametrize(
    "changes",
    [
        {"pruner": MEDIAN},
        {"pruner": MEDIAN, "objectives": (AUC, replace(SIZE, prune=True))},
        {"sampler": Sampler(name=SamplerName.GRID), "space": (Y,), "budget": Budget()},
        {"sampler": CMAES},
        {"sampler": CMAES, "space": (X, replace(Y, step=8))},
        {"budget": Budget(wall_s=5)},
        {
            "budget": Budget(cost=3),
            "trial": TrialPolicy(resources=Resources(name="r", price_per_hour=0.1)),
        },
        {"stop": Stop(target={"auc": 1}), "select": Selection(by="auc")},
        {"start_from": ("models:/a@b", "runs:/5/model", "sweeps:/6", {"y": 9})},
    ],
)
def test_what_goes_together(changes: dict[str, Any]) -> None:
    """A rule does not refuse what can work."""
    assert told(replace(DRAFT, **changes)) == []


def test_independent_mistakes_are_told_together() -> None:
    """One reading is enough to mend a sweep."""
    draft = replace(
        DRAFT,
        sampler=Sampler(name=SamplerName.GRID),
        stop=Stop(target={"loss": 1}),
        select=Selection(by="loss"),
        budget=Budget(cost=3),
        parallel=0,
    )
    assert [key for key, _ in told(draft)] == ["sampler", "budget", "stop", "select", "parallel"]


def test_what_only_follows_is_not_told() -> None:
    """Without a sound space or sound objectives nobody can say what fits to them."""
    draft = replace(
        DRAFT, space=(), objectives=(), start_from=({"x": 5},), select=Selection(by="loss"), params={"x": 1}
    )
    assert [key for key, _ in told(draft)] == ["space", "objectives"]


@pytest.mark.parametrize("key", sorted({key for rule in RULES for key in rule.keys}))
def test_no_rule_looks_at_what_could_not_be_read(key: str) -> None:
    """A key with a problem of its own causes no second one."""
    asked = [rule.keys for rule in RULES if key in rule.keys]
    assert asked
    broken = SweepDraft(name="tune", entry_point="main", space=(), objectives=(), budget=Budget(), parallel=0)
    assert key not in {breach.key for breach in breaches(broken, unread={key})}
