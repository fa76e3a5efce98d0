"""A file is there whole, or as it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.storage.appearing import appearing

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_there_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    """A reader in between sees the old one."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with appearing(path) as unfinished:
        unfinished.write_bytes(b"new")
        assert path.read_bytes() == b"old"
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"new", [path])


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    """Also when somebody presses Ctrl-C."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(error):
        _cut_off(path, error)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"old", [path])


def test_the_longest_name_of_a_file_system_is_not_too_long(tmp_path: Path) -> None:
    """The name in between does not grow with it."""
    path = tmp_path / ("a" * 255)
    with appearing(path) as unfinished:
        unfinished.write_bytes(b"x")
    assert path.read_bytes() == b"x"


def test_a_folder_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    """It is said before anything is written."""
    with pytest.raises(FileNotFoundError), appearing(tmp_path / "no" / "a"):
        pytest.fail("The block must not begin.")


def _cut_off(path: Path, error: type[BaseException]) -> None:
    with appearing(path) as unfinished:
        unfinished.write_bytes(b"ne")
        raise error
