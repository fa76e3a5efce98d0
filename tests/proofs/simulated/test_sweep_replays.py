"""Sweeps of every sampler are replayed from their logs, and continued from wherever they were cut."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.projects.sweep_spec import Pruner, PrunerName
from mlflowflow.sweeps.entry import Asked, Opened
from mlflowflow.sweeps.pruning import make_judge
from mlflowflow.sweeps.replay import feed, replay
from mlflowflow.sweeps.suggestion import make_suggester
from tests.proofs.scale import scale
from tests.sweeps.lives import SAMPLERS, Life, sweep_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.sweeps.entry import Batch
    from tests.proofs.report import Tally

_LIVES: Final = scale(3, 200)
_TRIALS: Final = scale(20, 120)
_PRUNERS: Final = (
    Pruner(),
    Pruner(name=PrunerName.MEDIAN, startup=2),
    Pruner(name=PrunerName.ASHA, max_resource=9),
    Pruner(name=PrunerName.HYPERBAND, max_resource=9),
)


def _life(sampler: str, seed: int) -> Life:
    dice = random.Random(seed)
    sweep = sweep_of(
        SAMPLERS[sampler],
        conditional=dice.random() < 0.5,
        objectives=dice.randint(1, 3),
        constraints=dice.randint(0, 2),
        pruner=dice.choice(_PRUNERS),
    )
    return Life(sweep=sweep, dice=dice, seed=dice.getrandbits(32), parallel=dice.randint(1, 12))


def wrong(life: Life, change: Callable[[list[Batch]], list[Batch]] = list) -> list[str]:
    """Let a sweep live and return what its log, after `change`, leads to otherwise."""
    cut = change(life.live(life.dice.randint(0, _TRIALS)))
    suggester = make_suggester(life.sweep, life.seed)
    found = [each.sentence for each in feed(cut, suggester, make_judge(life.sweep, life.seed))]
    if suggester.ask() != life.ask():
        found.append("The trial after the cut is another one.")
    return found + [each.sentence for each in replay(change(life.batches())).differences]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_no_decision_differs(tally: Tally, sampler: str) -> None:
    """Parallel asks, ends in any order and of every kind, conditional spaces, several objectives, constraints."""
    violations = [f"seed {seed}: {each}" for seed in range(_LIVES) for each in wrong(_life(sampler, seed))]
    tally.add(check="sweep", what=f"replays with {sampler}", count=_LIVES, violations=violations)


def _other_seed(batches: list[Batch]) -> list[Batch]:
    opened = batches[0].entries[0]
    assert isinstance(opened, Opened)
    return [replace(batches[0], entries=(replace(opened, seed=1),)), *batches[1:]]


def _untold(batches: list[Batch]) -> list[Batch]:
    return [each for each in batches if each.entries[0].kind != "told"]


def _other_params(batches: list[Batch]) -> list[Batch]:
    asked = [at for at, each in enumerate(batches) if isinstance(each.entries[0], Asked)]
    entry = batches[asked[5]].entries[0]
    assert isinstance(entry, Asked)
    changed = replace(entry, params={**entry.params, "momentum": 0.123})
    return [replace(each, entries=(changed,)) if at == asked[5] else each for at, each in enumerate(batches)]


def test_the_proof_can_fail(tally: Tally) -> None:
    """Another seed, results that are missing, and a trial that was changed are found."""
    caught: dict[str, bool] = {}
    for name, change in (("seed", _other_seed), ("results", _untold), ("params", _other_params)):
        life = Life(sweep=sweep_of(SAMPLERS["tpe"], pruner=Pruner()), dice=random.Random(3))
        life.live(12)
        caught[name] = bool(wrong(life, change))
    tally.add(check="sweep", what="replays", count=len(caught), mutants=caught)
