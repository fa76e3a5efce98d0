"""Sweeps as they may have gone: histories made by hand, for whatever reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from mlflowflow.clock import ManualClock
from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import Choice, FloatRange
from mlflowflow.projects.sweep_spec import Budget, Objective, Sampler, SamplerName, SweepSpec
from mlflowflow.sweeps.entry import (
    Asked,
    AttemptEnded,
    Batch,
    Closed,
    Coordinated,
    Ended,
    Ending,
    Entry,
    Extended,
    Opened,
    Origin,
    Reported,
    Started,
    Told,
)
from mlflowflow.sweeps.history import SweepHistory
from mlflowflow.sweeps.log import SweepLog
from mlflowflow.sweeps.trial import Outcome, TrialState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.value import Scalar
    from mlflowflow.storage.blob import BlobStore

RUN = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"

#: A sweep with one objective and room for 24 trials.
SPEC = SweepSpec(
    name="tune",
    entry_point="train",
    space=(
        FloatRange(name="C", low=0.1, high=100.0, log=True),
        Choice(name="model", options=("tree", "kernel")),
    ),
    objectives=(Objective(metric="loss", goal=Goal.MINIMIZE, prune=True),),
    budget=Budget(trials=24),
    sampler=Sampler(name=SamplerName.RANDOM, seed=7),
    parallel=2,
)
#: The same with two objectives.
TWO = replace(
    SPEC,
    objectives=(
        Objective(metric="auc", goal=Goal.MAXIMIZE, prune=True),
        Objective(metric="size", goal=Goal.MINIMIZE),
    ),
)


class Story:
    """A sweep that goes on as it is told; every deed takes `step_s` seconds."""

    def __init__(self, spec: SweepSpec = SPEC, *, run_id: str = RUN, step_s: float = 1.0) -> None:
        """Open the sweep, and let this machine coordinate it."""
        self.clock = ManualClock()
        self.history = SweepHistory(run_id)
        self.batches: list[Batch] = []
        self._step_s = step_s
        self.enter(Opened(sweep=spec, seed=7, params={"data": "rows.csv"}))
        self.enter(Coordinated(epoch=0, host="anvil", pid=4242))

    def enter(self, *entries: Entry) -> Self:
        """Let a step pass and write `entries`."""
        if self.batches:
            self.clock.advance(self._step_s)
        batch = Batch(
            at_us=self.clock.now_us(),
            elapsed_s=len(self.batches) * self._step_s,
            token="0" * 16,
            entries=entries,
        )
        self.batches.append(batch)
        self.history.add(batch)
        return self

    def start(self, params: Mapping[str, Scalar] | None = None) -> int:
        """Ask for a trial, start it, and return its number."""
        number = len(self.history.trials)
        wanted: Mapping[str, Scalar] = {"C": 1.0, "model": "tree"} if params is None else params
        self.enter(
            Asked(trial=number, params=wanted, origin=Origin.SAMPLER), Started(trial=number, attempt=1)
        )
        return number

    def report(self, trial: int, *points: tuple[int, float], prune: bool = False) -> Self:
        """Log points of a trial."""
        return self.enter(Reported(trial=trial, points=points, prune=prune))

    def end(
        self,
        trial: int,
        outcome: Outcome = Outcome.COMPLETED,
        *,
        error: str = "",
        seconds: float = 2.0,
        cost: float = 0.5,
        worker: str | None = None,
    ) -> Self:
        """End the attempt of a trial, which may have another."""
        attempt = len(self.history.trials[trial].attempts)
        return self.enter(
            AttemptEnded(
                trial=trial,
                attempt=attempt,
                outcome=outcome,
                seconds=seconds,
                cost=cost,
                error=error,
                worker=worker,
            )
        )

    def tell(self, trial: int, state: TrialState = TrialState.COMPLETE, *values: float) -> Self:
        """End a trial for good."""
        return self.enter(Told(trial=trial, state=state, values=values))

    def complete(self, *values: float, params: Mapping[str, Scalar] | None = None) -> int:
        """Run a trial to its good end."""
        number = self.start(params)
        self.end(number).tell(number, TrialState.COMPLETE, *values)
        return number

    def fail(self, error: str, outcome: Outcome = Outcome.ERROR) -> int:
        """Run a trial to its bad end."""
        number = self.start()
        self.end(number, outcome, error=error).tell(number, TrialState.FAILED)
        return number

    def close(self, why: Ending = Ending.TRIALS, sentence: str = "all 24 trials were tried") -> Self:
        """End the sweep."""
        return self.enter(Ended(why=why, sentence=sentence), Closed())

    def extend(self, trials: int) -> Self:
        """Follow a request for more trials."""
        return self.enter(Extended(request=self.history.requests, trials=trials))

    def write(self, store: BlobStore) -> SweepHistory:
        """Write everything into `store` as the sweep's log."""
        log = SweepLog(store, self.history.run_id)
        log.read()
        for batch in self.batches:
            clock = ManualClock(start_us=batch.at_us)
            log.append(batch.entries, clock=clock, token=batch.token, elapsed_s=batch.elapsed_s)
        return self.history


def mixed() -> Story:
    """Return a sweep with a trial in every state, the best being trial 2, in its fourth minute."""
    story = Story(step_s=5.0)
    story.complete(0.5)
    story.fail("ValueError: rows 17 are missing\n  trace")
    story.complete(0.25, params={"C": 12.5, "model": "kernel"})
    story.fail("ValueError: rows 4 are missing")
    pruned = story.start()
    story.report(pruned, (0, 0.9), (1, 0.8), prune=True)
    story.end(pruned, Outcome.PRUNED).tell(pruned, TrialState.PRUNED)
    outside = story.start()
    story.end(outside).tell(outside, TrialState.INFEASIBLE, 0.1)
    lost = story.start()
    story.end(lost, Outcome.WORKER_LOST, error="The worker is gone.")
    story.enter(Started(trial=lost, attempt=2))
    story.report(lost, (0, 0.7), (1, 0.6))
    story.enter(Asked(trial=7, params={"C": 3.0, "model": "tree"}, origin=Origin.SAMPLER))
    return story
