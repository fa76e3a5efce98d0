"""Journal entries on Prefect's bus."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from mlflowflow.clock import SystemClock
from mlflowflow.errors import OrchestratorUnavailable
from mlflowflow.events.journal import Event, Journal
from mlflowflow.orchestration.bus import offer
from mlflowflow.storage.memory import MemoryBlobStore


def recorded() -> Event:
    """Return an event that a journal holds."""
    return Journal(MemoryBlobStore()).record(
        "mlff.candidate.ready", subject="models:/digits/2", payload={"version": 2}
    )


def events_at(api: str) -> list[dict[str, Any]]:
    """Ask a Prefect server for its events of that name."""
    now = datetime.now(UTC)
    wanted = {
        "event": {"name": ["mlff.candidate.ready"]},
        "occurred": {
            "since": (now - timedelta(hours=1)).isoformat(),
            "until": (now + timedelta(hours=1)).isoformat(),
        },
    }
    answer = httpx.post(f"{api}/events/filter", json={"filter": wanted}, timeout=30).raise_for_status()
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


def test_an_offered_event_arrives_with_what_a_trigger_matches_on(prefect_api: str) -> None:
    """Name, subject, payload and the journal's id are on the bus when `offer` has returned."""
    event = recorded()
    offer(event)
    arrived = next(each for each in waited_for(prefect_api) if each["payload"]["mlff_event_id"] == event.id)
    assert arrived["payload"]["version"] == 2
    assert arrived["resource"]["prefect.resource.id"] == "mlff.models:/digits/2"
    assert arrived["related"][0]["prefect.resource.role"] == "journal"


def waited_for(api: str) -> list[dict[str, Any]]:
    """Wait until the server's recorder, which works in batches, has written something."""
    clock = SystemClock()
    deadline = clock.monotonic_s() + 60
    while not (found := events_at(api)):
        assert clock.monotonic_s() < deadline
        clock.sleep(0.2)
    return found


def test_a_server_that_is_away_is_named_with_what_happens_next() -> None:
    """The event is not lost: it is in the journal, and the sentence says who offers it again."""
    event = recorded()
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}),
        pytest.raises(OrchestratorUnavailable, match=r"It is in the journal; .*mlff events relay") as caught,
    ):
        offer(event)
    assert event.id in str(caught.value)
