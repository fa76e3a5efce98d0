"""R10: eight processes race to create the same object, version or move of an alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.proofs.processes.races import MUTANTS, Plan, race
from tests.proofs.scale import scale

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.report import Tally

_WHAT: Final = "races of eight processes"
#: Rounds in one store; a log does not grow for ever.
_ROUNDS: Final = 100


def test_of_eight_racers_in_a_directory_one_wins(tmp_path: Path, tally: Tally) -> None:
    """An object, a version number and a move from one state are had by exactly one."""
    stores = scale(1, 50)
    violations = [
        f"store {number}: {each}"
        for number in range(stores)
        for each in race(Plan(url=str(tmp_path / str(number)), rounds=_ROUNDS))
    ]
    tally.add(check="R10", what=f"{_WHAT}, directory", count=stores * _ROUNDS, violations=violations)


@pytest.mark.s3
def test_of_eight_racers_in_s3_one_wins(s3_url: str, tally: Tally) -> None:
    """The same over S3."""
    stores, rounds = scale((1, 10), (50, _ROUNDS))
    violations = [
        f"store {number}: {each}"
        for number in range(stores)
        for each in race(Plan(url=f"{s3_url}/{number}", rounds=rounds))
    ]
    tally.add(check="R10", what=f"{_WHAT}, S3", count=stores * rounds, violations=violations)


def test_stores_that_let_several_win_are_noticed(tmp_path: Path, tally: Tally) -> None:
    """Each planted mistake shows within some rounds."""
    noticed = {
        mutant: any(
            race(Plan(url=str(tmp_path / f"{mutant}-{number}"), rounds=20, kinds=("object",), mutant=mutant))
            for number in range(5)
        )
        for mutant in MUTANTS
    }
    tally.add(check="R10", what=f"{_WHAT}, directory", count=0, mutants=noticed)
