"""R11 and R23: any interleaving of writers, compactors, a collector, readers and registry clients, in any weather."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.testing.oracles import same
from tests.proofs.scale import scale
from tests.proofs.simulated.mutants import CONTROLS, MUTANTS, Mutant
from tests.proofs.simulated.scenario import play

if TYPE_CHECKING:
    from tests.proofs.report import Tally

_WHAT: Final = "interleavings of 11 processes under every fault"
#: So many seeds make one test: it must end within the limit of a test.
_PARTS: Final = scale(10, 200)
_SEEDS: Final = scale(500, 100_000) // _PARTS
#: How many worlds a mutant has to show itself in.
_PATIENCE: Final = 200


@pytest.mark.parametrize("part", range(_PARTS))
def test_no_interleaving_breaks_a_promise(tally: Tally, part: int) -> None:
    """Nothing is lost, invented, doubled or swapped, and all references resolve when all has come to rest."""
    found: list[str] = []
    audits = 0
    for seed in range(part * _SEEDS, (part + 1) * _SEEDS):
        outcome = play(seed)
        found += [f"seed {seed}: {each}" for each in outcome.violations]
        audits += outcome.audits
    tally.add(check="R23", what="audits of all references at rest", count=audits)
    tally.add(check="R11", what=_WHAT, count=_SEEDS, violations=found)


def test_a_seed_replays_byte_for_byte(tally: Tally) -> None:
    """What a seed has shown can be looked at again: the same calls, the same bytes, the same answers."""
    seeds = range(scale(10, 100))
    found = [
        f"seed {seed}: {each}"
        for seed in seeds
        for each in same(f"seed {seed}", [play(seed).digest for _ in range(2)])
    ]
    tally.add(check="R11", what="seeds that replay byte for byte", count=len(seeds), violations=found)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_mistake_is_noticed(tally: Tally, name: str) -> None:
    """A check that does not see a wrong part proves nothing about the right one."""
    tally.add(check="R11", what=_WHAT, count=0, mutants={name: is_noticed(MUTANTS[name])})


@pytest.mark.parametrize("name", CONTROLS)
def test_what_the_protocol_bears_is_not_accused(name: str) -> None:
    """A part that is odd and right passes, where the mutants beside it do not."""
    control = CONTROLS[name]
    for seed in range(scale(5, 200)):
        outcome = play(seed, parts=control.parts, weather=control.weather, cast=control.cast)
        assert outcome.violations == ()


def is_noticed(mutant: Mutant) -> bool:
    """Answer whether some early seed accuses the mutant."""
    seeds = itertools.count()
    worlds = (
        play(seed, parts=mutant.parts, weather=mutant.weather, cast=mutant.cast)
        for seed in itertools.islice(seeds, _PATIENCE)
    )
    return any(outcome.violations for outcome in worlds)
