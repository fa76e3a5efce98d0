"""Drive a sweep to its end: start what the coordinator wants, and tell it what came of it.

Each turn writes once, before anything takes effect: the ends and points that came in, and what is
started because of them, are one object of the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.errors import Conflict, MlflowflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.clock import Clock
    from mlflowflow.sweeps.coordinator import Coordinator
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.holder import Hold
    from mlflowflow.sweeps.pool import Pool
    from mlflowflow.sweeps.requests import Requests
    from mlflowflow.sweeps.trial import Report, Trial, TrialEnd

#: How often requests are looked for and a sign of life is given, in seconds.
TICK_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one turn brought. `history` is the coordinator's own: read it at once, and change nothing."""

    history: SweepHistory
    started: tuple[Trial, ...] = ()
    ends: tuple[TrialEnd, ...] = ()
    reports: tuple[Report, ...] = ()
    pruned: tuple[int, ...] = ()


Watcher: TypeAlias = "Callable[[Turn], None]"


def run_sweep(
    coordinator: Coordinator,
    pool: Pool,
    *,
    requests: Requests,
    hold: Hold,
    clock: Clock,
    watch: Watcher,
    on_cut_off: Callable[[Trial], None],
    parallel: int | None = None,
) -> SweepHistory:
    """Run the sweep until it ends, or until somebody stops it, and return what is known of it then.

    At most `parallel` attempts (the spec's number by default) are in the `pool` at once. `watch`
    hears of every turn after it was written. When this call is interrupted, the attempts in flight
    are cancelled, `on_cut_off` hears of each, and the sweep can be continued with them. Raises
    `Conflict` if another coordinator has taken the sweep over; the runs are the other's then.
    """
    drive = _Drive(coordinator, pool, requests, hold, clock, watch)
    try:
        drive.to_the_end(parallel or coordinator.sweep.parallel, on_cut_off)
    except Conflict:
        pool.cancel()
        raise
    except BaseException:
        drive.cut_off(on_cut_off)
        raise
    return coordinator.history


@dataclass(slots=True)
class _Drive:
    """The turns of one call of `run_sweep`."""

    coordinator: Coordinator
    pool: Pool
    requests: Requests
    hold: Hold
    clock: Clock
    watch: Watcher
    looked_s: float | None = None

    def to_the_end(self, parallel: int, on_cut_off: Callable[[Trial], None]) -> None:
        ends: tuple[TrialEnd, ...] = ()
        reports: tuple[Report, ...] = ()
        while True:
            pruned = self._take(ends, reports)
            stop_now = self._look()
            started = self._starts(parallel)
            if not self.coordinator.running:
                self.coordinator.close()
            self.coordinator.commit()
            for trial in started:
                self.pool.submit(trial)
            for number in pruned:
                self.pool.prune(number)
            if started or ends or reports:
                self.watch(
                    Turn(
                        history=self.coordinator.history,
                        started=tuple(started),
                        ends=ends,
                        reports=reports,
                        pruned=tuple(pruned),
                    )
                )
            if stop_now:
                self.cut_off(on_cut_off)
                if not self.coordinator.running:
                    self.coordinator.close()
                self.coordinator.commit()
            if not self.coordinator.running:
                return
            news = self.pool.wait(TICK_S)
            ends, reports = news.ends, news.reports

    def _take(self, ends: tuple[TrialEnd, ...], reports: tuple[Report, ...]) -> list[int]:
        """Take what came in and return which trials are to be ended early.

        Points come first: nothing is said of an attempt after its end, so they were logged before it.
        """
        pruned = self.coordinator.report(reports) if reports else []
        for end in ends:
            self.coordinator.finish(end)
        over = {end.trial.number for end in ends}
        return [number for number in pruned if number not in over]

    def _starts(self, parallel: int) -> list[Trial]:
        started: list[Trial] = []
        while self.coordinator.running < parallel and (trial := self.coordinator.next_trial()) is not None:
            started.append(trial)
        return started

    def _look(self) -> bool:
        """Give a sign of life and follow requests, once a second; True if what runs is to be ended."""
        now = self.clock.monotonic_s()
        if self.looked_s is not None and now - self.looked_s < TICK_S:
            return False
        self.looked_s = now
        self.hold.beat()
        stop_now = [
            self.coordinator.follow(each) for each in self.requests.after(self.coordinator.history.requests)
        ]
        # An extension that was asked for after the stop has opened the sweep again.
        return any(stop_now) and self.coordinator.history.ended is not None

    def cut_off(self, on_cut_off: Callable[[Trial], None]) -> None:
        """End what runs, and write that it was cut off; if even that fails, the next coordinator finds out."""
        for trial in self.pool.cancel():
            self.coordinator.cut_off(trial)
            on_cut_off(trial)
        news = self.pool.wait(0.0)  # of attempts that were quicker than the cancellation
        self._take(news.ends, news.reports)
        try:
            self.coordinator.commit()
        except MlflowflowError:  # the error that brought us here is the one to report
            return
