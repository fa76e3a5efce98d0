"""Giving a model another name, although each name has a log of its own.

A rename must happen in one moment, and it touches two logs, so it is made of three decisions:

1. *claim*: the log of the new name says that the name is kept for this model. It must be free.
2. *leave*: the log of the old name says that the model left. **This is the moment.** Before it the
   model has the old name only, after it the new one only, for every reader.
3. *arrive*: the log of the new name takes over what the model had: versions, numbers, aliases, tags.

Whoever finds an open claim finds out what became of it, and nobody waits for anybody. A reader looks
whether the model left, and if so sees it under the new name already. A writer finishes the rename
first: it lets the model leave if it did not, and arrive. If no model of the old name is there any
more, the claim is *refused* in the old log and only then *dropped* in the new one, so it can neither
come true later nor hold a name for ever. A process that dies in the middle leaves nothing broken.

**The old name** is refused from then on, and the refusal names the new one; it is not kept as an
alias, because MLflow frees it, and scripts rename "model" to "model-old" in order to make a new
"model". The history follows: `Catalog.history` of the new name begins in the log of the old one, and
an address with ``?at=`` a time before the rename is that of the old name.

**Numbers are never given twice under one name**, so a name that another model once had is refused.
The model's own earlier names are not: a rename can be taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import (
    AlreadyExists,
    Conflict,
    CorruptData,
    InvalidInput,
    InvalidState,
    NotFound,
    OutcomeUnknown,
    StoreError,
)
from mlflowflow.registry.change import (
    Change,
    ClaimDropped,
    ClaimRefused,
    ModelArrived,
    ModelRenamed,
    NameClaimed,
)
from mlflowflow.registry.naming import arrived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.ledger import Ledger
    from mlflowflow.registry.state import ModelState

#: How often a claim that others keep making is followed up before the contention is reported.
_ATTEMPTS: Final = 50


class Renamer:
    """Renames models, and finishes renames that others began, on behalf of `actor`."""

    def __init__(self, ledger: Callable[[str], Ledger], *, actor: str) -> None:
        """Find the log of a name by `ledger`."""
        self._ledger = ledger
        self._actor = actor

    def rename(self, old: str, new: str, *, claim: str, reason: str = "") -> ModelState:
        """Give the model `old` the name `new` and return it as it arrived there; `claim` tells this rename from all others.

        Raises `NotFound`, `AlreadyExists`, `InvalidState` if another model once had the new name, and
        `OutcomeUnknown` if trouble with the store left the rename half done: whoever uses either name
        next finishes it.
        """
        present = self._ledger(old).position().state
        present.demand_exists()
        if old == new:
            return present
        self._claim(old, new, claim=claim, reason=reason)
        try:
            left = self._leave(old, new, claim=claim, reason=reason)
            self._finish(new, left, claim=claim, origin=old)
            if left is not None:
                # as it arrived: that somebody renamed it again since is no failure of this call
                return arrived(self._ledger(new).known().state, self._arrival(old, claim))
        except (StoreError, Conflict) as error:
            raise OutcomeUnknown(f"{old} → {new}", f"the rename was begun ({error})") from error
        self._ledger(old).position().state.demand_exists()
        raise NotFound("registered model", old, hint="It was deleted while it was to be renamed.")

    def settle(self, name: str) -> None:
        """Finish the rename to `name` that somebody began, if there is one."""
        for _ in range(_ATTEMPTS):
            names = self._ledger(name).position().state.names
            if names.claim is None:
                return
            left = self._leave(names.origin, name, claim=names.claim, reason="")
            self._finish(name, left, claim=names.claim, origin=names.origin)
        raise Conflict(
            f"The name '{name}' was claimed again and again; nothing was changed. Repeat the call."
        )

    def seen(self, state: ModelState, *, at_us: int | None = None) -> ModelState:
        """Return what a reader of `state` is to see: a model that has left for here is here."""
        names = state.names
        if names.claim is None:
            return state
        origin = self._ledger(names.origin)
        there = origin.position() if at_us is None else origin.position_at(at_us)
        if names.claim not in there.state.names.departures:
            return state
        return arrived(state, self._arrival(names.origin, names.claim))

    def entries(self, name: str, *, until: int | None = None) -> Iterator[Entry]:
        """Yield every decision about the model `name` once, those under its former names first.

        With `until` that is the last number of its own log to be looked at.
        """
        here = [each for each in self._ledger(name).entries() if until is None or each.seq <= until]
        came = [each.change for each in here if isinstance(each.change, ModelArrived)]
        told = -1  # the last of this log that was told before: the model may have come back to its name
        if came:
            for each in self.entries(came[-1].origin, until=came[-1].seq):
                told = each.seq if each.model == name else told
                yield each
        yield from (each for each in here if each.seq > told)

    # ---- the three decisions -------------------------------------------------------------------------------

    def _claim(self, old: str, new: str, *, claim: str, reason: str) -> None:
        for _ in range(_ATTEMPTS):
            self.settle(new)
            leaving = self._ledger(old).position().state
            leaving.demand_exists()
            if self._decide(new, lambda state: _claimed(state, leaving, claim), reason=reason):  # noqa: B023 - called at once
                return
        raise Conflict(f"The name '{new}' was claimed again and again; nothing was changed. Repeat the call.")

    def _leave(self, old: str, new: str, *, claim: str, reason: str) -> Entry | None:
        """Return the entry by which the model left, or None if the claim can bring none any more."""

        def choose(state: ModelState) -> Change | None:
            if claim in state.names.departures or claim in state.names.refused:
                return None
            return ModelRenamed(name=new, claim=claim) if state.exists else ClaimRefused(claim=claim)

        self._decide(old, choose, reason=reason)
        return self._departure(old, claim)

    def _finish(self, new: str, left: Entry | None, *, claim: str, origin: str) -> None:
        end = ClaimDropped(claim=claim) if left is None else self._arrival(origin, claim)
        self._decide(new, lambda state: end if state.names.claim == claim else None)

    def _decide(
        self, name: str, choose: Callable[[ModelState], Change | None], *, reason: str = ""
    ) -> Entry | None:
        return self._ledger(name).decide(choose, actor=self._actor, reason=reason)

    def _departure(self, name: str, claim: str) -> Entry | None:
        if claim not in self._ledger(name).position().state.names.departures:
            return None
        return next(each for each in self._ledger(name).entries() if _is_departure(each, claim))

    def _arrival(self, origin: str, claim: str) -> ModelArrived:
        left = self._departure(origin, claim)
        if left is None:
            raise CorruptData(
                f"the log of '{origin}'", f"the model that left it by the claim '{claim}' did not"
            )
        state = self._ledger(origin).position_before(left.seq).state
        return ModelArrived(origin=origin, claim=claim, seq=left.seq, head=left.digest, state=state)


def _is_departure(entry: Entry, claim: str) -> bool:
    return isinstance(entry.change, ModelRenamed) and entry.change.claim == claim


def _claimed(state: ModelState, leaving: ModelState, claim: str) -> NameClaimed | None:
    if state.exists:
        raise AlreadyExists("registered model", state.name)
    if state.names.claim is not None:
        return None
    own = {leaving.name, *leaving.names.former_names}
    if state.last_version and state.names.left_for not in own:
        raise InvalidState(
            f"The name '{state.name}' was that of another model, whose versions up to {state.last_version} would be "
            f"mistaken for those of '{leaving.name}'; choose a name that was never used."
        )
    return NameClaimed(origin=leaving.name, claim=claim)


def demand_names(old: str, new: object) -> str:
    """Return the name `new`, or raise `InvalidInput` if there is none."""
    if not isinstance(new, str) or not new.strip():
        raise InvalidInput(f"'{old}' cannot be renamed to {new!r}; expected the new name as text.")
    return new
