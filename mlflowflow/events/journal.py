"""The journal: facts that others act on, each written once and kept.

==================================================== ==================================================
``events/entries/<id>.<name>.json``                  one fact, put-if-absent
``events/acks/<consumer>/<id>.json``                 what a consumer did about it, put-if-absent
==================================================== ==================================================

A bus may lose a message or deliver it twice. So a fact is written here *first*; whoever hears of it
on the bus, or from the :func:`~mlflowflow.events.relay.relay`, acknowledges it here when done. The
id is a digest of what the fact says, so recording it again finds the first record; an acknowledgement
is written once, so the first result stays. Together: at least once offered, exactly once done.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.clock import SystemClock
from mlflowflow.errors import CorruptData, InvalidInput, NotFound
from mlflowflow.events.canonical import Json, frozen_mapping, plain, sealed, to_bytes, unsealed
from mlflowflow.ids import RandomIds, digest
from mlflowflow.storage.blob import Created
from mlflowflow.storage.names import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

_ENTRIES: Final = "events/entries/"
_ACKS: Final = "events/acks/"
_NAME: Final = re.compile(r"mlff(\.[a-z][a-z0-9-]*){2,4}")
_KEY: Final = re.compile(r"events/entries/[0-9a-f]{32}\.(?P<name>[a-z0-9.-]+)\.json")

_log: Final = logging.getLogger(__name__)


def _nothing() -> Mapping[str, Json]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact: `name` says what happened, `subject` to what, `follows` which event led to it.

    `id` is 32 hex digits, which also read as a UUID. `occurred_us` is when it was first recorded.
    """

    id: str
    name: str
    subject: str
    occurred_us: int
    payload: Mapping[str, Json] = field(default_factory=_nothing)
    follows: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What `consumer` did about an event, and when."""

    event: str
    consumer: str
    at_us: int
    result: Mapping[str, Json] = field(default_factory=_nothing)


#: Several events; inside the journal, `list` is the method.
Events: TypeAlias = list[Event]


def event_id(name: str, *, subject: str, identity: Mapping[str, Json]) -> str:
    """Return the id of the fact that `name`, `subject` and the `identity` fields make up.

    >>> event_id("mlff.data.arrived", subject="incoming", identity={"digest": "ab"})
    '146c6dd1bc0d307b5401471d8713496a'
    """
    return digest(to_bytes({"name": name, "subject": subject, "identity": identity}))[:32]


class Journal:
    """The events of one store. Thread-safe; keeps nothing in memory.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> journal = Journal(MemoryBlobStore())
    >>> ready = journal.record("mlff.candidate.ready", subject="digits", payload={"version": 3})
    >>> [event.payload["version"] for event in journal.unacknowledged("promote")]
    [3]
    >>> journal.acknowledge(ready.id, "promote", result={"moved": True}).result["moved"]
    True
    >>> journal.unacknowledged("promote")
    []
    """

    def __init__(self, store: BlobStore, *, clock: Clock | None = None, ids: Ids | None = None) -> None:
        """Use `store`; nothing is read or written yet."""
        self._store = store
        self._clock = clock or SystemClock()
        self._ids = ids or RandomIds(self._clock)

    # ---- facts ---------------------------------------------------------------------------------------------

    def record(
        self,
        name: str,
        *,
        subject: str,
        payload: Mapping[str, Json] | None = None,
        identity: Mapping[str, Json] | None = None,
        follows: str | None = None,
    ) -> Event:
        """Write the fact down, or return the first record of it.

        Two records with the same `name`, `subject` and `identity` (by default the whole payload) are
        the same fact. Names are ``mlff.<noun>.<past participle>``. After `OutcomeUnknown` a repeat
        is safe.
        """
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                f"'{name}' is not the name of an event; expected something like 'mlff.candidate.ready'."
            )
        found = payload or {}
        number = event_id(name, subject=subject, identity=found if identity is None else identity)
        key = f"{_ENTRIES}{number}.{name}.json"
        event = {
            "id": number,
            "name": name,
            "subject": subject,
            "occurred_us": self._clock.now_us(),
            "payload": plain(found),
            "follows": follows,
        }
        return _event(key, self._first(key, event))

    def get(self, event_id: str) -> Event:
        """Return the event with this id. Raises `NotFound`."""
        for blob in self._store.list(f"{_ENTRIES}{event_id}."):
            return self._read(blob.key)
        raise NotFound("event", event_id, hint="An event's id is what recording it returned.")

    def list(self, name: str | None = None) -> Events:
        """Return all events, or those called `name`, oldest first; damaged ones are left out and logged."""
        return self._oldest_first(self._keys(name))

    # ---- what was done about them --------------------------------------------------------------------------

    def acknowledge(
        self, event_id: str, consumer: str, *, result: Mapping[str, Json] | None = None
    ) -> Acknowledgement:
        """Write down that `consumer` is done with the event, and return the first `result` ever written.

        Raises `NotFound` for an unknown event.
        """
        self.get(event_id)
        key = _ack_key(event_id, consumer)
        body = {
            "event": event_id,
            "consumer": consumer,
            "at_us": self._clock.now_us(),
            "result": plain(result or {}),
        }
        return _acknowledgement(key, self._first(key, body))

    def acknowledgement(self, event_id: str, consumer: str) -> Acknowledgement | None:
        """Return what `consumer` wrote about the event, or None if it has not."""
        key = _ack_key(event_id, consumer)
        body = self._store.get(key)
        return None if body is None else _acknowledgement(key, body)

    def unacknowledged(self, consumer: str, name: str | None = None) -> Events:
        """Return the events, or those called `name`, that `consumer` is not done with, oldest first."""
        done = {_id_in(blob.key) for blob in self._store.list(f"{_ACKS}{encode(consumer)}/")}
        return self._oldest_first(key for key in self._keys(name) if _id_in(key) not in done)

    # ---- the store -----------------------------------------------------------------------------------------

    def _first(self, key: str, body: Mapping[str, object]) -> bytes:
        """Write `body` unless the key is taken, and return what the key holds then."""
        mine = sealed({**body, "token": self._ids.token()})
        if self._store.create(key, mine) is Created.CREATED:
            return mine
        found = self._store.get(key)
        if found is None:
            raise CorruptData(key, "it was there a moment ago and is missing now")
        return found

    def _keys(self, name: str | None = None) -> Iterator[str]:
        for blob in self._store.list(_ENTRIES):
            found = _KEY.fullmatch(blob.key)
            if found and name in {None, found["name"]}:
                yield blob.key

    def _read(self, key: str) -> Event:
        body = self._store.get(key)
        if body is None:
            raise CorruptData(key, "it is listed and cannot be found")
        return _event(key, body)

    def _oldest_first(self, keys: Iterable[str]) -> Events:
        return sorted(self._readable(keys), key=lambda event: (event.occurred_us, event.id))

    def _readable(self, keys: Iterable[str]) -> Iterator[Event]:
        for key in keys:
            try:
                yield self._read(key)
            except CorruptData as error:  # one damaged event must not hide the others
                _log.warning("An event is passed over: %s", error)


def _id_in(key: str) -> str:
    return key.rsplit("/", 1)[1].split(".", 1)[0]


def _ack_key(event_id: str, consumer: str) -> str:
    return f"{_ACKS}{encode(consumer)}/{event_id}.json"


def _event(key: str, body: bytes) -> Event:
    match unsealed(key, body):
        case {
            "id": str(number),
            "name": str(name),
            "subject": str(subject),
            "occurred_us": int(occurred_us),
            "payload": dict(payload),
            "follows": (str() | None) as follows,
        }:
            return Event(
                id=number,
                name=name,
                subject=subject,
                occurred_us=occurred_us,
                payload=frozen_mapping(payload),
                follows=follows,
            )
        case _:
            raise CorruptData(key, "it is not an event")


def _acknowledgement(key: str, body: bytes) -> Acknowledgement:
    match unsealed(key, body):
        case {"event": str(event), "consumer": str(consumer), "at_us": int(at_us), "result": dict(result)}:
            return Acknowledgement(event=event, consumer=consumer, at_us=at_us, result=frozen_mapping(result))
        case _:
            raise CorruptData(key, "it is not an acknowledgement")
