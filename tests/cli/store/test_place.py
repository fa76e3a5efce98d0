"""What the commands of ``mlff store`` share."""

from __future__ import annotations

import sys
from io import StringIO
from typing import TYPE_CHECKING

import click
import pytest

from mlflowflow.cli.store.place import Progress, fail_if, finding_json, progress, spool_of
from mlflowflow.maintenance.finding import Finding, Level

if TYPE_CHECKING:
    from pathlib import Path


class Screen(StringIO):
    """A terminal that remembers what was written."""

    def isatty(self) -> bool:
        """Be one."""
        return True


def test_progress_is_shown_on_a_terminal_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who waits sees the numbers go; afterwards the line is empty."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress("read") as shown:
        for done in range(1, 41):
            shown(done, 41)
    assert "\r40 of 41 objects read" in screen.getvalue()
    assert screen.getvalue().endswith(" \r")


def test_progress_is_silent_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log file holds no animations."""
    pipe = StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    shown = Progress("read")
    shown(20)
    shown.clear()
    assert pipe.getvalue() == ""


def test_a_failure_is_exit_code_1() -> None:
    """Nothing that failed is nothing."""
    fail_if([])
    with pytest.raises(click.exceptions.Exit) as raised:
        fail_if(["x"])
    assert raised.value.exit_code == 1


def test_a_finding_for_machines_has_no_objects_of_ours() -> None:
    """Words and None only."""
    finding = Finding(level=Level.OK, subject="clock", sentence="It goes right.")
    assert finding_json(finding) == {
        "level": "ok",
        "subject": "clock",
        "trouble": None,
        "sentence": "It goes right.",
        "advice": "",
    }


def test_the_spool_of_the_environment_wins(tmp_path: Path) -> None:
    """The same folder that a tracker of this store would use."""
    assert spool_of(str(tmp_path / "store")) == tmp_path / "spool"
