"""Values that were given here for a command that runs elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.projects.given import from_here
from tests.projects.examples import project

if TYPE_CHECKING:
    from pathlib import Path


def test_a_path_that_is_here_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a parameter that is a path, and only what exists; the rest may be in the project or be an address."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows").mkdir()
    assert from_here(project(), "train", {"data": "rows", "model": "rows"}) == {
        "data": str(tmp_path / "rows"),
        "model": "rows",
    }
    assert from_here(project(), "train", {"data": "runs:/r/data"}) == {"data": "runs:/r/data"}


def test_what_the_project_does_not_have_is_refused() -> None:
    """Before a word is said about its parameters."""
    with pytest.raises(NotFound, match="'tarin'"):
        from_here(project(), "tarin", {})
