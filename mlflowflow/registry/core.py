"""What the registry's words rest on: the one way to decide, the one way to read, and the list of models.

Kept apart from :mod:`mlflowflow.registry.catalog`, which gives every decision a name of its own.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final, TypeVar

from mlflowflow.clock import SystemClock, iso
from mlflowflow.errors import CorruptData, NotFound, StoreUnable
from mlflowflow.events.canonical import unsealed
from mlflowflow.ids import RandomIds
from mlflowflow.registry.ledger import NAMES, Ledger
from mlflowflow.registry.rename import Renamer
from mlflowflow.registry.version import RegisteredModel, demand_model_name
from mlflowflow.storage.format import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.registry.change import Change
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.state import ModelState
    from mlflowflow.storage.blob import BlobStore

_T = TypeVar("_T")

_log: Final = logging.getLogger(__name__)


class CatalogCore:
    """Decides and reads; `Catalog` says what."""

    def __init__(
        self, store: BlobStore, *, clock: Clock | None = None, ids: Ids | None = None, actor: str = "unknown"
    ) -> None:
        """Open the registry in `store` on behalf of `actor`, whom the history will name.

        Nothing is read or written yet. The first change checks that the store honours conditional
        writes and raises `StoreUnable` if it does not; reading works in any store.
        """
        self.store: Final = store
        self.actor: Final = actor
        self._clock = clock or SystemClock()
        self._ids = ids or RandomIds(self._clock)
        self._ledgers: dict[str, Ledger] = {}
        self._writable = False
        self._lock = threading.Lock()
        self._renamer = Renamer(self._ledger, actor=actor)

    # ---- the primitive -------------------------------------------------------------------------------------

    def decide(
        self,
        name: str,
        choose: Callable[[ModelState], Change | None],
        *,
        reason: str = "",
        idem: str | None = None,
    ) -> Entry | None:
        """Record what `choose` makes of the present state of the model `name`, and return the entry.

        `choose` is called again on the new state whenever another decision came first. It may return
        None, which records nothing, and it may raise, which this call passes on. If `idem` was used
        before, its first entry is returned and `choose` is not called.

        Raises what the transition refuses with (`NotFound`, `AlreadyExists`, `InvalidState`),
        `Conflict` under lasting contention, `OutcomeUnknown` if no answer could be had (repeat with
        the same `idem`), and `StoreUnable` if the store cannot keep a registry.
        """
        ledger = self._ledger(name)
        self._demand_writable()
        while True:
            try:
                return ledger.decide(_settled(choose), actor=self.actor, reason=reason, idem=idem)
            except _ClaimIsOpen:
                self._renamer.settle(name)

    def _ledger(self, name: str) -> Ledger:
        with self._lock:
            if name not in self._ledgers:
                demand_model_name(name)
                self._ledgers[name] = Ledger(self.store, name, clock=self._clock, ids=self._ids)
            return self._ledgers[name]

    def _demand_writable(self) -> None:
        if self._writable:
            return
        if not prepare(self.store, clock=self._clock, ids=self._ids).conditional_create:
            raise StoreUnable(
                f"The store '{self.store.url}' ignores conditional writes (If-None-Match), so two writers could "
                "both win; tracking works there, a registry cannot. Set MLFLOWFLOW_REGISTRY_URI to a local "
                "directory or to a bucket that honours them."
            )
        self._writable = True

    def _state(self, name: str, at_us: int | None = None) -> ModelState:
        state = self._seen(name, at_us)
        if at_us is not None and not state.exists:
            raise NotFound(
                "registered model", name, hint=f"It did not exist at {iso(at_us)}.{_elsewhere(state)}"
            )
        return state

    def _seen(self, name: str, at_us: int | None) -> ModelState:
        ledger = self._ledger(name)
        position = ledger.position() if at_us is None else ledger.position_at(at_us)
        return self._renamer.seen(position.state, at_us=at_us)

    def _decided(self, name: str) -> ModelState:
        return self._ledger(name).known().state

    # ---- the list ------------------------------------------------------------------------------------------

    def list_models(self, *, at_us: int | None = None) -> list[RegisteredModel]:
        """Return all models, by name, perhaps as of a time; one whose log is damaged is left out and logged.

        Each model is read by itself: one that is renamed meanwhile may be listed twice or not at all.
        """
        states = self._readable(lambda name: self._seen(name, at_us))
        models = [state.model() for state in states if state.exists]
        return sorted(models, key=lambda model: model.name)

    def list_names(self) -> list[str]:
        """Return the names of all models there ever were, deleted ones included, in order."""
        return sorted(self._readable(lambda name: name))

    def _readable(self, read: Callable[[str], _T]) -> Iterator[_T]:
        """Yield what `read` makes of each model's name; damaged ones are left out and logged."""
        for blob in self.store.list(NAMES):
            try:
                body = self.store.get(blob.key)
                if body is not None:
                    yield read(str(unsealed(blob.key, body)["name"]))
            except CorruptData as error:
                _log.warning("A model is left out of the list: %s", error)


class _ClaimIsOpen(Exception):
    """Say inside `decide` that a rename to this name must be finished first."""


def _settled(choose: Callable[[ModelState], Change | None]) -> Callable[[ModelState], Change | None]:
    def check(state: ModelState) -> Change | None:
        if state.names.claim is not None:
            raise _ClaimIsOpen
        return choose(state)

    return check


def _elsewhere(state: ModelState) -> str:
    to = state.names.left_for
    return "" if to is None else f" It was renamed to '{to}' before that."
