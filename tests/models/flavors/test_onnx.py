"""ONNX models where ONNX is not installed; `tests/frameworks` has it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import MissingExtra
from mlflowflow.models.flavors.onnx import FLAVOR
from mlflowflow.models.manifest import Manifest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make importing the library fail, also where it is installed."""
    nothing: Any = None
    monkeypatch.setitem(sys.modules, "onnx", nothing)


def test_writing_names_what_to_install(tmp_path: Path) -> None:
    """Nothing is written by then."""
    with pytest.raises(MissingExtra, match=r"mlflowflow\[onnx\]"):
        FLAVOR.write(object(), tmp_path, {})
    assert list(tmp_path.iterdir()) == []


def test_reading_names_what_to_install(tmp_path: Path) -> None:
    """A model can be looked at anywhere, and used where its library is."""
    with pytest.raises(MissingExtra, match=r"mlflowflow\[onnx\]"):
        FLAVOR.read(tmp_path, Manifest(flavors={"onnx": {}}), allow_code=True)
