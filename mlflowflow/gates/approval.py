"""Let a person settle what a gate held: an approval is a decision bound to one verdict.

Nobody waits for it: the gate's answer HELD is final for its own run, and the approval is a decision
of its own, whenever it comes. It counts only for the question that was put: if another version has
become champion in between, the candidate must be weighed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.gates.archive import VerdictArchive
from mlflowflow.gates.promotion import announce, as_promotion, demand_decision
from mlflowflow.gates.verdict import GateOutcome
from mlflowflow.registry.change import GateEvaluated, Promoted

if TYPE_CHECKING:
    from mlflowflow.events.journal import Journal
    from mlflowflow.gates.promotion import Promotion
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.state import ModelState

#: How much of a verdict's digest names it well enough.
_PREFIX: Final = 8


def approve(model: str, verdict: str, *, catalog: Catalog, journal: Journal, comment: str) -> Promotion:
    """Move the alias that the held `verdict` (a digest, or the start of one) was about.

    The history names the catalog's actor and the `comment`. Approving again returns the first
    approval. Raises `NotFound` for a verdict that the model's history does not have, `InvalidState`
    if it was not HELD or the champion has changed since.
    """
    history = catalog.history(model)
    asked, held = _held(model, verdict, history)
    entry = _approval(history, asked) or _approved(model, asked, held, catalog=catalog, comment=comment)
    change = demand_decision(entry, version=held.version, alias=held.alias)
    promotion = as_promotion(entry, change, archive=VerdictArchive.about(catalog.store, model, history))
    announce(promotion, change, journal=journal)
    return promotion


def _approved(model: str, asked: Entry, held: GateEvaluated, *, catalog: Catalog, comment: str) -> Entry:
    cause = _cause(asked, model)

    def choose(state: ModelState) -> Promoted:
        holder = state.holder(held.alias)
        if holder != held.champion:
            raise InvalidState(
                f"The verdict is about {_replacing(held.champion)}, but {_holding(holder)} '{held.alias}' now; "
                f"weigh version {held.version} against it and approve that verdict."
            )
        return Promoted(
            alias=held.alias,
            version=held.version,
            verdict=held.verdict,
            sentence=f"Approved by {catalog.actor}: {comment}",
            previous=holder,
            evaluations=held.evaluations,
            cause=cause,
        )

    idem = cause.replace("approval of entry ", "approval:")
    entry = catalog.decide(model, choose, reason=comment, idem=idem)
    assert entry is not None
    return entry


def _cause(asked: Entry, model: str) -> str:
    """Name the entry that is approved in the log of `model`: another name's by its number and that name."""
    elsewhere = "" if asked.model == model else f" of {asked.model}"
    return f"approval of entry {asked.seq}{elsewhere}"


def _approval(history: list[Entry], asked: Entry) -> Entry | None:
    """Return the approval of `asked` that was given before, under whatever name the model then had."""
    for entry in history:
        if isinstance(entry.change, Promoted) and entry.change.cause == _cause(asked, entry.model):
            return entry
    return None


def _held(model: str, verdict: str, history: list[Entry]) -> tuple[Entry, GateEvaluated]:
    """Return the last entry that recorded the verdict, and what it says."""
    if len(verdict) < _PREFIX:
        raise InvalidInput(f"'{verdict}' is too short for a verdict; give at least {_PREFIX} of its digits.")
    for entry in reversed(history):
        match entry.change:
            case GateEvaluated(verdict=name, outcome=outcome) as change if name.startswith(verdict):
                if outcome != GateOutcome.HELD:
                    raise InvalidState(
                        f"The verdict '{verdict}' is {outcome}; only one that is HELD can be approved."
                    )
                return entry, change
            case _:
                pass
    raise NotFound("held verdict", verdict, hint=f"The history of '{model}' names the verdicts there are.")


def _replacing(champion: int | None) -> str:
    return "a first version" if champion is None else f"replacing version {champion}"


def _holding(holder: int | None) -> str:
    return "no version is" if holder is None else f"version {holder} is"
