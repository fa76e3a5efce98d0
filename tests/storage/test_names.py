"""Names become parts of keys without meeting each other, and come back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.storage.key import check_key
from mlflowflow.storage.names import MAX_ENCODED, decode, encode, is_shortened

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
LIKE = st.text(alphabet="aAsSiIkK=4./%éÉe\u0301\u0131\u0130ß\u017f\u212a", min_size=1, max_size=6)


@given(NAMES)
@example("=h")
@example("A" * 66)
def test_name_comes_back(name: str) -> None:
    """`decode` undoes `encode`, unless the name was too long to keep."""
    part = encode(name)
    assert is_shortened(part) or decode(part) == name


@example(".")
@example("..")
@example(".tmp")
@given(st.one_of(NAMES, st.text(min_size=150, max_size=400)))
def test_part_is_a_part_of_a_key(name: str) -> None:
    """Whatever the name, the part is a key of one part with room for a suffix."""
    part = encode(name)
    assert check_key(part) == part
    assert len(part.encode()) <= MAX_ENCODED
    assert "/" not in part


@given(LIKE, LIKE)
def test_different_names_never_meet(first: str, second: str) -> None:
    """Parts stay apart in a file system that ignores case and normalizes Unicode."""
    assume(first != second)
    folded = [unicodedata.normalize("NFKC", encode(name)).casefold() for name in (first, second)]
    assert folded[0] != folded[1]


def test_long_names_that_begin_alike_stay_apart() -> None:
    """A shortened part holds the digest of the whole name."""
    parts = [encode("a" * 500 + end) for end in "xy"]
    assert parts[0] != parts[1]
    assert all(map(is_shortened, parts))


def test_longest_name_that_fits_is_kept() -> None:
    """A name is shortened only if it must be."""
    assert [is_shortened(encode("a" * size)) for size in (MAX_ENCODED, MAX_ENCODED + 1)] == [False, True]


@pytest.mark.parametrize("part", ["", "A", "a=", "a=4", "a=4G", "=FF", "=ff", "a/b", encode("a" * 300)])
def test_foreign_part_is_refused(part: str) -> None:
    """What `encode` never gives is not taken for a name."""
    with pytest.raises(InvalidInput, match="not an encoded name"):
        decode(part)


@pytest.mark.parametrize("name", ["", "\ud800"])
def test_no_name_at_all_is_refused(name: str) -> None:
    """An empty text and half a character are no names."""
    with pytest.raises(InvalidInput):
        encode(name)
