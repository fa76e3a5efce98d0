"""The model registry in words: create, look up, point, promote, go back, and ask what happened.

Every change goes through one primitive, :meth:`Catalog.decide`: look at the present state, choose a
change, write it as the next numbered decision or choose again. Reads are strong (they see all that
was acknowledged before), and every read can be asked of the past with `at_us`. What the protocol
promises and how stands in :mod:`mlflowflow.registry.ledger`; what a change means, in
:mod:`mlflowflow.registry.transitions`.

A changing call may carry `idem`, a key of the *request* (not of the attempt): however often it is
repeated, by whatever process, it takes effect once and always gives the first answer.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final, TypeVar

from mlflowflow.clock import SystemClock, iso
from mlflowflow.errors import CorruptData, InvalidInput, NotFound, StoreUnable
from mlflowflow.events.canonical import unsealed
from mlflowflow.ids import RandomIds
from mlflowflow.registry.change import (
    AliasMoved,
    AliasRemoved,
    Change,
    ModelCreated,
    ModelDeleted,
    ModelDescribed,
    ModelTagDeleted,
    ModelTagSet,
    RolledBack,
    StageTransitioned,
    VersionCreated,
    VersionDeleted,
    VersionDescribed,
    VersionTagDeleted,
    VersionTagSet,
)
from mlflowflow.registry.ledger import NAMES, Ledger
from mlflowflow.registry.transitions import rollback, transition
from mlflowflow.registry.version import ModelVersion, RegisteredModel, Stage, demand_model_name
from mlflowflow.storage.format import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.state import ModelState
    from mlflowflow.storage.blob import BlobStore

_C = TypeVar("_C", bound=Change)
_T = TypeVar("_T")

_log: Final = logging.getLogger(__name__)


class Catalog:
    """The models registered in one store. Thread-safe; not to be handed across `fork`.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> catalog = Catalog(MemoryBlobStore(), actor="ada")
    >>> version = catalog.create_version("digits", source="runs:/4f1c/model")
    >>> catalog.set_alias("digits", "champion", version.version)
    >>> catalog.get_version_by_alias("digits", "champion").uri
    'models:/digits/1'
    """

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
        return ledger.decide(choose, actor=self.actor, reason=reason, idem=idem)

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
        ledger = self._ledger(name)
        position = ledger.position() if at_us is None else ledger.position_at(at_us)
        if at_us is not None and not position.state.exists:
            raise NotFound("registered model", name, hint=f"It did not exist at {iso(at_us)}.")
        return position.state

    def _decided(self, name: str) -> ModelState:
        return self._ledger(name).known().state

    # ---- models --------------------------------------------------------------------------------------------

    def create_model(
        self,
        name: str,
        *,
        description: str = "",
        tags: Mapping[str, str] | None = None,
        idem: str | None = None,
    ) -> RegisteredModel:
        """Create the model `name`. Raises `AlreadyExists`."""
        change = ModelCreated(description=description, tags=tags or {})
        self.decide(name, lambda _: change, idem=idem)
        return self._decided(name).model()

    def ensure_model(self, name: str) -> RegisteredModel:
        """Return the model `name`, creating it if there is none."""
        self.decide(name, lambda state: None if state.exists else ModelCreated())
        return self._decided(name).model()

    def get_model(self, name: str, *, at_us: int | None = None) -> RegisteredModel:
        """Return the model `name` as it is, or as it was at the time `at_us`. Raises `NotFound`."""
        return self._state(name, at_us).model()

    def list_models(self) -> list[RegisteredModel]:
        """Return all models, by name; one whose log is damaged is left out and logged."""
        states = self._readable(self._state)
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

    def describe_model(self, name: str, description: str, *, idem: str | None = None) -> RegisteredModel:
        """Replace the model's description."""
        self.decide(name, lambda _: ModelDescribed(description=description), idem=idem)
        return self._decided(name).model()

    def set_model_tag(self, name: str, key: str, value: str, *, idem: str | None = None) -> None:
        """Set a tag of the model."""
        change = ModelTagSet(key=key, value=value)
        self.decide(name, lambda _: change, idem=idem)

    def delete_model_tag(self, name: str, key: str, *, idem: str | None = None) -> None:
        """Remove a tag of the model; an absent one is no error."""
        self.decide(name, lambda _: ModelTagDeleted(key=key), idem=idem)

    def delete_model(self, name: str, *, reason: str = "", idem: str | None = None) -> None:
        """Delete the model with its versions and aliases; its history and its numbering stay."""
        self.decide(name, lambda _: ModelDeleted(), reason=reason, idem=idem)

    # ---- versions ------------------------------------------------------------------------------------------

    def create_version(
        self,
        name: str,
        *,
        source: str,
        run_id: str | None = None,
        digest: str | None = None,
        signature: str | None = None,
        tags: Mapping[str, str] | None = None,
        description: str = "",
        idem: str | None = None,
    ) -> ModelVersion:
        """Register the next version of the model `name`, creating the model if there is none.

        Numbers have no gaps and are never given twice. `source` is where the files are, `digest`
        the SHA-256 over them, `signature` MLflow's JSON text.
        """

        def choose(state: ModelState) -> VersionCreated:
            return VersionCreated(
                version=state.last_version + 1,
                source=source,
                run_id=run_id,
                digest=digest,
                signature=signature,
                tags=tags or {},
                description=description,
            )

        created = _demand(VersionCreated, self.decide(name, choose, idem=idem), idem=idem)
        return self._decided(name).version(created.version)

    def get_version(self, name: str, version: int, *, at_us: int | None = None) -> ModelVersion:
        """Return one version as it is, or as it was at the time `at_us`. Raises `NotFound`."""
        return self._state(name, at_us).version(version)

    def describe_version(
        self, name: str, version: int, description: str, *, idem: str | None = None
    ) -> ModelVersion:
        """Replace a version's description."""
        self.decide(name, lambda _: VersionDescribed(version=version, description=description), idem=idem)
        return self._decided(name).version(version)

    def set_version_tag(
        self, name: str, version: int, key: str, value: str, *, idem: str | None = None
    ) -> None:
        """Set a tag of a version."""
        change = VersionTagSet(version=version, key=key, value=value)
        self.decide(name, lambda _: change, idem=idem)

    def delete_version_tag(self, name: str, version: int, key: str, *, idem: str | None = None) -> None:
        """Remove a tag of a version; an absent one is no error."""
        self.decide(name, lambda _: VersionTagDeleted(version=version, key=key), idem=idem)

    def transition_stage(
        self,
        name: str,
        version: int,
        stage: str,
        *,
        archive_existing: bool = False,
        reason: str = "",
        idem: str | None = None,
    ) -> ModelVersion:
        """Put a version in a stage (in any case); `archive_existing` archives the others there with it."""
        target = Stage.parse(stage)

        def choose(state: ModelState) -> StageTransitioned:
            return transition(state, version, target, archive_existing=archive_existing)

        self.decide(name, choose, reason=reason, idem=idem)
        return self._decided(name).version(version)

    def delete_version(self, name: str, version: int, *, reason: str = "", idem: str | None = None) -> None:
        """Delete a version and the aliases that point to it; its number is not given again."""
        self.decide(name, lambda _: VersionDeleted(version=version), reason=reason, idem=idem)

    # ---- aliases -------------------------------------------------------------------------------------------

    def get_version_by_alias(self, name: str, alias: str, *, at_us: int | None = None) -> ModelVersion:
        """Return the version that `alias` points to, or pointed to at the time `at_us`. Raises `NotFound`."""
        return self._state(name, at_us).version_by_alias(alias)

    def set_alias(
        self, name: str, alias: str, version: int, *, reason: str = "", idem: str | None = None
    ) -> None:
        """Point `alias` at `version` by hand, without a gate."""
        self.decide(
            name,
            lambda state: AliasMoved(alias=alias, version=version, previous=state.holder(alias)),
            reason=reason,
            idem=idem,
        )

    def delete_alias(self, name: str, alias: str, *, reason: str = "", idem: str | None = None) -> None:
        """Remove an alias. Raises `NotFound`."""
        self.decide(name, lambda _: AliasRemoved(alias=alias), reason=reason, idem=idem)

    def rollback(
        self, name: str, alias: str, *, to: int | None = None, reason: str = "", idem: str | None = None
    ) -> ModelVersion:
        """Take `alias` back to an earlier holder, by default the one before the present one.

        Goes back like an undo: a second call goes one holder further. Raises `InvalidState` if no
        earlier holder exists any more, or if `to` never was one.
        """
        entry = self.decide(name, lambda state: rollback(state, alias, to=to), reason=reason, idem=idem)
        return self._decided(name).version(_demand(RolledBack, entry, idem=idem).version)

    # ---- the past ------------------------------------------------------------------------------------------

    def history(self, name: str) -> list[Entry]:
        """Return every decision about the model, first to last, refusals included. Raises `NotFound`."""
        entries = list(self._ledger(name).entries())
        if not entries:
            self._state(name).demand_exists()
        return entries

    def verify(self, name: str) -> None:
        """Replay the model's whole log. Raises `CorruptData` if anything in it was damaged or changed."""
        if self._ledger(name).verify().seq < 0:
            self._state(name).demand_exists()


def _demand(kind: type[_C], entry: Entry | None, *, idem: str | None) -> _C:
    found = None if entry is None else entry.change
    if not isinstance(found, kind):
        used = "nothing" if found is None else found.kind
        raise InvalidInput(
            f"The idempotency key '{idem}' was already used for another request ({used}); use a new key."
        )
    return found
