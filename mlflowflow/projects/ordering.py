"""Things in an order in which each follows what it needs, the same order every time."""

from __future__ import annotations

import heapq
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def in_order(needs: Mapping[str, Iterable[str]], *, noun: str) -> tuple[str, ...]:
    """Return the keys of `needs` so that each follows all it needs, else in the order they are given.

    >>> in_order({"b": ["a"], "c": [], "a": []}, noun="steps")
    ('c', 'a', 'b')

    Raises:
        InvalidInput: some need each other, or one that is not among the keys.
    """
    position = {name: index for index, name in enumerate(needs)}
    for name, wanted in needs.items():
        for other in wanted:
            if other not in position:
                raise InvalidInput(f"'{name}' needs '{other}', which is not among the {noun}.")
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError as error:
        first, *rest = reversed([str(name) for name in error.args[1]])
        chain = ", which needs ".join(f"'{name}'" for name in rest)
        raise InvalidInput(f"These {noun} need each other in a circle: '{first}' needs {chain}.") from error
    return tuple(_drain(sorter, position))


def _drain(sorter: TopologicalSorter[str], position: Mapping[str, int]) -> Iterable[str]:
    ready: list[tuple[int, str]] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heapq.heappush(ready, (position[name], name))
        _, name = heapq.heappop(ready)
        yield name
        sorter.done(name)
