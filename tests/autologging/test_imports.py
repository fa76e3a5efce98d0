"""Acting after an import, now or later."""

from __future__ import annotations

import importlib
import logging
import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.autologging.imports import Imports

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """Provide a package that is not imported yet, with a module and a resource."""
    name = "laterlib"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("value = 1\n")
    (tmp_path / name / "inner.py").write_text("value = 2\n")
    (tmp_path / name / "data.txt").write_text("text")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    for each in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[each]


def test_an_imported_module_is_acted_on_at_once() -> None:
    """Nothing is left waiting."""
    imports, done = Imports(), []
    imports.when_imported("json", lambda: done.append("json"))
    assert done == ["json"]
    assert imports not in sys.meta_path


def test_a_later_import_is_acted_on_once(package: str) -> None:
    """The module has run by then, and is as if nobody had looked."""
    imports, done = Imports(), []
    imports.when_imported(package, lambda: done.append(sys.modules[package].value))
    module = importlib.import_module(package)
    importlib.import_module(f"{package}.inner")
    importlib.reload(module)
    assert done == [1]
    assert imports not in sys.meta_path
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__
    assert (
        importlib.import_module("importlib.resources").files(package).joinpath("data.txt").read_text()
        == "text"
    )


def test_a_part_of_a_package_can_be_waited_for(package: str) -> None:
    """Importing the package alone is not it."""
    imports, done = Imports(), []
    imports.when_imported(f"{package}.inner", lambda: done.append("inner"))
    importlib.import_module(package)
    assert done == []
    importlib.import_module(f"{package}.inner")
    assert done == ["inner"]


def test_an_import_does_not_fail_because_of_the_action(
    package: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The program gets its module, and the log what went wrong."""

    def fail() -> None:
        raise ValueError("no")

    caplog.set_level(logging.WARNING)
    Imports().when_imported(package, fail)
    assert importlib.import_module(package).value == 1
    assert "laterlib" in caplog.text


def test_a_module_that_is_not_there_is_not_found(package: str) -> None:
    """Waiting for it changes neither the error nor the wait."""
    imports = Imports()
    imports.when_imported(f"{package}.absent", lambda: None)
    with pytest.raises(ModuleNotFoundError, match="absent"):
        importlib.import_module(f"{package}.absent")
    imports.forget(f"{package}.absent")
    assert imports not in sys.meta_path


def test_a_later_wish_replaces_an_earlier_one(package: str) -> None:
    """Switching autologging on twice acts once, by what was said last."""
    imports, done = Imports(), []
    for wish in ("first", "second"):
        imports.when_imported(package, lambda wish=wish: done.append(wish))  # type: ignore[misc]
    importlib.import_module(package)
    assert done == ["second"]
