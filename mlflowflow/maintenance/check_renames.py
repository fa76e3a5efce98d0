"""Did every model that arrived under another name leave the old one, and as what it arrived?

An entry that a model arrived by carries all that it had, so whoever forges one can give a version other
files or move an alias without a decision. Each log by itself looks whole then; only the two together show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.maintenance.finding import contradiction
from mlflowflow.registry.change import ModelArrived, ModelRenamed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mlflowflow.maintenance.finding import Finding
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.state import ModelState

_ADVICE: Final = "One of the two logs was written by something else than this library. Keep both, and compare them with a backup."


class RenamesCheck:
    """What is noted of departures and arrivals while logs are replayed, and compared in the end."""

    def __init__(self) -> None:
        """Begin with none."""
        self._left: dict[tuple[str, int], tuple[str, ModelState]] = {}
        self._came: list[tuple[str, ModelArrived]] = []

    def note(self, key: str, entry: Entry, before: ModelState) -> None:
        """Note the `entry` at `key`, which was decided on the state `before`."""
        if isinstance(entry.change, ModelRenamed):
            self._left[entry.model, entry.seq] = (entry.digest, before)
        elif isinstance(entry.change, ModelArrived):
            self._came.append((key, entry.change))

    def findings(self, replayed: Collection[str]) -> Iterator[Finding]:
        """Yield the arrivals that do not fit; an origin whose log was not `replayed` whole tells nothing."""
        for key, came in self._came:
            head, state = self._left.get((came.origin, came.seq), ("", None))
            if (head, state) == (came.head, came.state) or came.origin not in replayed:
                continue
            how = "as something else than what left" if head == came.head else "and never left"
            sentence = f"By this decision the model '{came.origin}' arrived {how} that name."
            yield contradiction(key, sentence, advice=_ADVICE, about=came.origin)
