"""Replaying a model's decisions from the very first: is the history the one that was written?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.errors import CorruptData
from mlflowflow.registry.change import ModelArrived, ModelRenamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.registry.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was replayed and found intact.

    `entries` counts the decisions under all names the model has had (`names`, the first one first), and
    `head` is the digest of the last: whoever keeps it elsewhere can tell later whether the log was cut.
    """

    names: tuple[str, ...]
    entries: int
    head: str


def verified(ledger: Callable[[str], Ledger], name: str) -> Verification:
    """Replay the log of `name` and those it continues. Raises `CorruptData`, naming the first break."""
    last = ledger(name).verify()
    names, counts = [name], {name: last.seq + 1}
    for came in _arrivals(ledger, name):
        count = _verify_origin(ledger(came.origin), came)
        counts.setdefault(
            came.origin, count
        )  # of a name the model had twice, the later part holds the earlier
        names.append(came.origin)
    return Verification(names=tuple(reversed(names)), entries=sum(counts.values()), head=last.head)


def _arrivals(ledger: Callable[[str], Ledger], name: str) -> Iterator[ModelArrived]:
    """Yield how the model came to its name, to the name before that, and so on."""
    until: int | None = None
    while True:
        changes = (each.change for each in ledger(name).entries() if until is None or each.seq <= until)
        came = [change for change in changes if isinstance(change, ModelArrived)]
        if not came:
            return
        yield came[-1]
        name, until = came[-1].origin, came[-1].seq


def _verify_origin(origin: Ledger, came: ModelArrived) -> int:
    """Compare what arrived with what left, and return the number of entries up to there."""
    origin.verify()
    key = origin.key(came.seq)
    left = next((each for each in origin.entries() if each.seq == came.seq), None)
    if left is None or left.digest != came.head or not isinstance(left.change, ModelRenamed):
        raise CorruptData(key, "it is not the entry by which the model left for another name")
    if origin.position_before(came.seq).state != came.state:
        raise CorruptData(key, "the model arrived under another name as something else than what left here")
    return came.seq + 1
