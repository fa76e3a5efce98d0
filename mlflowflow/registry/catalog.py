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

from typing import TYPE_CHECKING, TypeVar

from mlflowflow.errors import InvalidInput
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
from mlflowflow.registry.core import CatalogCore
from mlflowflow.registry.past import PastCatalog, instant
from mlflowflow.registry.rename import demand_names
from mlflowflow.registry.transitions import rollback, transition
from mlflowflow.registry.verification import Verification, verified
from mlflowflow.registry.version import (
    ModelVersion,
    RegisteredModel,
    Stage,
    demand_model_name,
    demand_tag_value,
    demand_tags,
)
from mlflowflow.registry.watching import Logs, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.state import ModelState

_C = TypeVar("_C", bound=Change)


class Catalog(CatalogCore):
    """The models registered in one store. Thread-safe; not to be handed across `fork`.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> catalog = Catalog(MemoryBlobStore(), actor="ada")
    >>> version = catalog.create_version("digits", source="runs:/4f1c/model")
    >>> catalog.set_alias("digits", "champion", version.version)
    >>> catalog.get_version_by_alias("digits", "champion").uri
    'models:/digits/1'
    """

    # ---- models --------------------------------------------------------------------------------------------

    def create_model(
        self,
        name: str,
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        idem: str | None = None,
    ) -> RegisteredModel:
        """Create the model `name`. Raises `AlreadyExists`."""
        change = ModelCreated(description=description, tags=demand_tags(tags or {}))
        self.decide(name, lambda _: change, idem=idem)
        return self._decided(name).model()

    def ensure_model(self, name: str) -> RegisteredModel:
        """Return the model `name`, creating it if there is none."""
        self.decide(name, lambda state: None if state.exists else ModelCreated())
        return self._decided(name).model()

    def get_model(self, name: str, *, at_us: int | None = None) -> RegisteredModel:
        """Return the model `name` as it is, or as it was at the time `at_us`. Raises `NotFound`."""
        return self._state(name, at_us).model()

    def last_version(self, name: str) -> int:
        """Return the highest number that a version of the model was ever given, 0 for none."""
        return self._state(name, None).last_version

    def describe_model(
        self, name: str, description: str | None, *, idem: str | None = None
    ) -> RegisteredModel:
        """Replace the model's description, or by None take it away."""
        self.decide(name, lambda _: ModelDescribed(description=description), idem=idem)
        return self._decided(name).model()

    def set_model_tag(self, name: str, key: str, value: str, *, idem: str | None = None) -> None:
        """Set a tag of the model. Raises `InvalidInput` for a key or a value that is too long."""
        demand_tag_value(key, value)
        change = ModelTagSet(key=key, value=value)
        self.decide(name, lambda _: change, idem=idem)

    def delete_model_tag(self, name: str, key: str, *, idem: str | None = None) -> None:
        """Remove a tag of the model; an absent one is no error."""
        self.decide(name, lambda _: ModelTagDeleted(key=key), idem=idem)

    def rename_model(self, name: str, new_name: str, *, reason: str = "") -> RegisteredModel:
        """Give the model `name` another name; versions, aliases, tags and history go with it.

        The old name is refused from then on, naming the new one, until a new model is made under it.
        Raises `NotFound`, `AlreadyExists`, `InvalidState` if another model once had the new name, and
        `OutcomeUnknown` if the store failed in the middle (whoever uses either name next finishes it).

        >>> from mlflowflow.storage.memory import MemoryBlobStore
        >>> catalog = Catalog(MemoryBlobStore())
        >>> version = catalog.create_version("digits", source="s3://b/m")
        >>> catalog.rename_model("digits", "numbers").versions[0].uri
        'models:/numbers/1'
        """
        demand_model_name(demand_names(name, new_name))
        self._demand_writable()
        self._renamer.settle(name)
        return self._renamer.rename(name, new_name, claim=self._ids.token(), reason=reason).model()

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
        description: str | None = None,
        model_id: str | None = None,
        run_link: str | None = None,
        copied_from: str | None = None,
        idem: str | None = None,
    ) -> ModelVersion:
        """Register the next version of the model `name`, creating the model if there is none.

        Numbers have no gaps and are never given twice. `source` is where the files are, `digest`
        the SHA-256 over them, `signature` MLflow's JSON text, `model_id` the logged model it is.
        """
        checked = demand_tags(tags or {})

        def choose(state: ModelState) -> VersionCreated:
            return VersionCreated(
                version=state.last_version + 1,
                source=source,
                run_id=run_id,
                digest=digest,
                signature=signature,
                tags=checked,
                description=description,
                model_id=model_id,
                run_link=run_link,
                copied_from=copied_from,
            )

        created = _demand(VersionCreated, self.decide(name, choose, idem=idem), idem=idem)
        return self._decided(name).version(created.version)

    def copy_version(self, version: ModelVersion, name: str, *, idem: str | None = None) -> ModelVersion:
        """Register the files of `version` as the next version of the model `name`.

        The copy has the source's files, run, digest, signature, tags and description, and no alias and
        no stage; `copied_from` is the address of the source.
        """
        return self.create_version(
            name,
            source=version.source,
            run_id=version.run_id,
            digest=version.digest,
            signature=version.signature,
            tags=version.tags,
            description=version.description,
            model_id=version.model_id,
            run_link=version.run_link,
            copied_from=version.uri,
            idem=idem,
        )

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
        """Set a tag of a version. Raises `InvalidInput` for a key or a value that is too long."""
        demand_tag_value(key, value)
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
        """Return every decision about the model, first to last, refusals included. Raises `NotFound`.

        A renamed model's history begins under its first name: `Entry.model` says under which.
        """
        entries = list(self._renamer.entries(name))
        if not entries:
            self._state(name).demand_exists()
        return entries

    def log(self, name: str) -> list[Entry]:
        """Return the decisions under this one name: entry number n is at place n. Raises `NotFound`."""
        entries = list(self._ledger(name).entries())
        if not entries:
            self._state(name).demand_exists()
        return entries

    def verify(self, name: str) -> Verification:
        """Replay the model's whole log, and those of its former names, and say what was replayed.

        Raises `CorruptData`, naming the first object that was damaged, changed, inserted or removed.
        """
        found = verified(self._ledger, name)
        if not found.entries:
            self._state(name).demand_exists()
        return found

    def at(self, time: str | datetime | int) -> PastCatalog:
        """Return the registry as it was at a time: ISO 8601, a datetime or microseconds since 1970 UTC.

        >>> from mlflowflow.storage.memory import MemoryBlobStore
        >>> Catalog(MemoryBlobStore()).at("2026-11-01T12:00").list_models()
        []
        """
        return PastCatalog(self, at_us=instant(time))

    def watch(
        self,
        name: str | None = None,
        since: int | Mapping[str, int] | None = None,
        *,
        every_s: float = 1.0,
        until: Callable[[], bool] | None = None,
    ) -> Iterator[Entry]:
        """Yield decisions as they happen; see :mod:`mlflowflow.registry.watching` for what is promised."""
        logs = Logs(ledger=self._ledger, names=self.list_names, clock=self._clock)
        return watch(logs, name, since, every_s=every_s, until=until)


def _demand(kind: type[_C], entry: Entry | None, *, idem: str | None) -> _C:
    found = None if entry is None else entry.change
    if not isinstance(found, kind):
        used = "nothing" if found is None else found.kind
        raise InvalidInput(
            f"The idempotency key '{idem}' was already used for another request ({used}); use a new key."
        )
    return found
