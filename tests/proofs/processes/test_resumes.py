"""R19: four processes resume the same run, contradict one another and are killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.proofs.processes.kills import Plan, is_accused, kill
from tests.proofs.scale import scale

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.report import Tally

_CHECK: Final = {"check": "R19", "what": "records of four processes that resume one run"}
#: How many records are wanted, in stores in which so many lives end.
_RECORDS: Final = scale(2_000, 40_000)
_KILLS: Final = scale(30, 60)
#: How many stores a mutant has to show itself in, and how long lives in the first of them are.
_PATIENCE: Final = 5
_FIRST_S: Final = 0.06
#: What a writer may do wrong that shows in a shared run only by chance of a kill, and always here.
_MUTANTS: Final = ("unspooled", "torn", "doubtful")


def test_a_run_that_four_resume_is_their_exact_union(tmp_path: Path, tally: Tally) -> None:
    """Every acknowledged record of all is there once; a param keeps its value, a tag has the last one."""
    records, seed = 0, 0
    violations: list[str] = []
    while records < _RECORDS:
        plan = Plan(
            url=str(tmp_path / str(seed)), kills=_KILLS, seed=seed, shared=True, longest_s=0.5, burst=2_000
        )
        found = kill(plan)
        records += found["acknowledged"]
        violations += [f"seed {seed}: {each}" for each in found["violations"]]
        seed += 1
    tally.add(**_CHECK, count=records, violations=violations)


def test_writers_that_spoil_a_shared_run_are_noticed(tmp_path: Path, tally: Tally) -> None:
    """Each planted mistake shows within some kills."""
    tally.add(**_CHECK, count=0, mutants={name: _is_noticed(tmp_path / name, name) for name in _MUTANTS})


def _is_noticed(place: Path, mutant: str) -> bool:
    """Answer whether a store accuses `mutant`, whose lives are ever longer: a busy machine lets little happen."""
    plans = (
        Plan(
            url=str(place / str(seed)),
            kills=30,
            seed=seed,
            shared=True,
            mutant=mutant,
            longest_s=_FIRST_S * 2**seed,
        )
        for seed in range(_PATIENCE)
    )
    return is_accused(plans)
