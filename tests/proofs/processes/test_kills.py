"""R01: `kill -9` at random moments while four processes log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.proofs.processes.kills import MUTANTS, Plan, is_accused, kill
from tests.proofs.scale import scale

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.report import Tally

_CHECK: Final = {"check": "R01", "what": "kill -9 while four processes log"}
#: How often is killed in one store before it is looked at.
_KILLS: Final = 100
#: How many stores a mutant has to show itself in.
_PATIENCE: Final = 6


@pytest.mark.parametrize("part", range(scale(1, 10)))
def test_what_was_acknowledged_survives_any_kill(tmp_path: Path, tally: Tally, part: int) -> None:
    """Nothing acknowledged is lost, doubled, torn or invented, and the store is read without trouble."""
    kills, violations = 0, list[str]()
    for number in range(scale(3, 10)):
        seed = 1000 * part + number
        found = kill(Plan(url=str(tmp_path / str(seed)), kills=_KILLS, seed=seed))
        kills += found["kills"]
        violations += [f"seed {seed}: {each}" for each in found["violations"]]
    tally.add(**_CHECK, count=kills, violations=violations)


def test_wrong_programs_are_noticed(tmp_path: Path, tally: Tally) -> None:
    """Each planted mistake shows within a few hundred kills."""
    tally.add(**_CHECK, count=0, mutants={name: _is_noticed(tmp_path / name, name) for name in MUTANTS})


def _is_noticed(place: Path, mutant: str) -> bool:
    plans = (
        Plan(url=str(place / str(seed)), kills=_KILLS // 3, seed=seed, mutant=mutant)
        for seed in range(_PATIENCE)
    )
    return is_accused(plans)
