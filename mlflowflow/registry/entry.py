"""One decision as it stands in a model's log, and the position that the log has led to.

An entry is chained to the one before it by the digest of that one's bytes, so nobody can change,
drop or insert a decision without it showing. A `Position` is what folding entries 0 to n gives: the
state, and what the next entry must continue. It is the same for everyone who folds the same
entries, which is why anybody may write it down as a snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads these annotations when it runs
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, MlflowflowError, StoreTooNew
from mlflowflow.events.canonical import from_plain, plain, sealed, unsealed
from mlflowflow.ids import digest
from mlflowflow.registry import change as changes
from mlflowflow.registry.state import ModelState  # noqa: TC001 - pydantic reads these annotations when it runs
from mlflowflow.registry.transitions import apply

if TYPE_CHECKING:
    from mlflowflow.registry.change import Change

#: The format of entries; those that carry no number have this one.
_FORMAT: Final = 1
#: The shape of snapshots; one with another number is passed over, since entries hold everything.
_SNAPSHOT_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One decision: who decided what, when and why.

    `seq` counts from 0 within the model; `at_us` never decreases along it. `prev` is the digest of
    the entry before, empty for the first; `digest` is this one's own. `idem` is the caller's key of
    the request, `token` tells this write from any other.
    """

    model: str
    seq: int
    at_us: int
    actor: str
    change: Change
    reason: str = ""
    idem: str | None = None
    prev: str = ""
    token: str = ""
    digest: str = field(default="", compare=False)

    def to_bytes(self) -> bytes:
        """Return the sealed JSON that the log keeps."""
        return sealed(
            {
                "model": self.model,
                "seq": self.seq,
                "at_us": self.at_us,
                "actor": self.actor,
                "change": changes.to_json(self.change),
                "reason": self.reason,
                "idem": self.idem,
                "prev": self.prev,
                "token": self.token,
            }
        )


def read_entry(key: str, body: bytes) -> Entry:
    """Read an entry from what `Entry.to_bytes` wrote. Raises `CorruptData` or `StoreTooNew`, naming `key`."""
    content = unsealed(key, body)
    version = content.get("format", _FORMAT)
    if isinstance(version, int) and version > _FORMAT:
        raise StoreTooNew(key, found=version, supported=_FORMAT)
    match content:
        case {
            "model": str(model),
            "seq": int(seq),
            "at_us": int(at_us),
            "actor": str(actor),
            "change": dict(change),
            "reason": str(reason),
            "idem": (str() | None) as idem,
            "prev": str(prev),
            "token": str(token),
        }:
            return Entry(
                model=model,
                seq=seq,
                at_us=at_us,
                actor=actor,
                change=changes.from_json(change, key=key),
                reason=reason,
                idem=idem,
                prev=prev,
                token=token,
                digest=digest(body),
            )
        case _:
            raise CorruptData(key, "it is not an entry of a registry log")


def _no_requests() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a log stands after entry `seq` (-1: no entry yet).

    `head` is the digest of that entry, `at_us` its time, and `requests` says which entry answered
    which idempotency key.
    """

    state: ModelState
    seq: int = -1
    head: str = ""
    at_us: int = 0
    requests: Mapping[str, int] = field(default_factory=_no_requests)

    def after(self, entry: Entry, *, key: str) -> Position:
        """Return the position after `entry`. Raises `CorruptData`, naming its `key`, if it cannot follow."""
        self._demand_follows(entry, key=key)
        try:
            state = apply(self.state, entry.change, at_us=entry.at_us)
        except MlflowflowError as error:
            raise CorruptData(key, f"its change is not allowed where it stands ({error})") from error
        requests = self.requests if entry.idem is None else {**self.requests, entry.idem: entry.seq}
        return Position(
            state=state,
            seq=entry.seq,
            head=entry.digest,
            at_us=entry.at_us,
            requests=MappingProxyType(dict(requests)),
        )

    def _demand_follows(self, entry: Entry, *, key: str) -> None:
        if (entry.model, entry.seq) != (self.state.name, self.seq + 1):
            raise CorruptData(key, f"it holds entry {entry.seq} of model '{entry.model}'")
        if entry.prev != self.head:
            raise CorruptData(key, "it does not continue the entry before it; the log was changed afterwards")
        if entry.at_us < self.at_us:
            raise CorruptData(key, "it is dated before the entry it follows")
        if entry.idem is not None and entry.idem in self.requests:
            raise CorruptData(key, f"it repeats request '{entry.idem}' of entry {self.requests[entry.idem]}")


def write_snapshot(position: Position) -> bytes:
    """Return a position as sealed JSON; equal positions give equal bytes."""
    return sealed({"format": _SNAPSHOT_FORMAT, "position": plain(position)})


def read_snapshot(key: str, body: bytes) -> Position:
    """Read what `write_snapshot` wrote. Raises `CorruptData`, naming `key`, for anything else."""
    content = unsealed(key, body)
    if content.get("format") != _SNAPSHOT_FORMAT:
        raise CorruptData(key, f"this release does not read snapshots of format {content.get('format')}")
    return from_plain(Position, content.get("position"), key=key)
