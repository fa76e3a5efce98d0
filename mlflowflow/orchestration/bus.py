"""Offer journal entries to Prefect's events, where automations and triggers listen.

Prefect's bus is the fast path: an event offered while the server is away, or while its trigger
service is off, is lost there. The journal is the truth; whoever consumes an event acknowledges it
in the journal, and what is not acknowledged is offered again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx
from prefect.client.orchestration import get_client
from prefect.events import Event as PrefectEvent
from prefect.events import RelatedResource, Resource

from mlflowflow.errors import OrchestratorUnavailable
from mlflowflow.events.canonical import plain

if TYPE_CHECKING:
    from mlflowflow.events.journal import Event


def offer(event: Event) -> None:
    """Give `event` to the Prefect API in use and return when the server has accepted it.

    Offering twice makes two Prefect events with one ``mlff_event_id``; consumers use that id.
    Raises `OrchestratorUnavailable` if the server does not take it.
    """
    message = PrefectEvent(
        event=event.name,
        resource=Resource(
            {
                "prefect.resource.id": f"mlff.{event.subject}",
                "prefect.resource.name": event.subject,
            }
        ),
        related=[
            RelatedResource({"prefect.resource.id": "mlff.journal", "prefect.resource.role": "journal"})
        ],
        payload={"mlff_event_id": event.id, **cast("dict[str, Any]", plain(event.payload))},
    )
    try:
        with get_client(sync_client=True) as client:
            # By hand, not through `emit_event`: that returns before anybody has the event.
            answer = client._client.post("/events", json=[message.model_dump(mode="json")])  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the public client has no call for it
            answer.raise_for_status()
    except (httpx.HTTPError, OSError) as error:
        raise OrchestratorUnavailable(
            f"The Prefect API did not take the event '{event.name}' ({event.id}): {error}. It is in the journal; "
            "start the server and run 'mlff events relay'."
        ) from error
