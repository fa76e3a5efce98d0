"""Importing what not everybody has."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import MissingExtra
from mlflowflow.models.flavors.library import accepted, library

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_library_is_named_with_its_extra() -> None:
    """The error says what to install."""
    with pytest.raises(MissingExtra, match=r"'no-such'.*mlflowflow\[thing\]"):
        library("no_such_library.part", extra="thing", package="no-such")


def test_a_library_that_lacks_something_itself_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken installation is not taken for a missing one."""
    (tmp_path / "half_installed.py").write_text("import what_it_needs\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(ModuleNotFoundError, match="what_it_needs"):
        library("half_installed", extra="thing")


def test_parameters_that_a_model_does_not_take_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """They are named in a warning, as in MLflow."""

    def predict(data: Any, depth: int = 1) -> Any:
        return data, depth

    with caplog.at_level(logging.WARNING):
        assert accepted(predict, {"depth": 2, "width": 3}) == {"depth": 2}
    assert "width" in caplog.text


def test_a_function_that_takes_everything_gets_everything() -> None:
    """Keywords are passed on to whoever collects them."""

    def predict(data: Any, **more: int) -> Any:
        return data, more

    assert accepted(predict, {"width": 3}) == {"width": 3}
