"""The Python files of a model's own."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.models.code import CODE, OwnCode, copy_code

if TYPE_CHECKING:
    from pathlib import Path

NAME = "a_module_of_a_model"


def _folder(place: Path, text: str) -> Path:
    place.mkdir()
    (place / f"{NAME}.py").write_text(text)
    return place


def test_two_models_may_have_modules_of_one_name(tmp_path: Path) -> None:
    """Each sees its own, and the process sees neither."""
    own = [OwnCode(_folder(tmp_path / str(value), f"VALUE = {value}\n")) for value in (1, 2)]
    for _ in range(2):
        for value, each in enumerate(own, start=1):
            with each.active():
                assert value == importlib.import_module(NAME).VALUE
            assert NAME not in sys.modules
            assert str(tmp_path / str(value)) not in sys.path


def test_what_the_process_has_imported_is_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model's module does not take the place of the process's, unless it is the same file."""
    monkeypatch.syspath_prepend(str(_folder(tmp_path / "mine", "VALUE = 0\n")))
    mine = importlib.import_module(NAME)
    try:
        with OwnCode(_folder(tmp_path / "other", "VALUE = 1\n")).active():
            assert importlib.import_module(NAME).VALUE == 1
        assert sys.modules[NAME] is mine
        with OwnCode(_folder(tmp_path / "same", "VALUE = 0\n")).active():
            assert importlib.import_module(NAME) is mine
    finally:
        sys.modules.pop(NAME)


def test_nothing_is_compiled_into_the_folder(tmp_path: Path) -> None:
    """Importing from a model leaves its files as they are."""
    folder = _folder(tmp_path / "m", "VALUE = 1\n")
    with OwnCode(folder).active():
        importlib.import_module(NAME)
    assert [path.name for path in folder.iterdir()] == [f"{NAME}.py"]


def test_files_and_folders_are_copied(tmp_path: Path) -> None:
    """What Python compiled is left behind."""
    package = _folder(tmp_path / "package", "")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.pyc").write_text("x")
    assert copy_code([package, package / f"{NAME}.py"], tmp_path / "m") == CODE
    found = {path.relative_to(tmp_path / "m").as_posix() for path in (tmp_path / "m").rglob("*.*")}
    assert found == {f"code/{NAME}.py", f"code/package/{NAME}.py"}
    assert copy_code([], tmp_path / "none") is None


def test_paths_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    """Nothing is copied if one path is missing or two have one name."""
    one, two = _folder(tmp_path / "one", ""), _folder(tmp_path / "two", "")
    with pytest.raises(NotFound, match="gone"):
        copy_code([one, tmp_path / "gone"], tmp_path / "m")
    with pytest.raises(InvalidInput, match="twice"):
        copy_code([one / f"{NAME}.py", two / f"{NAME}.py"], tmp_path / "m")
    assert not (tmp_path / "m").exists()
