"""``mlff store``."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.cli.commands import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Small


def test_a_store_is_shown_with_what_it_is_able_to_do(terminal: Terminal, small: Small) -> None:
    """Conditional writes decide whether models can be registered there."""
    lines = terminal.mlff("store", "show").lines
    assert f"url {small.url}" in lines
    assert "conditional_create True" in lines


def test_showing_a_store_again_shows_the_same_store(own: Terminal) -> None:
    """Looking does not make a new one."""
    first, again = (own.mlff("store", "show", "--json").json for _ in range(2))
    assert first == again
    assert len(first["uuid"]) == 32


def test_compacting_changes_nothing_that_was_logged(own: Terminal) -> None:
    """The numbers name what was folded; every run reads as before."""
    before = own.mlff("runs", "list", "--json").json
    (report,) = [each for each in own.mlff("store", "compact", "--json").json if each["points"]]
    assert report["segments"] > 0
    assert report["points"] == 1
    assert own.mlff("runs", "list", "--json").json == before


def test_a_store_that_was_just_compacted_has_nothing_to_fold(own: Terminal) -> None:
    """Running it every minute costs nothing."""
    own.mlff("store", "compact")
    again = own.mlff("store", "compact")
    assert again.lines[0] == "experiment segments folded metric points"
    assert {line.split(maxsplit=1)[1] for line in again.lines[1:]} == {"0 0"}


def test_what_a_killed_process_had_logged_is_recovered_by_hand(own: Terminal, small: Small) -> None:
    """The record was acknowledged and not uploaded when its process died without a word."""
    script = (
        "import os; from pathlib import Path; from mlflowflow.storage.location import open_store;"
        "from mlflowflow.tracking.tracker import Tracker;"
        f"tracker = Tracker(open_store({own.store!r}), spool_dir=Path(os.environ['MLFLOWFLOW_SPOOL_DIR']),"
        " flush_intervals=());"
        f"tracker.log_metric({small.run_id!r}, 'late', 1.5); os._exit(9)"
    )
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    recovered = own.mlff("store", "recover")
    assert (killed.returncode, recovered.lines) == (
        9,
        ["Everything that was acknowledged on this machine is in the store."],
    )
    assert own.mlff("runs", "show", small.run_id, "--json").json["metrics"]["late"] == 1.5


def test_compacting_nothing_says_so_for_the_one_experiment_there_is(tmp_path: Path) -> None:
    """A new store has the default experiment only."""
    assert Terminal(store=str(tmp_path / "new")).mlff("store", "compact", "--json").json == [
        {"experiment_id": "0", "segments": 0, "points": 0}
    ]
