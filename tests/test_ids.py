"""Identifiers: their shape, their order, and that derived ones are always the same."""

from __future__ import annotations

import hashlib
import re
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock
from mlflowflow.ids import Ids, RandomIds, SequentialIds, derived, digest, is_run_id

PARENT = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
PARTS = st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1, max_size=4)


@pytest.mark.parametrize("ids", [RandomIds(), SequentialIds()], ids=["random", "sequential"])
def test_ids_have_their_shapes(ids: Ids) -> None:
    """A run id is a UUID version 7 in hex, an experiment id 18 digits, a token 16 hex digits."""
    uuid = UUID(ids.run_id())
    assert (uuid.version, uuid.variant) == (7, "specified in RFC 4122")
    assert re.fullmatch(r"\d{18}", ids.experiment_id())
    assert re.fullmatch(r"[0-9a-f]{16}", ids.token())


@pytest.mark.parametrize("ids", [RandomIds(ManualClock()), SequentialIds()], ids=["random", "sequential"])
def test_ids_do_not_repeat(ids: Ids) -> None:
    """Even within one instant, every id is new."""
    assert len({ids.run_id() for _ in range(1000)}) == 1000


def test_sorted_run_ids_are_sorted_times() -> None:
    """Later runs have greater ids, so a listing by id is a listing by time."""
    clock = ManualClock()
    ids = RandomIds(clock)
    made: list[str] = []
    for _ in range(20):
        made.append(ids.run_id())
        clock.advance(0.001)
    assert made == sorted(made)


def test_a_run_id_begins_with_its_time() -> None:
    """The first twelve digits are the creation time in milliseconds."""
    run_id = RandomIds(ManualClock(start_us=1_700_000_000_123_456)).run_id()
    assert int(run_id[:12], 16) == 1_700_000_000_123


@given(one=PARTS, other=PARTS)
def test_derived_ids_tell_their_parts_apart(one: list[str], other: list[str]) -> None:
    """The same parts give the same id, other parts another: also when they only join to the same text."""
    assume(one != other)
    assert derived(PARENT, *one) == derived(PARENT, *one) != derived(PARENT, *other)


@given(parent=st.sampled_from([PARENT, "imported-run", "x"]), parts=PARTS)
def test_a_derived_id_is_a_run_id_beside_its_parent(parent: str, parts: list[str]) -> None:
    """It is a UUID version 8 with the parent's time, if the parent's id tells one."""
    child = derived(parent, *parts)
    assert UUID(child).version == 8
    assert child[:12] == PARENT[:12] or parent != PARENT


@pytest.mark.parametrize(
    ("text", "expected"),
    [(PARENT, True), ("my_run-1", True), ("", False), ("../x", False), ("a/b", False), ("-x", False)],
)
def test_only_safe_texts_are_run_ids(text: str, expected: bool) -> None:
    """A run id becomes part of a key, so it can neither leave its folder nor look like an option."""
    assert is_run_id(text) is expected


def test_a_trailing_line_end_is_no_part_of_a_run_id() -> None:
    """What a careless `cat` appends is refused rather than written into a key."""
    assert not is_run_id(f"{PARENT}\n")


def test_content_is_named_by_its_sha256() -> None:
    """Digests can be checked with any other tool."""
    assert digest(b"abc") == hashlib.sha256(b"abc").hexdigest()
