"""Finding flavors."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.models.flavors import find_flavor

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a folder that installed packages are found in."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    importlib.invalidate_caches()
    return tmp_path


def _install(site: Path, name: str, target: str) -> None:
    package = site / "thing-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(f"[mlflowflow.flavors]\n{name} = {target}\n")


def test_an_installed_package_adds_a_flavor(site: Path) -> None:
    """An entry point is found by the flavor's name."""
    _install(site, "text", "text_flavor:FLAVOR")
    (site / "text_flavor.py").write_text(
        "class Text:\n    name = 'text'\n    def write(self): ...\n    def read(self): ...\nFLAVOR = Text()\n"
    )
    assert find_flavor(["python_function", "text"]).name == "text"


def test_a_built_in_name_is_not_taken_over(site: Path) -> None:
    """An entry point cannot replace a built-in flavor."""
    _install(site, "sklearn", "json:dumps")
    assert find_flavor(["sklearn"]).name == "sklearn"


def test_an_entry_point_must_be_a_flavor(site: Path) -> None:
    """What is no flavor is refused under its name."""
    _install(site, "odd", "json:dumps")
    with pytest.raises(InvalidInput, match="'odd'"):
        find_flavor(["odd"])


def test_an_unknown_flavor_is_named_with_those_known() -> None:
    """The error tells what the model has and what can be loaded."""
    with pytest.raises(NotFound, match=r"'prophet'.*Known here are keras, lightgbm"):
        find_flavor(["prophet"])
