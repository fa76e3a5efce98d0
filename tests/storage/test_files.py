"""Single files: what they hold, what they are, and why the system refused them."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from mlflowflow.storage.blob import Span
from mlflowflow.storage.files import bytes_of, is_link, link_count, pieces, reason, unlink_quietly

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("span", "found"),
    [
        (None, b"0123456789"),
        (Span(start=2, stop=4), b"23"),
        (Span(start=-3), b"789"),
        (Span(start=8, stop=99), b"89"),
        (Span(start=20), b""),
    ],
)
def test_bytes_are_read_as_a_span_says(tmp_path: Path, span: Span | None, found: bytes) -> None:
    """As a slice would; behind the end there is nothing."""
    (tmp_path / "f").write_bytes(b"0123456789")
    with (tmp_path / "f").open("rb") as file:
        assert bytes_of(file, span) == found


def test_pieces_make_up_the_file(tmp_path: Path) -> None:
    """Of a megabyte each, the last as it comes."""
    body = b"x" * (1024 * 1024 + 5)
    (tmp_path / "f").write_bytes(body)
    with (tmp_path / "f").open("rb") as file:
        assert [len(each) for each in pieces(file)] == [1024 * 1024, 5]


def test_links_are_told_from_files_and_from_nothing(tmp_path: Path) -> None:
    """And a file's names are counted."""
    path = tmp_path / "f"
    path.touch()
    (tmp_path / "soft").symlink_to(path)
    (tmp_path / "hard").hardlink_to(path)
    assert (is_link(str(tmp_path / "soft")), is_link(str(path)), is_link(str(tmp_path / "no"))) == (
        True,
        False,
        False,
    )
    assert (link_count(path), link_count(tmp_path / "no")) == (2, 0)


def test_what_cannot_be_removed_stays(tmp_path: Path) -> None:
    """Nobody hears of it."""
    unlink_quietly(tmp_path / "no")
    unlink_quietly(tmp_path)
    assert tmp_path.is_dir()


def test_a_refusal_is_told_in_the_words_of_the_system() -> None:
    """With the name of the error, if it has a number."""
    assert reason(OSError(errno.ENOSPC, "")) == "No space left on device (ENOSPC)"
    assert reason(OSError("odd")) == "odd"
