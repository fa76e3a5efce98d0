"""What a run says about the code that made it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.tracking.fluent.git_facts import git_facts
from mlflowflow.tracking.fluent.source_tags import GIT_COMMIT_TAG, SOURCE_NAME_TAG, source_tags

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("argv", [["-c"], [""], []])
def test_without_a_script_there_is_no_commit(monkeypatch: pytest.MonkeyPatch, argv: list[str]) -> None:
    """The folder one happens to be in says nothing about code that was typed in."""
    monkeypatch.setattr(sys, "argv", argv)
    assert GIT_COMMIT_TAG not in source_tags()


def test_a_script_under_git_has_its_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is the commit of the script's folder, not of the one the program was started in."""
    git_facts.cache_clear()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("a" * 40)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "train.py")])
    tags = source_tags()
    assert (tags[SOURCE_NAME_TAG], tags[GIT_COMMIT_TAG]) == (str(tmp_path / "train.py"), "a" * 40)


def test_git_is_never_started(tmp_path: Path) -> None:
    """Starting a program costs more than starting a run."""
    code = (
        "import subprocess, sys\n"
        "def refuse(*a, **k): raise SystemExit('a program was started')\n"
        "subprocess.Popen.__init__ = refuse\n"
        "from mlflowflow.tracking.fluent.source_tags import source_tags\n"
        f"sys.argv = [r'{tmp_path}/x.py']\nprint(len(source_tags()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
