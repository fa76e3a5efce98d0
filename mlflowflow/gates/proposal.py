"""Let an event promote: one process announces a candidate, another one decides about it.

The announcement is a journal entry that carries the whole request, policy included, so whoever acts
on it needs nothing else. Its id makes the decision's idempotency key: an event that is delivered
twice, late, or by bus and relay both, leads to one decision, and everybody gets that one's answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, InvalidInput, InvalidState, NotFound
from mlflowflow.events.canonical import Json, plain
from mlflowflow.gates.policy import GatePolicy
from mlflowflow.gates.promotion import EVENT_CAUSE, promote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.events.journal import Event, Journal
    from mlflowflow.gates.collect import RunReader
    from mlflowflow.gates.promotion import Promotion
    from mlflowflow.registry.catalog import Catalog

#: The event that announces a candidate.
CANDIDATE_READY: Final = "mlff.candidate.ready"
#: Who acknowledges such events.
PROMOTE_CONSUMER: Final = "promote"


def propose(
    policy: GatePolicy,
    *,
    version: int,
    evaluations: Sequence[str],
    journal: Journal,
    cause: str | None = None,
) -> Event:
    """Announce `version` as a candidate for the policy's alias, to be decided by `promote_candidate`.

    Announcing the same candidate with the same evidence and policy again returns the first event.
    """
    request: Mapping[str, Json] = {
        "model": policy.model,
        "version": version,
        "policy": policy.to_plain(),
        "evaluations": list(evaluations),
    }
    return journal.record(
        CANDIDATE_READY,
        subject=f"models:/{policy.model}/{version}",
        payload={**request, "cause": cause},
        identity=request,
    )


def find_candidate(*, model: str, version: int, journal: Journal) -> Event:
    """Return the last announcement of this version. Raises `NotFound`."""
    subject = f"models:/{model}/{version}"
    events = [event for event in journal.list(CANDIDATE_READY) if event.subject == subject]
    if not events:
        raise NotFound(
            "announced candidate", subject, hint="Promote it directly, naming its evaluation runs."
        )
    return events[-1]


def promote_candidate(event_id: str, *, tracker: RunReader, catalog: Catalog, journal: Journal) -> Promotion:
    """Decide about the announced candidate, once: a repeated or late call returns the first decision.

    The event is acknowledged when the decision is recorded. A request that can never be decided (its
    version is gone, or champion already) is acknowledged as rejected, so that it is not offered for
    ever, and the reason is raised, now and on every repeat.
    """
    event = journal.get(event_id)
    policy, version, evaluations = _request(event)
    earlier = journal.acknowledgement(event.id, PROMOTE_CONSUMER)
    if earlier is not None and "rejected" in earlier.result:
        raise InvalidState(str(earlier.result["rejected"]))
    try:
        promotion = promote(
            policy,
            version=version,
            evaluations=evaluations,
            tracker=tracker,
            catalog=catalog,
            journal=journal,
            idem=f"event:{event.id}",
            cause=f"{EVENT_CAUSE}{event.id}",
        )
    except (InvalidInput, InvalidState, NotFound) as error:
        journal.acknowledge(event.id, PROMOTE_CONSUMER, result={"rejected": str(error)})
        raise
    journal.acknowledge(event.id, PROMOTE_CONSUMER, result=_result(promotion))
    return promotion


def _request(event: Event) -> tuple[GatePolicy, int, list[str]]:
    match event.name, plain(event.payload):
        case "mlff.candidate.ready", {"policy": policy, "version": int(version), "evaluations": list(runs)}:
            return GatePolicy.from_plain(policy, key=f"event {event.id}"), version, [str(run) for run in runs]
        case "mlff.candidate.ready", _:
            raise CorruptData(f"event {event.id}", "it does not say what to decide about")
        case _:
            raise InvalidInput(
                f"The event '{event.id}' is '{event.name}'; expected '{CANDIDATE_READY}', which announces a "
                "candidate."
            )


def _result(promotion: Promotion) -> Mapping[str, Json]:
    return {
        "outcome": str(promotion.verdict.outcome),
        "verdict": promotion.verdict.digest,
        "moved": promotion.moved,
        "seq": promotion.entry.seq,
    }
