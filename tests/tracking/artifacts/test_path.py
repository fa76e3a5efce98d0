"""Which paths artifacts may have: none that any program reads as a way out."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.storage.key import is_key
from mlflowflow.tracking.artifacts.path import clean_path, file_path, joined

CLIMBING = [
    "..",
    "../x",
    "a/../../x",
    "a/..",
    "a/./../b",
    "/etc/passwd",
    "//x",
    "C:/x",
    "./C:/x",
    "c:\\x",
    "a\\b",
    "..\\x",
]
CONTROLLED = ["a\0b", "a\nb", "\x7f", "\x85", "a\ud800b"]

_PARTS = st.sampled_from(["..", ".", "", "a", "é", " ", "%", "%2e", "%2E%2e", "\\", "\n", "~", ".mlff", "C:"])


@pytest.mark.parametrize("path", [*CLIMBING, *CONTROLLED, "x" * 256, "a/" * 500 + "b", ".mlff", ".MLFF/x"])
def test_a_path_that_is_no_name_is_refused(path: str) -> None:
    """What climbs, is absolute, controls a terminal, is too long or belongs to the library is refused."""
    with pytest.raises(InvalidInput, match="cannot be an artifact path"):
        clean_path(path)


@given(st.sampled_from([*CLIMBING, "a\0b", "a\nb", ".mlff/x"]), st.integers(1, 4))
def test_encoding_a_path_hides_nothing(path: str, times: int) -> None:
    """However often percent signs are encoded, a path is refused if a reader can decode it to a bad one."""
    encoded = "".join(f"%{byte:02x}" for byte in path.encode())
    for _ in range(times - 1):
        encoded = quote(encoded)
    with pytest.raises(InvalidInput, match="cannot be an artifact path"):
        clean_path(encoded)


@given(st.lists(_PARTS, max_size=6).map("/".join) | st.text(max_size=12))
def test_a_clean_path_stays_inside_and_is_clean(path: str) -> None:
    """Whatever is accepted has no parts that climb, may be a key, and cleaning it again changes nothing."""
    try:
        cleaned = clean_path(path)
    except InvalidInput:
        return
    assert cleaned == "" or is_key(cleaned)
    assert not cleaned.startswith("/")
    assert not {".", ".."} & set(cleaned.split("/"))
    assert clean_path(cleaned) == cleaned
    assert joined("a", cleaned).startswith("a")


@pytest.mark.parametrize(
    "path", ["100%.png", "a#b?c=d", "a b/é.txt", "images/x+step+1.png", "a:b", "%zz", "~", "...", "a..b"]
)
def test_ordinary_names_are_taken_as_they_are(path: str) -> None:
    """Signs that mean something elsewhere mean nothing here."""
    assert clean_path(path) == path


@pytest.mark.parametrize("path", [None, b"a", 1])
def test_only_text_is_a_path(path: Any) -> None:
    """Other types are refused with the value named."""
    with pytest.raises(InvalidInput, match="give a text"):
        clean_path(path)


@pytest.mark.parametrize("path", ["", ".", "./"])
def test_the_root_is_no_file(path: str) -> None:
    """A file has a name."""
    with pytest.raises(InvalidInput, match="name a file"):
        file_path(path)
