"""Experiments: unique names without a database, and how each began.

A name belongs to whoever creates the object ``names/<name>`` first; the object says everything
about the experiment's beginning, so whoever finds a claim whose author died right after it can
finish the work. The experiment "0", named "Default", exists without anybody creating it.
"""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import AlreadyExists, CorruptData, InvalidInput, NotFound, StoreUnable
from mlflowflow.storage.blob import Created
from mlflowflow.storage.seal import from_sealed_json, to_sealed_json
from mlflowflow.tracking.homes import checked_location
from mlflowflow.tracking.layout import NAMES, experiment_key, name_key
from mlflowflow.tracking.run import DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, Experiment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

_log = logging.getLogger(__name__)
#: Where an experiment's files lie if not in the store.
_PLACE: Final = "artifact_location"


class Experiments:
    """Create experiments and find them by name; what became of them since is the reader's knowledge."""

    def __init__(self, store: BlobStore, *, clock: Clock, ids: Ids, store_created_us: int) -> None:
        """Use `store`, which began at `store_created_us`, as did its default experiment."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._known: dict[str, Experiment] = {}
        began_ms = store_created_us // 1000
        self._known[DEFAULT_EXPERIMENT_ID] = self._described(
            {"experiment_id": DEFAULT_EXPERIMENT_ID, "name": DEFAULT_EXPERIMENT_NAME, "created_ms": began_ms}
        )

    def create(
        self,
        name: str,
        *,
        tags: Mapping[str, str],
        artifact_location: str | None = None,
        experiment_id: str | None = None,
        created_ms: int | None = None,
    ) -> Experiment:
        """Create an experiment, whose files are to lie at `artifact_location` if that is given.

        It gets `experiment_id` unless another experiment has that, and began at `created_ms`, by default
        now (milliseconds).

        Raises `AlreadyExists` if the name is taken, also by a deleted one, and `InvalidInput` for a tag
        that is no valid Unicode or a place that cannot be used.
        """
        place = {} if artifact_location is None else {_PLACE: checked_location(artifact_location)}
        for key, text in tags.items():
            _check_unicode(key, text)
        fields: dict[str, Any] = {
            "experiment_id": experiment_id or self._ids.experiment_id(),
            "name": name,
            "created_ms": self._clock.now_us() // 1000 if created_ms is None else created_ms,
            "tags": dict(tags),
            "token": self._ids.token(),
            **place,
        }
        if name == DEFAULT_EXPERIMENT_NAME or not self._claim(name, fields):
            raise AlreadyExists(
                "experiment", name, hint="If it was deleted, restore it or choose another name."
            )
        while not self._put_first(experiment_key(fields["experiment_id"]), to_sealed_json(fields)):
            # another has this id, perhaps since this very millisecond; the claim is ours and may be corrected
            fields["experiment_id"] = self._ids.experiment_id()
            self._store.put(name_key(name), to_sealed_json(fields))
        return self._begun(fields)

    def ensure(self, name: str) -> Experiment:
        """Return the experiment that owns `name`, creating it if nobody does."""
        found = self.find(name)
        if found is not None:
            return found
        try:
            return self.create(name, tags={})
        except AlreadyExists:
            return self._found(name)

    def _found(self, name: str) -> Experiment:
        found = self.find(name)
        if found is None:
            raise AlreadyExists("experiment", name, hint="It was renamed this very moment; try again.")
        return found

    def find(self, name: str) -> Experiment | None:
        """Return how the experiment that owns `name` began, or None if nobody owns it."""
        if name == DEFAULT_EXPERIMENT_NAME:
            return self.get(DEFAULT_EXPERIMENT_ID)
        body = self._store.get(name_key(name))
        if body is None:
            return None
        fields = _fields(body, key=name_key(name))
        if fields["name"] != name:  # a shortened name that meets another in its digest: never, in practice
            return None
        return self._begun(fields)

    def get(self, experiment_id: str) -> Experiment:
        """Return how an experiment began. Raises `NotFound`."""
        found = self._known.get(experiment_id)
        if found is None:
            body = self._store.get(experiment_key(experiment_id))
            if body is None:
                raise NotFound("experiment", experiment_id, hint=f"It was looked for in '{self._store.url}'.")
            found = self._described(_fields(body, key=experiment_key(experiment_id)))
            self._known[experiment_id] = found
        return found

    def own_location(self, experiment_id: str) -> str | None:
        """Return where the files of an experiment lie if not in the store. Raises `NotFound`."""
        found = self.get(experiment_id).artifact_location
        return None if found == self._default_location(experiment_id) else found

    def _default_location(self, experiment_id: str) -> str:
        return f"{self._store.url}/artifacts/{experiment_id}"

    def all(self) -> Iterator[Experiment]:
        """Yield how every experiment began, the default one first; what is damaged is left out and logged."""
        seen = {DEFAULT_EXPERIMENT_ID}
        yield self.get(DEFAULT_EXPERIMENT_ID)
        for blob in self._store.list(NAMES):
            found = self._readable(blob.key)
            if found is not None and found.experiment_id not in seen:
                seen.add(found.experiment_id)
                yield found

    def claim_for(self, experiment_id: str, name: str) -> None:
        """Make `name` lead to the experiment. Raises `AlreadyExists` if it leads to another one."""
        began = self.get(experiment_id)
        place = self.own_location(experiment_id)
        fields = {
            **_plain(began),
            "name": name,
            "token": self._ids.token(),
            **({} if place is None else {_PLACE: place}),
        }
        if not self._claim(name, fields):
            owner = self.find(name)
            if owner is None or owner.experiment_id != experiment_id:
                raise AlreadyExists("experiment", name, hint="Choose another name.")

    def release(self, name: str) -> None:
        """Let go of a name that its experiment no longer has."""
        if name != DEFAULT_EXPERIMENT_NAME:
            self._store.delete(name_key(name))

    def _readable(self, key: str) -> Experiment | None:
        try:
            body = self._store.get(key)
            return None if body is None else self._begun(_fields(body, key=key))
        except CorruptData as error:  # one damaged object must not hide the others
            _log.warning("An experiment is left out of the list: %s", error)
            return None

    def _claim(self, name: str, fields: Mapping[str, Any]) -> bool:
        return self._put_first(name_key(name), to_sealed_json(fields))

    def _put_first(self, key: str, body: bytes) -> bool:
        """Write `key` if it is absent, and answer whether it is what we wrote."""
        try:
            return self._store.create(key, body) is Created.CREATED
        except StoreUnable:  # a store without conditions still tracks; of two at once the later wins
            found = self._store.get(key)
            if found is None:
                self._store.put(key, body)
            return found is None or found == body

    def _begun(self, fields: Mapping[str, Any]) -> Experiment:
        experiment_id: str = fields["experiment_id"]
        if experiment_id not in self._known:
            key = experiment_key(experiment_id)
            body = self._store.get(key)
            if body is None:
                body = to_sealed_json(fields)
                self._store.put(key, body)  # all who finish this claim write the same bytes
            self._known[experiment_id] = self._described(_fields(body, key=key))
        return self._known[experiment_id]

    def _described(self, fields: Mapping[str, Any]) -> Experiment:
        return Experiment(
            experiment_id=fields["experiment_id"],
            name=fields["name"],
            artifact_location=fields.get(_PLACE) or self._default_location(fields["experiment_id"]),
            creation_time=fields["created_ms"],
            last_update_time=fields["created_ms"],
            tags=MappingProxyType(dict(fields.get("tags", {}))),
        )


def _plain(experiment: Experiment) -> dict[str, Any]:
    return {
        "experiment_id": experiment.experiment_id,
        "name": experiment.name,
        "created_ms": experiment.creation_time,
        "tags": dict(experiment.tags),
    }


def _check_unicode(key: str, text: str) -> None:
    try:
        f"{key}{text}".encode()
    except UnicodeEncodeError as error:  # JSON would take it and give back something else
        raise InvalidInput(
            f"The tag {key!r} cannot be {text!r}: it is no valid Unicode ({error})."
        ) from error


def _fields(body: bytes, *, key: str) -> dict[str, Any]:
    fields = from_sealed_json(body, key=key)
    if {"experiment_id", "name", "created_ms"} <= fields.keys():
        return fields
    raise CorruptData(key, "it lacks 'experiment_id', 'name' or 'created_ms'")
