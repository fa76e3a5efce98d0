"""What must hold after every scenario, whatever happened in it: pure functions over what was seen.

A test writes down what it *attempted*, what was *acknowledged* to it, and what is *visible* in the
end. Facts carry their identity, the actor who logged them and a number, so that a loss, a double and
a swap of two can be told apart. Each function here returns the violations it finds, as sentences;
an empty list means that the promise was kept.

>>> ada = [Fact(actor="ada", number=number) for number in range(3)]
>>> nothing_lost(acknowledged=ada, visible=ada[:2])
["ada's fact 2 was acknowledged and is not visible."]
>>> each_once([*ada, ada[0]]), in_order([ada[1], ada[0]])
(["ada's fact 0 is visible 2 times."], ["ada's fact 0 is visible behind its fact 1."])
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mlflowflow.errors import MlflowflowError
from mlflowflow.testing.history import linearization

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

    from mlflowflow.testing.history import Call

_State = TypeVar("_State", bound="Hashable")


class Fact(NamedTuple):
    """One thing logged: who logged it, and as which of its things."""

    actor: str
    number: int

    def __str__(self) -> str:
        """Name the fact in a sentence."""
        return f"{self.actor}'s fact {self.number}"


def nothing_lost(*, acknowledged: Iterable[Fact], visible: Collection[Fact]) -> list[str]:
    """Demand that everything acknowledged is visible."""
    seen = set(visible)
    return [f"{fact} was acknowledged and is not visible." for fact in acknowledged if fact not in seen]


def nothing_invented(*, attempted: Collection[Fact], visible: Iterable[Fact]) -> list[str]:
    """Demand that everything visible was attempted."""
    tried = set(attempted)
    return [f"{fact} is visible and was never logged." for fact in visible if fact not in tried]


def each_once(visible: Iterable[Fact]) -> list[str]:
    """Demand that nothing is visible twice."""
    return [f"{fact} is visible {count} times." for fact, count in Counter(visible).items() if count > 1]


def each_step_once(points: Iterable[tuple[str, str, int]]) -> list[str]:
    """Demand that each run has one point of a metric at a step, as one that was tried again must.

    >>> each_step_once([("r", "loss", 1), ("r", "loss", 2), ("r", "loss", 1)])
    ["The run 'r' has 2 points of 'loss' at step 1."]
    """
    return [
        f"The run '{run_id}' has {count} points of '{key}' at step {step}."
        for (run_id, key, step), count in Counter(points).items()
        if count > 1
    ]


def in_order(visible: Iterable[Fact]) -> list[str]:
    """Demand that the facts of each actor are visible in the order of their numbers."""
    found: list[str] = []
    latest: dict[str, int] = {}
    for fact in visible:
        before = latest.get(fact.actor, fact.number)
        if fact.number < before:
            found.append(f"{fact} is visible behind its fact {before}.")
        latest[fact.actor] = max(before, fact.number)
    return found


def end_after_all(*, ended: bool, before_end: Iterable[Fact], visible: Collection[Fact]) -> list[str]:
    """Demand, where the end of a run is visible, that all acknowledged before the end is visible too."""
    seen = set(visible)
    missing = [fact for fact in before_end if fact not in seen] if ended else []
    return [f"The end is visible and {fact}, acknowledged before it, is not." for fact in missing]


def never_less(before: Iterable[Fact], after: Collection[Fact]) -> list[str]:
    """Demand that what one reader has seen stays visible to it."""
    seen = set(after)
    return [f"{fact} was visible and is not visible any more." for fact in before if fact not in seen]


def tied_rightly(told: Mapping[Fact, str], seen: Iterable[tuple[Fact, str]]) -> list[str]:
    """Demand that each fact is tied to what was `told` of it, to nothing ("") if nothing was.

    >>> tied_rightly({Fact("ada", 1): "wine"}, [(Fact("ada", 1), "beer"), (Fact("ada", 2), "")])
    ["ada's fact 1 is tied to 'beer' and was logged with 'wine'."]
    """
    return [
        f"{fact} is tied to '{link}' and was logged with '{told.get(fact, '')}'."
        for fact, link in seen
        if link != told.get(fact, "")
    ]


def spans(
    what: str, ends: tuple[float, float] | None, values: Collection[float], *, all_of: bool
) -> list[str]:
    """Demand that the `ends` of a range are among the `values`, and span `all_of` them if nobody logs any more.

    >>> spans("loss", (1.0, 2.0), [1.0, 2.0, 3.0], all_of=False), spans("loss", None, [], all_of=True)
    ([], [])
    >>> spans("loss", (1.0, 2.0), [1.0, 2.0, 3.0], all_of=True)
    ['The range of loss is 1.0 to 2.0 and its values go from 1.0 to 3.0.']
    """
    if ends is None:
        return [f"The range of {what} is not known."] if values and all_of else []
    whole = (min(values, default=ends[0]), max(values, default=ends[1]))
    if ends == whole or (not all_of and set(ends) <= set(values)):
        return []
    return [f"The range of {what} is {ends[0]} to {ends[1]} and its values go from {whole[0]} to {whole[1]}."]


def linearizable(
    history: Sequence[Call], *, initial: _State, step: Callable[[_State, Call], _State | None]
) -> list[str]:
    """Demand that one order of the calls explains all answers; see `history.linearization`."""
    if linearization(history, initial=initial, step=step) is not None:
        return []
    return [f"No order of these {len(history)} calls explains their answers: {list(history)}."]


def references_resolve(source: str, named: Mapping[str, str], present: Mapping[str, str]) -> list[str]:
    """Demand that all that `source` names is present, with the digest it is named with."""
    return [
        f"{source} names '{key}', which is {'changed' if key in present else 'missing'}."
        for key, digest in named.items()
        if present.get(key) != digest
    ]


def no_garbage(unreferenced: Iterable[str]) -> list[str]:
    """Demand that nothing is left which nobody refers to and every grace is over for."""
    return [f"'{key}' is referred to by nobody and still there." for key in unreferenced]


def unchanged(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Demand that repeating `what` changed nothing: the way to say that it is idempotent."""
    keys = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    return [f"Repeating {what} changed '{key}'." for key in keys]


def only_documented(errors: Iterable[tuple[str, BaseException]]) -> list[str]:
    """Demand that every error an actor met is one of this library: trouble is told, nothing crashes."""
    return [
        f"{actor} met {error!r}, which is no documented error."
        for actor, error in errors
        if not isinstance(error, MlflowflowError)
    ]


def drained(*, waiting: Mapping[str, int], rounds: int, bound: int) -> list[str]:
    """Demand that once the faults have stopped nothing is left `waiting` after at most `bound` rounds."""
    left = [f"{count} records of {actor} are still waiting." for actor, count in waiting.items() if count]
    late = [f"It took {rounds} rounds to come to rest, more than {bound}."] if rounds > bound else []
    return [*left, *late]


def same(what: str, results: Sequence[object]) -> list[str]:
    """Demand that all `results` of one seed are equal."""
    pairs = itertools.pairwise(results)
    return [f"{what} gave {one!r} once and {other!r} another time." for one, other in pairs if one != other]
