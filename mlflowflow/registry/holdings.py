"""Who held an alias or a stage, and from when to when: the answer to "what was in production on 3 May?".

It follows from a model's history alone. A version in stage None or Archived holds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlflowflow.registry.change import AliasRemoved, ModelDeleted, StageTransitioned, VersionDeleted
from mlflowflow.registry.version import ACTIVE_STAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.registry.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """`version` held `place`, an alias or a stage, from `from_us` until `to_us` (None: still) by decision `seq`."""

    place: str
    version: int
    from_us: int
    to_us: int | None
    actor: str
    seq: int


def holdings(history: Iterable[Entry]) -> list[Holding]:
    """Return who held which place when, by place and then by time. Several versions may hold a stage at once.

    >>> from mlflowflow.registry.change import AliasMoved
    >>> from mlflowflow.registry.entry import Entry
    >>> moves = [Entry(model="m", seq=n, at_us=n, actor="ann", change=AliasMoved(alias="live", version=n))
    ...          for n in (1, 2)]
    >>> [(each.version, each.from_us, each.to_us) for each in holdings(moves)]
    [(1, 1, 2), (2, 2, None)]
    """
    book = _Book()
    for entry in history:
        book.take(entry)
    return sorted([*book.closed, *book.open.values()], key=lambda each: (each.place, each.from_us, each.seq))


class _Book:
    """The holdings up to some decision: those that go on by place and version, and those that ended."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, int], Holding] = {}
        self.closed: list[Holding] = []

    def take(self, entry: Entry) -> None:
        change: Any = entry.change
        match change:
            case StageTransitioned():
                self._transitioned(entry, change)
            case AliasRemoved(alias=alias):
                self._end(entry, place=alias)
            case VersionDeleted(version=version):
                self._end(entry, version=version)
            case ModelDeleted():
                self._end(entry)
            case _ if change.kind in _MOVES:
                self._end(entry, place=change.alias)
                self._begin(entry, change.alias, change.version)
            case _:
                return

    def _transitioned(self, entry: Entry, change: StageTransitioned) -> None:
        for version in (change.version, *change.archived):
            for stage in ACTIVE_STAGES:
                self._end(entry, place=stage.value, version=version)
        if change.stage in ACTIVE_STAGES:
            self._begin(entry, change.stage.value, change.version)

    def _begin(self, entry: Entry, place: str, version: int) -> None:
        self.open[place, version] = Holding(
            place=place, version=version, from_us=entry.at_us, to_us=None, actor=entry.actor, seq=entry.seq
        )

    def _end(self, entry: Entry, *, place: str | None = None, version: int | None = None) -> None:
        ended = [mark for mark in self.open if place in {None, mark[0]} and version in {None, mark[1]}]
        self.closed.extend(replace(self.open.pop(mark), to_us=entry.at_us) for mark in ended)


#: Changes that give an alias to a version.
_MOVES = frozenset({"alias.moved", "alias.promoted", "alias.rolled-back"})
