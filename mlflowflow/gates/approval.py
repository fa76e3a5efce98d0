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
    from mlflowflow.registry.state import ModelState

#: How much of a verdict's digest names it well enough.
_PREFIX: Final = 8


def approve(model: str, verdict: str, *, catalog: Catalog, journal: Journal, comment: str) -> Promotion:
    """Move the alias that the held `verdict` (a digest, or the start of one) was about.

    The history names the catalog's actor and the `comment`. Approving again returns the first
    approval. Raises `NotFound` for a verdict that the model's history does not have, `InvalidState`
    if it was not HELD or the champion has changed since.
    """
    seq, held = _held(model, verdict, catalog)

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
            cause=f"approval of entry {seq}",
        )

    entry = catalog.decide(model, choose, reason=comment, idem=f"approval:{seq}")
    assert entry is not None
    change = demand_decision(entry, version=held.version, alias=held.alias)
    promotion = as_promotion(entry, change, archive=VerdictArchive(catalog.store, model))
    announce(promotion, change, journal=journal)
    return promotion


def _held(model: str, verdict: str, catalog: Catalog) -> tuple[int, GateEvaluated]:
    """Return the last entry that recorded the verdict, and what it says."""
    if len(verdict) < _PREFIX:
        raise InvalidInput(f"'{verdict}' is too short for a verdict; give at least {_PREFIX} of its digits.")
    for entry in reversed(catalog.log(model)):
        match entry.change:
            case GateEvaluated(verdict=name, outcome=outcome) as change if name.startswith(verdict):
                if outcome != GateOutcome.HELD:
                    raise InvalidState(
                        f"The verdict '{verdict}' is {outcome}; only one that is HELD can be approved."
                    )
                return entry.seq, change
            case _:
                pass
    raise NotFound("held verdict", verdict, hint=f"The history of '{model}' names the verdicts there are.")


def _replacing(champion: int | None) -> str:
    return "a first version" if champion is None else f"replacing version {champion}"


def _holding(holder: int | None) -> str:
    return "no version is" if holder is None else f"version {holder} is"
