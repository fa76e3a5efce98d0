"""What waits for a decision in the registry, and what gates refused last, for the page of what goes on now."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError
from mlflowflow.events.journal import Journal
from mlflowflow.gates import pending as gates
from mlflowflow.gates.proposal import request_of, undecided
from mlflowflow.server.news import decisions_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.server.desk import Desk
    from mlflowflow.server.message import Message
    from mlflowflow.server.model_answers import PendingAnswer, PendingRow

#: What a candidate is that no gate has weighed yet.
ANNOUNCED: Final = "ANNOUNCED"
_DIGITS: Final = 12


def version(desk: Desk, _asked: Message) -> str:
    """Return what changes with any decision, and with any event that asks for one."""
    return decisions_version(desk.catalog.store, desk.tracker.store)


def pending(desk: Desk, _asked: Message) -> PendingAnswer:
    """Return what waits for a person or for the flow that decides, and the refusals that stand."""
    found = [
        each
        for model in desk.catalog.list_models()
        for each in gates.pending(model, desk.catalog.history(model.name))
    ]
    waiting = [_weighed(each) for each in found if each.is_held] + list(_announced(desk))
    refused = [_weighed(each) for each in found if not each.is_held]
    return {
        "waiting": sorted(waiting, key=lambda row: row["at_ms"], reverse=True),
        "refused": sorted(refused, key=lambda row: row["at_ms"], reverse=True),
    }


def _weighed(found: gates.Pending) -> PendingRow:
    entry, change = found.entry, found.change
    held = ["approve", entry.model, change.verdict[:_DIGITS], "--comment", "WHY"]
    refused = ["why", entry.model, str(change.version)]
    return {
        "model": entry.model,
        "version": change.version,
        "place": change.alias,
        "outcome": change.outcome,
        "sentence": change.sentence,
        "at_ms": entry.at_us // 1000,
        "command": shlex.join(["mlff", "models", *(held if found.is_held else refused)]),
    }


def _announced(desk: Desk) -> Iterator[PendingRow]:
    """Yield the announced candidates; one whose announcement cannot be read is passed over."""
    for event in undecided(Journal(desk.tracker.store)):
        try:
            policy, number, _ = request_of(event)
        except MlflowflowError:
            continue
        yield {
            "model": policy.model,
            "version": number,
            "place": policy.alias,
            "outcome": ANNOUNCED,
            "sentence": f"Announced for {policy.alias}; the flow that decides has not answered yet.",
            "at_ms": event.occurred_us // 1000,
            "command": "mlff events relay",
        }
