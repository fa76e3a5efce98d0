"""Numbers are given once, and the head is found without trusting hints or orders."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.storage.blob import Blob, Created
from mlflowflow.storage.log import NumberedLog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import FaultyBlobStore

if TYPE_CHECKING:
    from collections.abc import Iterator


def written(size: int) -> NumberedLog:
    """Return a log with `size` entries."""
    log = NumberedLog(MemoryBlobStore(), "log")
    for number in range(size):
        log.append(number, b"%d" % number)
    return log


class StaleListing(MemoryBlobStore):
    """A store whose listing is unordered, lacks the newest objects and holds foreign ones."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """Leave out the two highest keys, reverse the rest, and add what is no entry."""
        *seen, _, _ = sorted(super().list(prefix), key=lambda blob: blob.key)
        foreign = (f"{99:020d}.json.part", "99.json", f"old/{99:020d}.json", "hint.json")
        return iter([*(Blob(key=prefix + name, size=1) for name in foreign), *reversed(seen)])


@given(size=st.integers(0, 40), hint=st.integers(-5, 60))
def test_any_hint_leads_to_the_head(size: int, hint: int) -> None:
    """A hint that is behind, right or invented changes the cost and never the answer."""
    assert written(size).head(hint) == size - 1


def test_head_does_not_trust_a_listing() -> None:
    """Entries that a listing does not show yet are found by asking for them."""
    log = NumberedLog(StaleListing(), "log")
    for number in range(7):
        log.append(number, b"x")
    assert log.head() == 6


def test_right_hint_costs_no_listing() -> None:
    """From the head as hint, the head costs two small reads."""
    inner = MemoryBlobStore()
    for number in range(5):
        NumberedLog(inner, "log").append(number, b"x")
    store = FaultyBlobStore(inner, {})
    NumberedLog(store, "log").head(4)
    assert [call.verb for call in store.calls] == ["get", "get"]


def test_distant_hint_costs_one_listing_instead_of_many_reads() -> None:
    """A hint far behind is given up soon."""
    inner = MemoryBlobStore()
    for number in range(500):
        NumberedLog(inner, "log").append(number, b"x")
    store = FaultyBlobStore(inner, {})
    NumberedLog(store, "log").head(3)
    assert len(store.calls) < 25


def test_entries_come_in_order_from_a_number_on() -> None:
    """Reading begins anywhere and ends at the first missing entry."""
    assert list(written(12).entries(9)) == [(9, b"9"), (10, b"10"), (11, b"11")]


@pytest.mark.parametrize("number", [-1, 3])
def test_missing_entry_is_none(number: int) -> None:
    """Before the first and after the last there is nothing."""
    assert written(3).read(number) is None


def test_taken_number_is_refused() -> None:
    """An entry is never replaced."""
    log = written(2)
    assert (log.append(1, b"other"), log.read(1)) == (Created.EXISTS, b"1")


def test_logs_of_one_store_do_not_meet() -> None:
    """A prefix is a folder: a log whose name begins alike is another log."""
    store = MemoryBlobStore()
    NumberedLog(store, "log").append(0, b"x")
    NumberedLog(store, "log2").append(5, b"x")
    assert NumberedLog(store, "log").head() == 0


def test_racing_writers_make_a_log_without_gaps() -> None:
    """Writers that append at the head, and go on when they lose, lose no entry and share no number."""
    log = NumberedLog(MemoryBlobStore(), "log")

    def write(writer: int) -> None:
        for turn in range(20):
            body = f"{writer}:{turn}".encode()
            head = log.head()
            while log.append(head + 1, body) is Created.EXISTS:
                head = log.head(head + 1)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    bodies = [body for _, body in log.entries()]
    assert sorted(bodies) == sorted(f"{writer}:{turn}".encode() for writer in range(6) for turn in range(20))
