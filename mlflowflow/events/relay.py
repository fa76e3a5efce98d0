"""The relay: offer again what a consumer has not acknowledged.

Run it on a schedule and at the start of every command: with the journal it turns a bus that loses
messages into one that does not. It knows no bus; the caller injects the `offer`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.events.journal import Event, Journal

_log: Final = logging.getLogger(__name__)


def relay(
    journal: Journal,
    *,
    consumer: str,
    offer: Callable[[Event], None],
    name: str | None = None,
    before_us: int | None = None,
) -> list[Event]:
    """Offer every event that `consumer` has not acknowledged, oldest first, and return those offered.

    Only events recorded before `before_us` are offered (leave the bus its chance first), and only
    those called `name` if one is given. The relay acknowledges nothing: the consumer does, when it
    is done. An offer that fails with one of the library's errors is logged and does not hold up the
    others; the event comes again next time.

    >>> from mlflowflow.events.journal import Journal
    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> journal = Journal(MemoryBlobStore())
    >>> event = journal.record("mlff.data.arrived", subject="incoming")
    >>> relay(journal, consumer="retrain", offer=lambda event: None) == [event]
    True
    """
    waiting = journal.unacknowledged(consumer, name)
    due = [event for event in waiting if before_us is None or event.occurred_us < before_us]
    return [event for event in due if _offered(event, offer, consumer=consumer)]


def _offered(event: Event, offer: Callable[[Event], None], *, consumer: str) -> bool:
    try:
        offer(event)
    except MlflowflowError as error:
        _log.warning(
            "Event '%s' (%s) could not be offered to '%s': %s", event.id, event.name, consumer, error
        )
        return False
    return True
