"""R24: fork, spawn, eight threads and Dask workers share one client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.proofs.processes.sharing import MUTANTS, WAYS, Plan, share
from tests.proofs.scale import scale

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.report import Tally

#: How often each cell of the matrix is tried; a cluster or new interpreters take seconds to start.
_ROUNDS: Final = {"threads": scale(2, 100), "fork": scale(2, 100), "fork under threads": scale(2, 100)}
_SLOW_ROUNDS: Final = scale(1, 100)
_WHAT: Final = "one client shared by"


@pytest.mark.parametrize("used", [False, True], ids=["new", "used"])
@pytest.mark.parametrize("way", WAYS)
def test_each_gets_a_writer_of_its_own_and_nothing_is_lost(
    tmp_path: Path, tally: Tally, way: str, *, used: bool
) -> None:
    """However a client comes to a worker, each record is there once, and nobody waits for ever."""
    if way in {"spawn", "dask"} and used and _SLOW_ROUNDS == 1:
        pytest.skip("both states are tried under 'make prove'; a client is pickled the same in both")
    rounds = _ROUNDS.get(way, _SLOW_ROUNDS)
    violations = [
        f"round {number}: {each}"
        for number in range(rounds)
        for each in share(Plan(url=str(tmp_path / str(number)), way=way, used=used))
    ]
    tally.add(check="R24", what=f"{_WHAT} {way}", count=rounds, violations=violations)


def test_clients_that_miss_a_fork_are_noticed(tmp_path: Path, tally: Tally) -> None:
    """Each planted mistake shows at the first fork."""
    noticed = {
        mutant: bool(
            share(Plan(url=str(tmp_path / mutant), way="fork", used=True, mutant=mutant, patience_s=30.0))
        )
        for mutant in MUTANTS
    }
    tally.add(check="R24", what=f"{_WHAT} fork", count=0, mutants=noticed)
