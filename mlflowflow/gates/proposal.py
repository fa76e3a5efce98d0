"""Let an event promote: one process announces a candidate, another one decides about it.

The announcement is a journal entry that carries the whole request, policy included, so whoever acts
on it needs nothing else. Its id makes the decision's idempotency key: an event that is delivered
twice, late, or by bus and relay both, leads to one decision, and everybody gets that one's answer.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, InvalidInput, InvalidState, NotFound
from mlflowflow.events.canonical import Json, plain
from mlflowflow.gates.archive import VerdictArchive
from mlflowflow.gates.policy import GatePolicy
from mlflowflow.gates.promotion import EVENT_CAUSE, as_promotion, demand_decision, promote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.events.journal import Acknowledgement, Event, Journal
    from mlflowflow.gates.collect import RunReader
    from mlflowflow.gates.promotion import Promotion
    from mlflowflow.registry.catalog import Catalog

#: The event that announces a candidate.
CANDIDATE_READY: Final = "mlff.candidate.ready"
#: Who acknowledges such events.
PROMOTE_CONSUMER: Final = "promote"
#: What no repeat will cure.
_HOPELESS: Final = (InvalidInput, InvalidState, NotFound)


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


def promote_candidate(
    model: str, version: int, *, tracker: RunReader, catalog: Catalog, journal: Journal
) -> Promotion:
    """Decide about the announced candidate, once: a repeated or late call returns the first decision.

    If the version was announced several times (with new evidence, or under another policy), each
    announcement is decided in its turn and the last decision is returned. An announcement that can
    never be decided (a version or a run is gone) is acknowledged as rejected, so that it is not
    offered for ever, and its reason is raised, now and on every repeat.

    Raises `NotFound` if the version was never announced.
    """
    *earlier, last = _announcements(model, version, journal)
    for event in earlier:
        with suppress(*_HOPELESS):
            _decide(event, tracker=tracker, catalog=catalog, journal=journal)
    return _decide(last, tracker=tracker, catalog=catalog, journal=journal)


def _announcements(model: str, version: int, journal: Journal) -> list[Event]:
    subject = f"models:/{model}/{version}"
    events = [event for event in journal.list(CANDIDATE_READY) if event.subject == subject]
    if not events:
        raise NotFound(
            "announced candidate", subject, hint="Promote it directly, naming its evaluation runs."
        )
    return events


def _decide(event: Event, *, tracker: RunReader, catalog: Catalog, journal: Journal) -> Promotion:
    policy, version, evaluations = request_of(event)
    done = journal.acknowledgement(event.id, PROMOTE_CONSUMER)
    if done is not None:
        return _first_answer(done, policy, catalog=catalog)
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
    except _HOPELESS as error:
        journal.acknowledge(event.id, PROMOTE_CONSUMER, result={"rejected": str(error)})
        raise
    journal.acknowledge(event.id, PROMOTE_CONSUMER, result=_result(promotion))
    return promotion


def _first_answer(done: Acknowledgement, policy: GatePolicy, *, catalog: Catalog) -> Promotion:
    match done.result:
        case {"rejected": reason}:
            raise InvalidState(f"This candidate was rejected before: {reason}")
        case {"seq": int(seq), "moved": bool(moved), "version": int(version), "sentence": str(sentence)}:
            entry = catalog.log(policy.model)[seq]
            change = demand_decision(entry, version=version, alias=policy.alias)
            found = as_promotion(entry, change, archive=VerdictArchive(catalog.store, policy.model))
            return replace(found, moved=moved, sentence=sentence)
        case _:
            raise CorruptData(f"acknowledgement of event {done.event}", "it does not say what was decided")


def undecided(journal: Journal) -> list[Event]:
    """Return the announcements that nobody has decided about, the oldest first; `request_of` reads them."""
    return journal.unacknowledged(PROMOTE_CONSUMER, CANDIDATE_READY)


def request_of(event: Event) -> tuple[GatePolicy, int, list[str]]:
    """Return the policy, the version and the evaluation runs that an announcement names.

    Raises `CorruptData` if it does not say, and `InvalidInput` for another event.
    """
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
        "version": promotion.verdict.version,
        "sentence": promotion.sentence,
    }
