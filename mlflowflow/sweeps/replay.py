"""Give a sweep's log to a fresh sampler and a fresh judge: to go on with it, or to check it.

Going on needs the sampler's state only, so trials are adopted where that leads to the same state
(`Suggester.is_memoryless`), and asked for again elsewhere. Checking asks for every trial. What comes
out otherwise than the log says is a `Difference`: another release of Optuna wrote the log, as a rule.
The trials of the log are then taken as they were, which is sound; later suggestions are not those
that the first coordinator would have made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData
from mlflowflow.projects.value import frozen
from mlflowflow.sweeps.entry import Asked, Opened, Reported, Told
from mlflowflow.sweeps.pruning import make_judge
from mlflowflow.sweeps.suggestion import make_suggester, versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.entry import Batch, Entry
    from mlflowflow.sweeps.pruning import Judge
    from mlflowflow.sweeps.suggestion import Suggester

#: By so much may a number differ because another processor adds up in another order.
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One decision about trial `trial` that would not be made again, in words."""

    trial: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a replay found: what was suggested and decided again, and what came out otherwise.

    `written_with` and `read_with` are the releases on which suggestions depend, where the log names them.
    """

    asked: int
    told: int
    weighed: int
    differences: tuple[Difference, ...]
    written_with: Mapping[str, str] = field(default_factory=lambda: frozen({}))
    read_with: Mapping[str, str] = field(default_factory=lambda: frozen({}))

    @property
    def sentence(self) -> str:
        """Say what came out.

        >>> Replay(asked=3, told=2, weighed=0, differences=()).sentence
        'All 3 suggestions and 0 pruning decisions were made again.'
        """
        if not self.differences:
            return f"All {self.asked} suggestions and {self.weighed} pruning decisions were made again."
        return (
            f"{len(self.differences)} of {self.asked} suggestions and {self.weighed} pruning decisions differ. "
            f"{self.differences[0].sentence}{_releases(self.written_with, self.read_with)}"
        )


def _releases(written: Mapping[str, str], read: Mapping[str, str]) -> str:
    changed = sorted(name for name in written if written[name] != read.get(name))
    if not changed:
        return ""
    return " The log was written with {} and is read with {}.".format(
        *(", ".join(f"{name} {which.get(name, '?')}" for name in changed) for which in (written, read))
    )


def replay(batches: Iterable[Batch]) -> Replay:
    """Make all decisions of a sweep again from its log and return where they differ.

    Asking a model-based sampler takes as long as it took then. Raises `CorruptData` if the log does not
    begin with what the sweep is, `MissingExtra` if the sampler's package is not installed.
    """
    entries = [entry for batch in batches for entry in batch.entries]
    opened = _opened(entries)
    reader = _Reader(
        make_suggester(opened.sweep, opened.seed), make_judge(opened.sweep, opened.seed), again=True
    )
    for entry in entries:
        reader.take(entry)
    return Replay(
        asked=reader.asked,
        told=reader.told,
        weighed=reader.weighed,
        differences=tuple(reader.differences),
        written_with=opened.versions,
        read_with=frozen(versions()),
    )


def feed(batches: Iterable[Batch], suggester: Suggester, judge: Judge) -> tuple[Difference, ...]:
    """Bring `suggester` and `judge`, both fresh, to where the log ends.

    Returns what was suggested otherwise on the way, which is nothing unless another release wrote the
    log. What the log says holds in any case.
    """
    reader = _Reader(suggester, judge, again=False)
    for batch in batches:
        for entry in batch.entries:
            reader.take(entry)
    return tuple(reader.differences)


def changed_course(opened: Opened, differences: Sequence[Difference]) -> str:
    """Say what the `differences` that `feed` found mean for a sweep that goes on; nothing if there are none."""
    if not differences:
        return ""
    return (
        f"Sweep '{opened.sweep.name}' goes on with other suggestions than it would have had before; its trials stay "
        f"as they are. {differences[0].sentence}{_releases(opened.versions, versions())}"
    )


def _opened(entries: Sequence[Entry]) -> Opened:
    first = entries[0] if entries else None
    if not isinstance(first, Opened):
        raise CorruptData("the log of a sweep", "it does not begin with what the sweep is")
    return first


class _Reader:
    """Take the entries of a log in their order; `again` asks even where adopting would do."""

    def __init__(self, suggester: Suggester, judge: Judge, *, again: bool) -> None:
        self._suggester = suggester
        self._judge = judge
        self._again = again
        self._start: tuple[Mapping[str, Scalar], ...] = ()
        self._last: dict[int, tuple[int, float]] = {}
        self.differences: list[Difference] = []
        self.asked = 0
        self.told = 0
        self.weighed = 0

    def take(self, entry: Entry) -> None:
        match entry:
            case Opened():
                self._start = entry.start
            case Asked():
                self._asked(entry)
            case Reported():
                self._reported(entry)
            case Told():
                self._told(entry)
            case _:
                return

    def _asked(self, entry: Asked) -> None:
        self.asked += 1
        if self._suggester.is_memoryless and not self._again:
            self._suggester.adopt(entry.params)
            return
        start = self._start[entry.trial] if entry.trial < len(self._start) else None
        params = self._suggester.ask(start)
        if params is None:
            self._suggester.adopt(entry.params)
        elif _is_same(params, entry.params):
            return
        else:
            self._suggester.amend(entry.params)
        self._differs(
            entry.trial, f"was given {dict(entry.params)}, and now {params or 'nothing'} is suggested"
        )

    def _reported(self, entry: Reported) -> None:
        self._last[entry.trial] = entry.points[-1]
        decisions = [self._judge.report(entry.trial, step, value) for step, value in entry.points]
        self.weighed += len(decisions)
        if any(decisions[:-1]) or decisions[-1] != entry.prune:
            was, now = ("ended", "goes on") if entry.prune else ("went on", "is ended")
            self._differs(entry.trial, f"{was} at step {entry.points[-1][0]}, and now {now}")

    def _told(self, entry: Told) -> None:
        self.told += 1
        self._suggester.tell(
            entry.trial,
            entry.state,
            values=entry.values,
            excesses=entry.excesses,
            last_point=self._last.pop(entry.trial, None),
        )
        self._judge.end(entry.trial, entry.state)

    def _differs(self, trial: int, what: str) -> None:
        self.differences.append(Difference(trial=trial, sentence=f"Trial {trial} {what}."))


def _is_same(one: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> bool:
    """Answer whether the parameters are equal, but for another processor's rounding."""
    return one.keys() == other.keys() and all(_is_close(value, other[name]) for name, value in one.items())


def _is_close(one: Scalar, other: Scalar) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_ROUNDING, abs_tol=_ROUNDING)
    return one == other
