"""``mlff store compact``, ``gc``, ``reap`` and ``recover``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mlflowflow.storage.location import open_store
from tests.cli.commands import Terminal

if TYPE_CHECKING:
    from tests.cli.conftest import Small


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


def test_compacting_nothing_says_so_for_the_one_experiment_there_is(tmp_path: Path) -> None:
    """A new store has the default experiment only."""
    assert Terminal(store=str(tmp_path / "new")).mlff("store", "compact", "--json").json == [
        {"experiment_id": "0", "segments": 0, "points": 0}
    ]


def test_an_experiment_that_cannot_be_folded_does_not_stop_the_others(own: Terminal, small: Small) -> None:
    """What went wrong is said about that one, and the command fails after doing the rest."""
    own.mlff("store", "compact")
    store = open_store(own.store)
    (manifest,) = [blob.key for blob in store.list(f"exp/{small.experiment_id}/log/")]
    store.put(manifest, b"{}")
    answer = own.mlff("store", "compact")
    assert answer.code == 1
    assert f"Experiment '{small.experiment_id}' was left alone: " in answer.err
    assert [line.split()[0] for line in answer.out.splitlines()] == ["experiment", "0"]


def test_what_was_just_folded_is_not_collected_yet(own: Terminal) -> None:
    """Readers who have just listed it still find it; the table says that nothing went."""
    own.mlff("store", "compact")
    said = own.mlff("store", "gc", "--json").json
    assert {(each["segments"], each["parts"], each["bytes"]) for each in said} == {(0, 0, 0)}
    lines = own.mlff("store", "gc").lines
    assert (
        lines[0] == "experiment segments removed parts removed uploads removed manifests emptied bytes freed"
    )


def test_a_store_without_open_runs_has_nothing_to_reap(own: Terminal) -> None:
    """Nobody is marked for nothing."""
    assert own.mlff("store", "reap", "--json").json == {"alive": 0, "dead": 0, "runs": []}
    assert own.mlff("store", "reap").lines == ["No process has runs open; there is nothing to mark."]


def killed(own: Terminal, run_id: str, *, points: int = 1) -> None:
    """Log to a run in a process that dies without a word before it uploads."""
    script = (
        "import os; from pathlib import Path; from mlflowflow.storage.location import open_store;"
        "from mlflowflow.tracking.tracker import Tracker;"
        f"tracker = Tracker(open_store({own.store!r}), spool_dir=Path(os.environ['MLFLOWFLOW_SPOOL_DIR']),"
        " flush_intervals=());"
        f"[tracker.log_metric({run_id!r}, 'late', 1.5) for _ in range({points})]; os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9


def test_what_a_killed_process_had_logged_is_recovered_by_hand(own: Terminal, small: Small) -> None:
    """The record was acknowledged and not uploaded when its process died; what was there is told."""
    killed(own, small.run_id)
    assert own.mlff("store", "recover").lines == [
        "1 record of 1 dead process uploaded in 1 segment; 0 runs ended."
    ]
    assert own.mlff("runs", "show", small.run_id, "--json").json["metrics"]["late"] == 1.5
    assert own.mlff("store", "recover").lines == [
        "Nothing was waiting: everything acknowledged on this machine is in the store."
    ]


def test_a_recovery_tells_machines_the_same(own: Terminal, small: Small) -> None:
    """The counts of the sentence, and what was left alone or damaged."""
    killed(own, small.run_id)
    said = own.mlff("store", "recover", "--json").json
    assert (said["spools"], said["segments"], said["records"]) == (1, 1, 1)
    assert (said["left"], said["damaged"], said["unplaced"]) == ([], [], 0)


def test_a_spool_that_is_nobodys_is_left_and_named(own: Terminal, tmp_path: Path) -> None:
    """What cannot be understood is neither uploaded nor removed, and the person is told."""
    (tmp_path / "spool").mkdir(exist_ok=True)
    stranger = tmp_path / "spool" / "x.wal"
    stranger.write_bytes(b"\x00" * 40)
    answer = own.mlff("store", "recover")
    assert str(stranger) in answer.out or str(Path("damaged") / "x.wal") in answer.out


def test_a_damaged_spool_fails_the_command_and_is_kept(own: Terminal, small: Small, tmp_path: Path) -> None:
    """What is whole in it is in the store; a script must see that not everything is."""
    killed(own, small.run_id, points=3)
    (spool,) = (tmp_path / "spool").glob("*.wal")
    body = bytearray(spool.read_bytes())
    body[-70] ^= 1  # in the second record
    spool.write_bytes(bytes(body))
    answer = own.mlff("store", "recover")
    kept = tmp_path / "spool" / "damaged" / spool.name
    assert answer.code == 1
    assert answer.out.splitlines() == [
        "2 records of 1 dead process uploaded in 1 segment; 0 runs ended.",
        f"Damaged: what is whole in it was uploaded, and it is kept as '{kept}'.",
    ]
    assert (kept.read_bytes(), spool.exists()) == (bytes(body), False)
    assert own.mlff("store", "recover").code == 0
