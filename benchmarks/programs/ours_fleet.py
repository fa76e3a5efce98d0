"""Many writers that log for minutes, on a simulated clock and a store in memory that counts.

Trackers, writers, segments, signs of life, look-ups, compaction and collection are the real ones.
Simulated is only the thread that each process would have: it waits as `pace` says and then does
what the thread would do. The first look of each process at its experiment is left out, because it
reads every segment that is not folded yet; see the line of `requests` about it. Everything is counted
in the last part of the time, when the pace has settled.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from benchmarks.programs.paper_fleet import DAY_S, FOLD_S, GRACE_S, READ_PRICE, WRITE_PRICE
from benchmarks.programs.protocol import answer
from benchmarks.programs.store import CountingStore
from mlflowflow.clock import ManualClock
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.flusher import IDLE_S

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Generator

_EXPERIMENT: Final = "0"
#: A step of a training, in seconds; each logs one point.
_STEP_S: Final = 10.0
#: All processes of the fleet start within so many seconds.
_START_S: Final = 10.0


@dataclass(slots=True, kw_only=True)
class _Fleet:
    """A store, its clock, and who does what when: the earliest first."""

    clock: ManualClock = field(default_factory=ManualClock)
    agenda: list[tuple[float, int, Generator[float]]] = field(default_factory=list)

    def enter(self, actor: Generator[float], *, at_s: float) -> None:
        """Let `actor` begin at a time; what it yields are the seconds until it goes on."""
        heapq.heappush(self.agenda, (at_s, len(self.agenda), actor))

    def run(self, *, until_s: float) -> None:
        """Let everybody act up to a time, counted from the clock's beginning."""
        while self.agenda and self.agenda[0][0] <= until_s:
            now, number, actor = heapq.heappop(self.agenda)
            self.clock.advance(max(0.0, now - self.elapsed_s))
            pause = next(actor, None)
            if pause is not None:
                heapq.heappush(self.agenda, (now + pause, number, actor))

    @property
    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return self.clock.monotonic_s() - ManualClock().monotonic_s()


def measure(*, writers: int, seconds: float, settled_s: float) -> dict[str, object]:
    """Let `writers` log for `seconds`, and count from `settled_s` on."""
    fleet = _Fleet()
    store = CountingStore(MemoryBlobStore(clock=fleet.clock))
    hot: list[int] = []
    for number in range(writers):
        fleet.enter(_writer(store, fleet.clock), at_s=_START_S * number / writers)
    fleet.enter(_compactor(store, fleet.clock, hot), at_s=FOLD_S)
    fleet.run(until_s=settled_s)
    begun = store.taken()
    fleet.run(until_s=seconds)
    settled = store.taken()
    counted_s = seconds - settled_s
    return {
        "writes_per_s": _writes(settled) / counted_s,
        "dollars_per_day": _dollars(settled) / counted_s * DAY_S,
        "hot_objects": hot[-1],
        "objects": sum(1 for _ in store.list("")),
        "begun": begun,
        "settled": settled,
    }


def _writer(store: CountingStore, clock: ManualClock) -> Generator[float]:
    """Act like a process with one run: a point each step, and the background thread of a tracker."""
    tracker = Tracker(store, clock=clock, ids=RandomIds(clock), compact_at=10**9)
    stream = tracker._stream  # noqa: SLF001 - what its thread would do is done here
    stream.flusher.dirty = True  # nobody starts the thread
    tracker._openness._open.add(_EXPERIMENT)  # noqa: SLF001 - as if it had looked already
    run_id = tracker.create_run(_EXPERIMENT).info.run_id
    step = turn = 0
    while True:
        left = stream._pause(turn)  # noqa: SLF001 - how long its thread would wait
        while left > 0:
            tracker.log_metric(run_id, "loss", 0.5, step=step)
            step += 1
            yield min(_STEP_S, left)
            left -= _STEP_S
            if left > IDLE_S:
                stream._beat()  # noqa: SLF001 - as its thread does while it waits
        stream.flush_and_tend()
        turn += 1


def _compactor(store: CountingStore, clock: ManualClock, hot: list[int]) -> Generator[float]:
    """Fold and collect once a minute, and write down how many segments there were."""
    ids = RandomIds(clock)
    while True:
        hot.append(sum(1 for _ in store.uncounted.list(f"exp/{_EXPERIMENT}/hot/")))
        compact(store, _EXPERIMENT, clock=clock, ids=ids)
        collect(store, _EXPERIMENT, ids=ids, hot_grace_s=GRACE_S)
        yield FOLD_S


def _writes(calls: Counter[str]) -> int:
    return calls["put"] + calls["create"]


def _dollars(calls: Counter[str]) -> float:
    return (_writes(calls) + calls["list"]) * WRITE_PRICE + calls["get"] * READ_PRICE


if __name__ == "__main__":
    answer(measure)
