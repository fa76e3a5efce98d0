"""Tests of the journal: each fact once, each result first."""

from __future__ import annotations

import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import CorruptData, InvalidInput, NotFound
from mlflowflow.events.journal import Journal
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    from mlflowflow.events.journal import Event

READY = "mlff.candidate.ready"
ARRIVED = "mlff.data.arrived"


@pytest.fixture
def store() -> MemoryBlobStore:
    """Give an empty store."""
    return MemoryBlobStore()


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that stands still."""
    return ManualClock()


@pytest.fixture
def journal(store: MemoryBlobStore, clock: ManualClock) -> Journal:
    """Give a journal."""
    return Journal(store, clock=clock)


def test_a_repeat_is_the_first_record(journal: Journal, clock: ManualClock) -> None:
    """The same fact is recorded once, with the time it was first recorded."""
    first = journal.record(READY, subject="digits", payload={"version": 3})
    clock.advance(60)
    assert journal.record(READY, subject="digits", payload={"version": 3}) == first
    assert journal.list() == [first]


def test_racing_records_of_one_fact_are_one_event(store: MemoryBlobStore) -> None:
    """Two processes that see the same thing do not make it happen twice."""

    def record(_: int) -> Event:
        return Journal(store).record(ARRIVED, subject="incoming", payload={"digest": "ab"})

    with ThreadPoolExecutor(8) as pool:
        assert len({(event.id, event.occurred_us) for event in pool.map(record, range(32))}) == 1


@pytest.mark.parametrize(
    ("name", "subject", "version"), [(ARRIVED, "digits", 3), (READY, "churn", 3), (READY, "digits", 4)]
)
def test_another_name_subject_or_payload_is_another_fact(
    journal: Journal, name: str, subject: str, version: int
) -> None:
    """Facts are told apart by everything they say."""
    first = journal.record(READY, subject="digits", payload={"version": 3})
    assert journal.record(name, subject=subject, payload={"version": version}).id != first.id


def test_identity_leaves_out_what_does_not_tell_facts_apart(journal: Journal) -> None:
    """A payload may hold what differs between two sightings of one fact."""
    first = journal.record(ARRIVED, subject="in", payload={"n": 1, "seen": "10:00"}, identity={"n": 1})
    again = journal.record(ARRIVED, subject="in", payload={"n": 1, "seen": "10:05"}, identity={"n": 1})
    assert again == first


def test_an_event_is_read_back_whole(journal: Journal) -> None:
    """What was recorded is what `get` gives, cause and payload included."""
    cause = journal.record(ARRIVED, subject="incoming")
    event = journal.record(READY, subject="digits", payload={"metrics": {"acc": 0.9}}, follows=cause.id)
    assert journal.get(event.id) == event
    assert event.follows == cause.id


def test_an_id_reads_as_a_uuid(journal: Journal) -> None:
    """Ids fit where a bus wants a UUID."""
    event = journal.record(ARRIVED, subject="incoming")
    assert uuid.UUID(event.id).hex == event.id


def test_an_unknown_event_is_not_found(journal: Journal) -> None:
    """Asking for what was never recorded is an error that names it."""
    with pytest.raises(NotFound, match="no event 'feed'"):
        journal.get("feed")


@pytest.mark.parametrize("name", ["candidate.ready", "mlff.ready", "mlff.Candidate.ready", "mlff.a/b.c", ""])
def test_a_name_outside_the_grammar_is_refused(journal: Journal, name: str) -> None:
    """Names of events follow one grammar."""
    with pytest.raises(InvalidInput, match="is not the name of an event"):
        journal.record(name, subject="digits")


def test_events_are_listed_oldest_first_and_by_name(journal: Journal, clock: ManualClock) -> None:
    """The order is that of recording, whatever the ids are."""
    recorded: list[Event] = []
    for number in range(6):
        recorded.append(journal.record(ARRIVED, subject=str(number)))
        clock.advance(1)
    other = journal.record(READY, subject="digits")
    assert journal.list(ARRIVED) == recorded
    assert journal.list() == [*recorded, other]


def test_a_damaged_event_hides_no_other(
    journal: Journal, store: MemoryBlobStore, caplog: pytest.LogCaptureFixture
) -> None:
    """One broken object costs itself only, and is named."""
    broken = journal.record(ARRIVED, subject="one")
    sound = journal.record(ARRIVED, subject="two")
    store.put(f"events/entries/{broken.id}.{ARRIVED}.json", b"{}")
    with caplog.at_level(logging.WARNING):
        assert journal.list() == [sound]
    assert broken.id in caplog.text
    with pytest.raises(CorruptData):
        journal.get(broken.id)


def test_a_foreign_object_among_the_events_is_no_event(journal: Journal, store: MemoryBlobStore) -> None:
    """Files that somebody else put there are left alone."""
    store.put("events/entries/README", b"hello")
    assert journal.list() == []


def test_the_first_acknowledgement_stays(journal: Journal, clock: ManualClock) -> None:
    """Whoever is done second is told the first result."""
    event = journal.record(READY, subject="digits")
    first = journal.acknowledge(event.id, "promote", result={"moved": True})
    clock.advance(1)
    assert journal.acknowledge(event.id, "promote", result={"moved": False}) == first
    assert journal.acknowledgement(event.id, "promote") == first


def test_consumers_acknowledge_for_themselves(journal: Journal) -> None:
    """What one consumer has done, another may still have to do."""
    event = journal.record(READY, subject="digits")
    journal.acknowledge(event.id, "promote")
    assert journal.unacknowledged("promote") == []
    assert journal.unacknowledged("notify", READY) == [event]
    assert journal.unacknowledged("notify", ARRIVED) == []
    assert journal.acknowledgement(event.id, "notify") is None


def test_an_unknown_event_cannot_be_acknowledged(journal: Journal) -> None:
    """A wrong id does not vanish in silence."""
    with pytest.raises(NotFound):
        journal.acknowledge("feed", "promote")
