"""Sweeps by a Gaussian process, which needs PyTorch."""

from __future__ import annotations

import random

import pytest

from mlflowflow.projects.sweep_spec import Sampler, SamplerName
from mlflowflow.sweeps.pruning import make_judge
from mlflowflow.sweeps.replay import feed, replay
from mlflowflow.sweeps.suggestion import make_suggester
from tests.sweeps.lives import Life, sweep_of

SAMPLER = Sampler(name=SamplerName.GP, startup=2)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("objectives", "constraints"), [(1, 1), (2, 0)])
def test_its_suggestions_are_made_again(objectives: int, constraints: int) -> None:
    """What a Gaussian process suggests follows from the log, for one and for several objectives."""
    sweep = sweep_of(SAMPLER, conditional=True, objectives=objectives, constraints=constraints)
    life = Life(sweep=sweep, dice=random.Random(3), parallel=2)
    batches = life.live(7)
    assert replay(batches).differences == ()
    suggester = make_suggester(sweep, life.seed)
    feed(batches, suggester, make_judge(sweep, life.seed))
    assert suggester.ask() == life.ask()
