"""Finding flavors."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.models import load_model
from mlflowflow.models.flavors import find_flavor
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

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


#: All it takes to keep models of one's own: this module, and the entry point that names its object.
EXAMPLE = '''
"""Models that are words: a flavor in an installed package."""

from mlflowflow.models import saving
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.package import read_inside


class Words:
    name = "words"

    def write(self, model, folder, options):
        (folder / "words.txt").write_text(options.get("prefix", "") + model)
        return Written(
            configuration={"data": "words.txt"},
            pyfunc={"loader_module": "words_flavor", "data": "words.txt"},
            distributions=(),
        )

    def read(self, folder, manifest, *, allow_code):
        text = read_inside(folder, manifest.flavors["words"]["data"]).decode()
        return Loaded(native=text, predict=lambda data, params: [text] * len(data))


FLAVOR = Words()


def save_model(model, path, prefix="", **common):
    saving.save("words", model, path, {"prefix": prefix}, **common)


def log_model(model, prefix="", **common):
    return saving.log("words", model, {"prefix": prefix}, **common)


def load_model(model_uri, dst_path=None):
    return saving.load("words", model_uri, dst_path=dst_path)
'''


def test_an_example_package_keeps_models_of_its_own(site: Path, tmp_path: Path) -> None:
    """Saved, logged, registered, loaded as itself and as anything that predicts."""
    _install(site, "words", "words_flavor:FLAVOR")
    (site / "words_flavor.py").write_text(EXAMPLE)
    importlib.invalidate_caches()
    words = importlib.import_module("words_flavor")
    try:
        with session_at(str(tmp_path / "store"), tmp_path / "spool"), start_run():
            words.save_model("hello", tmp_path / "m", prefix="> ", input_example=[1, 2])
            info = words.log_model("hello", name="greeting", registered_model_name="words", params={"a": 1})
            assert words.load_model(tmp_path / "m") == "> hello"
            assert words.load_model(info.model_uri) == "hello"
            assert load_model("models:/words/1").predict([1, 2]) == ["hello", "hello"]
            assert load_model(tmp_path / "m").metadata.signature is not None
            assert (info.name, info.params) == ("greeting", {"a": "1"})
    finally:
        sys.modules.pop("words_flavor", None)
