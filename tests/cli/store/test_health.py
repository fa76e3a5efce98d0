"""``mlff store doctor`` and ``mlff store fsck``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.storage.location import open_store
from tests.cli.commands import Terminal
from tests.maintenance.stores import flip, keys

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Small


def spoiled(own: Terminal, prefix: str) -> str:
    """Flip a bit in the middle of an object of `own` whose key begins with `prefix`, and return the key."""
    store = open_store(own.store)
    key = keys(store, prefix)[0]
    flip(store, key, 8 * (len(store.get(key) or b"") // 2))
    return key


def test_a_healthy_store_gets_a_line_for_each_question(terminal: Terminal) -> None:
    """Every line is an answer, and the exit code says that there is no problem."""
    answer = terminal.mlff("store", "doctor")
    assert answer.code == 0
    subjects = [line.split()[1] for line in answer.lines]
    assert subjects == [
        "versions",
        "store",
        "creating",
        "reading",
        "speed",
        "clock",
        "spool",
        "compaction",
    ]


def test_a_place_that_is_no_store_yet_can_be_asked_about(tmp_path: Path) -> None:
    """Somebody tries a place out before using it, and it is left as it was."""
    said = Terminal(store=str(tmp_path / "new")).mlff("store", "doctor", "--json").json
    assert "is no store yet" in next(each["sentence"] for each in said if each["subject"] == "store")
    assert not (tmp_path / "new" / "store.json").exists()


def test_a_problem_is_an_exit_code(own: Terminal) -> None:
    """A script that asks the doctor before a long run need not read sentences."""
    open_store(own.store).put("store.json", b"nonsense")
    answer = own.mlff("store", "doctor")
    assert answer.code == 1
    assert "Run 'mlff store fsck --repair'." in answer.out


def test_a_whole_store_is_said_to_be_whole(terminal: Terminal) -> None:
    """The last line says how much was looked at."""
    answer = terminal.mlff("store", "fsck")
    assert answer.code == 0
    assert answer.lines[-1].endswith("read: everything is as it was written.")


def test_damage_is_named_and_an_exit_code(own: Terminal, small: Small) -> None:
    """The object's key stands on a line of its own, then what is wrong, then what to do."""
    key = spoiled(own, f"exp/{small.experiment_id}/hot/")
    answer = own.mlff("store", "fsck")
    assert answer.code == 1
    assert f"problem  {key}\n         It is damaged: " in answer.out
    assert answer.out.splitlines()[-1].endswith("1 problem, 0 warnings.")
    said = Terminal(store=own.store).mlff("store", "fsck", "--json")
    assert (said.code, f'"subject": "{key}"' in said.out) == (1, True)


def test_a_repair_says_what_it_did_and_leaves_a_whole_store(own: Terminal, small: Small) -> None:
    """After it the examination is clean; the object as it was is in quarantine."""
    key = spoiled(own, f"exp/{small.experiment_id}/hot/")
    answer = own.mlff("store", "fsck", "--repair")
    assert answer.code == 0
    assert f"done     {key}\n" in answer.out
    assert "is kept as 'quarantine/" in answer.out
    assert own.mlff("store", "fsck").code == 0


def test_a_place_that_is_no_store_cannot_be_examined(tmp_path: Path) -> None:
    """A mistyped address is not a clean store."""
    answer = Terminal(store=str(tmp_path / "nothing")).mlff("store", "fsck")
    assert answer.code == 2
    assert "There is no store" in answer.err
