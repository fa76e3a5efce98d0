"""A sweep outlives everything that takes part in it: no trial is lost, none is run after its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.sweeps.entry import Closed
from mlflowflow.sweeps.trial import Outcome, TrialState, trial_run_id
from tests.proofs.processes.sweep_kills import TARGETS, kill_a_sweep, wrong_executions, wrong_trials
from tests.proofs.scale import scale
from tests.sweeps.examples import RUN_ID, history_of, tried

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflowflow.sweeps.entry import Entry
    from tests.proofs.report import Tally

_SWEEPS = scale(1, 10)
_TRIALS = scale(12, 60)
_KILLS = scale(5, 40)


@pytest.mark.timeout(scale(1_200, 7_200))
@pytest.mark.xdist_group("sweep kills")
@pytest.mark.parametrize("seed", range(_SWEEPS))
def test_a_sweep_is_finished_through_every_death(tmp_path: Path, tally: Tally, seed: int) -> None:
    """Of workers, nannies, the scheduler, the coordinator and Prefect's server, at random moments."""
    found = kill_a_sweep(tmp_path, trials=_TRIALS, kills=_KILLS, seed=seed)
    what = f"deaths of {', '.join(TARGETS)} during sweeps"
    tally.add(check="sweep", what=what, count=sum(found.kills.values()), violations=found.violations)


def _again(lines: list[str], _entries: list[Entry]) -> None:
    lines.append(lines[0])


def _lost(lines: list[str], _entries: list[Entry]) -> None:
    del lines[-1]


def _failed(_lines: list[str], entries: list[Entry]) -> None:
    entries[4:8] = tried(1, state=TrialState.FAILED, outcome=Outcome.WORKER_LOST)


def _open(_lines: list[str], entries: list[Entry]) -> None:
    del entries[-1]


def _missing(_lines: list[str], entries: list[Entry]) -> None:
    del entries[4:8]


_MUTANTS: dict[str, Callable[[list[str], list[Entry]], None]] = {
    "run again after its end": _again,
    "never ended": _lost,
    "given up": _failed,
    "left open": _open,
    "a number missing": _missing,
}


def test_what_must_not_be_is_noticed(tally: Tally) -> None:
    """A sweep to which any of it happened would not have passed."""
    noticed: dict[str, bool] = {}
    for name, spoil in {"": lambda *_: None, **_MUTANTS}.items():
        lines = [
            f"{word} {trial_run_id(RUN_ID, number)} 1" for number in (0, 1) for word in ("began", "ended")
        ]
        entries: list[Entry] = [*tried(0, 0.5), *tried(1, 0.5), Closed()]
        spoil(lines, entries)
        history = history_of(*entries)
        noticed[name] = bool(wrong_trials(history, 2) + wrong_executions(history, lines))
    assert not noticed.pop("")
    tally.add(check="sweep", what="mistakes of sweeps", count=0, mutants=noticed)
