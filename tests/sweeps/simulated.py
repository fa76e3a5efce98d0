"""A pool without processes: trials take simulated time, and everything that can happen to them happens."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.sweeps.coordinator import Coordinator
from mlflowflow.sweeps.entry import Opened
from mlflowflow.sweeps.holder import Hold
from mlflowflow.sweeps.log import SweepLog
from mlflowflow.sweeps.pool import News
from mlflowflow.sweeps.requests import Requests
from mlflowflow.sweeps.running import Turn, run_sweep
from mlflowflow.sweeps.trial import Outcome, Report, Trial, TrialEnd
from tests.sweeps.examples import RUN_ID

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.sweeps.history import SweepHistory


def bowl(params: Mapping[str, Scalar]) -> dict[str, float]:
    """Return the metrics of a trial: the further from the middle, the worse."""
    x = float(params["x"])
    return {"loss": (x - 0.5) ** 2, "size": x}


@dataclass(slots=True, kw_only=True)
class World:
    """What outlives coordinators: executions that happened, and how often each trial came to a result."""

    random: random.Random
    clock: ManualClock = field(default_factory=ManualClock)
    lost: float = 0.0
    failing: float = 0.0
    repeated: float = 0.0
    epochs: int = 0
    measure: Callable[[Mapping[str, Scalar]], Mapping[str, float]] = bowl
    on_submit: Callable[[Trial], None] = lambda _trial: None
    executed: dict[int, list[tuple[int, Mapping[str, Scalar]]]] = field(default_factory=dict[int, Any])
    most_running: int = 0


@dataclass(slots=True)
class _Attempt:
    trial: Trial
    ends_s: float
    epoch: int = 0
    pruned: bool = False


class SimulatedPool:
    """Run attempts in simulated time, in an order that the world's dice decide."""

    def __init__(self, world: World) -> None:
        """Run in `world`."""
        self._world = world
        self._running: dict[int, _Attempt] = {}

    def submit(self, trial: Trial) -> None:
        """Start it; it takes a second or so."""
        world = self._world
        assert trial.number not in self._running
        world.on_submit(trial)
        world.executed.setdefault(trial.number, []).append((trial.attempt, trial.params))
        took = world.random.uniform(0.5, 1.5)
        self._running[trial.number] = _Attempt(trial, world.clock.monotonic_s() + took)
        world.most_running = max(world.most_running, len(self._running))

    def wait(self, timeout_s: float) -> News:
        """Let time pass until the next attempt ends, or logs a point."""
        world = self._world
        if not self._running:
            return News()
        attempt = min(self._running.values(), key=lambda each: each.ends_s)
        if attempt.epoch < world.epochs and not attempt.pruned:
            attempt.epoch += 1
            world.clock.advance(0.01)
            trial = attempt.trial
            value = self._metrics(trial)["loss"] + 1.0 / attempt.epoch
            report = Report(number=trial.number, attempt=trial.attempt, step=attempt.epoch, value=value)
            return News(reports=(report,))
        left = attempt.ends_s - world.clock.monotonic_s()
        if left > timeout_s:
            world.clock.advance(timeout_s)
            return News()
        world.clock.advance(max(0.0, left))
        del self._running[attempt.trial.number]
        return News(ends=(self._end(attempt),))

    def _metrics(self, trial: Trial) -> Mapping[str, float]:
        return self._world.measure(trial.params)

    def _end(self, attempt: _Attempt) -> TrialEnd:
        world, trial = self._world, attempt.trial
        if attempt.pruned:
            return TrialEnd(trial=trial, outcome=Outcome.PRUNED, attempt=trial.attempt, seconds=0.5)
        if world.random.random() < world.lost:
            return TrialEnd(trial=trial, outcome=Outcome.WORKER_LOST, attempt=trial.attempt, seconds=1.0)
        if world.random.random() < world.failing:
            return TrialEnd(
                trial=trial,
                outcome=Outcome.ERROR,
                attempt=trial.attempt,
                seconds=1.0,
                error="OSError: no space",
                error_class="OSError",
            )
        made = trial.attempt + (world.random.random() < world.repeated)
        metrics = {name: value for name, value in self._metrics(trial).items() if not math.isinf(value)}
        return TrialEnd(trial=trial, outcome=Outcome.COMPLETED, attempt=made, metrics=metrics, seconds=1.0)

    def prune(self, number: int) -> None:
        """End it soon."""
        if number in self._running:
            self._running[number].pruned = True

    def cancel(self) -> list[Trial]:
        """Stop everything."""
        cut_off = [each.trial for each in self._running.values()]
        self._running.clear()
        return cut_off

    def close(self) -> None:
        """Hold nothing."""
        self.cancel()


def coordinator_of(
    store: BlobStore, sweep: SweepSpec, *, clock: ManualClock | None = None, token: str = "one", seed: int = 7
) -> Coordinator:
    """Open the sweep in `store`."""
    return Coordinator(
        SweepLog(store, RUN_ID),
        Opened(sweep=sweep, seed=seed),
        run_id=RUN_ID,
        clock=clock or ManualClock(),
        token=token,
    )


def run_in(
    world: World,
    store: BlobStore,
    sweep: SweepSpec,
    *,
    token: str = "one",
    watch: Callable[[Turn], None] = lambda _turn: None,
    cut_off: list[Trial] | None = None,
    pool: SimulatedPool | None = None,
) -> SweepHistory:
    """Coordinate `sweep` in `store` until it ends."""
    gone: list[Trial] = [] if cut_off is None else cut_off
    clock, ids = world.clock, SequentialIds()
    hold = Hold(store, RUN_ID, token=token, clock=clock, ids=ids, take_over=True)
    with hold:
        return run_sweep(
            coordinator_of(store, sweep, clock=clock, token=token),
            pool or SimulatedPool(world),
            requests=Requests(store, RUN_ID),
            hold=hold,
            clock=clock,
            watch=watch,
            on_cut_off=gone.append,
        )
