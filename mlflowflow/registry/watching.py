"""Following a registry: every decision, once, in order, as it happens.

For each model the number of the next entry is kept, and what is read is exactly that entry. Entries
are never deleted and their numbers have no gaps, so nothing can be missed and nothing comes twice, also
not when the watcher was away: it goes on after the last number that it was given.

**Cost.** With nothing going on, watching one model is one small request per round. Watching all of
them is one listing of their names and one request per model. A round comes `every_s` seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.clock import Clock
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Where entries come from: the log of each name, the names there are, and the clock that waits."""

    ledger: Callable[[str], Ledger]
    names: Callable[[], list[str]]
    clock: Clock


def watch(
    logs: Logs,
    name: str | None = None,
    since: int | Mapping[str, int] | None = None,
    *,
    every_s: float = 1.0,
    until: Callable[[], bool] | None = None,
) -> Iterator[Entry]:
    """Yield the decisions about the model `name`, or about all, behind those numbered `since`.

    `since` is the number of the last entry that is known (-1: yield them from the first); for all models
    it maps names to such numbers, and models it does not name are yielded from the first. Without it
    only what happens from now on is yielded. `until` is asked after each round whether to stop; without
    it the watch ends when its reader does. Raises `InvalidInput` for a `since` that does not fit, and
    `CorruptData` for a damaged entry.

    A watch is of a *name*: it sees a model leave it (`model.renamed`) and does not go with it.
    """
    if every_s <= 0:
        raise InvalidInput(f"A watch looks every {every_s} seconds; expected more than 0.")
    return _rounds(logs, _Places(logs, name, since), every_s=every_s, until=until)


class _Places:
    """The number of the next entry of every log that is watched."""

    def __init__(self, logs: Logs, name: str | None, since: int | Mapping[str, int] | None) -> None:
        self._logs = logs
        self._name = name
        self.next: dict[str, int] = {}
        if isinstance(since, Mapping):
            self.next.update({each: _after(number) for each, number in since.items()})
        elif since is not None and name is None:
            raise InvalidInput(
                f"since={since} does not say of which model; give the model's name, or a mapping of names to numbers."
            )
        elif since is not None and name is not None:
            self.next[name] = _after(since)
        else:
            self.next.update({each: logs.ledger(each).position().seq + 1 for each in self.names()})

    def names(self) -> list[str]:
        return self._logs.names() if self._name is None else [self._name]


def _after(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < -1:
        raise InvalidInput(f"since={number!r} is not the number of an entry; expected -1 or more.")
    return number + 1


def _rounds(
    logs: Logs, places: _Places, *, every_s: float, until: Callable[[], bool] | None
) -> Iterator[Entry]:
    while True:
        for name in places.names():
            for entry in logs.ledger(name).entries(places.next.get(name, 0)):
                places.next[name] = entry.seq + 1
                yield entry
        if until is not None and until():
            return
        logs.clock.sleep(every_s)
