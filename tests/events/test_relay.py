"""Tests of the relay."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import OrchestratorUnavailable
from mlflowflow.events.journal import Journal
from mlflowflow.events.relay import relay
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    from mlflowflow.events.journal import Event

NAME = "mlff.data.arrived"


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that stands still."""
    return ManualClock()


@pytest.fixture
def journal(clock: ManualClock) -> Journal:
    """Give an empty journal."""
    return Journal(MemoryBlobStore(), clock=clock)


def test_an_event_is_offered_until_it_is_acknowledged(journal: Journal) -> None:
    """A consumer that dies in the middle gets the event again, one that is done does not."""
    event = journal.record(NAME, subject="incoming")
    offered: list[Event] = []
    relay(journal, consumer="retrain", offer=offered.append)
    relay(journal, consumer="retrain", offer=offered.append)
    journal.acknowledge(event.id, "retrain")
    relay(journal, consumer="retrain", offer=offered.append)
    assert offered == [event, event]


def test_only_events_older_than_asked_are_offered(journal: Journal, clock: ManualClock) -> None:
    """The bus has its chance before the relay steps in."""
    old = journal.record(NAME, subject="old")
    clock.advance(60)
    journal.record(NAME, subject="new")
    before_us = clock.now_us()
    assert relay(journal, consumer="c", offer=lambda _: None, before_us=before_us) == [old]


def test_only_events_of_the_name_are_offered(journal: Journal) -> None:
    """A consumer is not offered what it does not know."""
    journal.record("mlff.candidate.ready", subject="digits")
    assert relay(journal, consumer="c", offer=lambda _: None, name=NAME) == []


def test_a_failing_offer_holds_up_no_other(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    """One event that cannot be offered does not starve the rest, and is not counted as offered."""
    failing, fine = (journal.record(NAME, subject=subject) for subject in ("failing", "fine"))

    def offer(event: Event) -> None:
        if event == failing:
            raise OrchestratorUnavailable("No Prefect API answers.")

    with caplog.at_level(logging.WARNING):
        assert relay(journal, consumer="c", offer=offer) == [fine]
    assert failing.id in caplog.text
