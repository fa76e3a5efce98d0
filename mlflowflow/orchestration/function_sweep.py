"""A sweep over a plain function, started from a script, a notebook or a flow: `mlflowflow.sweep`.

::

    from mlflowflow import sweep
    from mlflowflow.sweeps import asha, maximize, real

    tune = sweep(train, space={"lr": real(1e-4, 1e-1, log=True)}, objectives=maximize("accuracy"),
                 pruner=asha(1, 27), budget=50, parallel=4)
    result = tune.run()
    result.best.params

It is the same sweep that an MLproject file describes: a log in the store, a run for each trial, and
`mlff sweep status`, `stop`, `extend` and `plot` work with it. Prefect is not needed. Inside of a flow whose
tasks run on Dask, trials run on the flow's cluster.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidInput, InvalidState, NotFound, StepFailed
from mlflowflow.orchestration.failure import ended_with
from mlflowflow.orchestration.function_place import Client, flow_tags, workplace_of
from mlflowflow.orchestration.sweep_line import line
from mlflowflow.projects.sweep_spec import Visibility
from mlflowflow.projects.value import as_text
from mlflowflow.sweeps.building import sweep_spec_of
from mlflowflow.sweeps.calling import caller_of, name_of
from mlflowflow.sweeps.result import SweepResult
from mlflowflow.sweeps.trial import Outcome, Trial, refit_run_id
from mlflowflow.tracking.fluent.active import active_run
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Unpack

    import distributed

    from mlflowflow.clock import Clock
    from mlflowflow.orchestration.function_place import Where
    from mlflowflow.orchestration.pool import DaskPool
    from mlflowflow.orchestration.workplace import Workplace
    from mlflowflow.projects.sweep_spec import Objective, SweepSpec
    from mlflowflow.sweeps.building import SweepOptions
    from mlflowflow.sweeps.calling import Function
    from mlflowflow.sweeps.history import TrialRecord
    from mlflowflow.sweeps.words import Axis

_DIGEST_TAG: Final = "mlff.sweep.digest"


def sweep(
    function: Function,
    *,
    space: Mapping[str, Axis],
    objectives: Objective | Sequence[Objective],
    name: str = "",
    **options: Unpack[SweepOptions],
) -> FunctionSweep:
    """Return the sweep over `function`; nothing runs yet.

    The function takes the parameters by their names, ``fn(lr, depth)``, or all together, ``fn(params)``; a
    parameter ``trial`` gets the `LiveTrial`, with ``trial.report(value, step)`` and ``trial.should_prune()``. It
    returns the objective's value, a dict of metrics, or None if it logs them. Inside, its run is the one that
    ``mlflowflow.log_metric`` and the like log to.

    Args:
        function: what is to be optimized.
        space: dimensions by their names, made with `choice`, `integer` and `real`.
        objectives: one or several, made with `minimize` and `maximize`.
        name: what the sweep is called; the function's name by default.
        options: see `SweepOptions`: budget, sampler, pruner, parallel, timeout, isolated and more.

    Raises:
        InvalidInput: the function cannot take the parameters, or parts of the sweep make no sense.

    >>> from mlflowflow.sweeps import minimize, real
    >>> sweep(lambda x: x * x, space={"x": real(-1, 1)}, objectives=minimize("y"), budget=20, name="parabola")
    <FunctionSweep 'parabola': minimize y over x>
    """
    called = name or getattr(function, "__name__", type(function).__name__).strip("<>")
    spec = sweep_spec_of(called, entry_point=name_of(function), space=space, objectives=objectives, **options)
    caller_of(function, spec)
    if spec.visibility is not Visibility.SWEEP:
        raise InvalidInput(
            f"Sweep '{spec.name}' has visibility='{spec.visibility.value}', which shows trials as task runs of a "
            "project's flow; leave it out for a function, or make the function an entry point."
        )
    return FunctionSweep(function, spec)


class FunctionSweep:
    """A sweep over a function: `run` begins it, `resume` goes on with one that was interrupted or extended."""

    def __init__(self, function: Function, spec: SweepSpec, *, clock: Clock | None = None) -> None:
        """Sweep `function` as `spec` says."""
        self.function = function
        self.spec = spec
        self._clock = clock or SystemClock()

    def run(
        self,
        cluster: Where = None,
        *,
        experiment: str | None = None,
        store: str | Path | None = None,
        progress: bool | None = None,
    ) -> SweepResult:
        """Run the sweep to its end and return what it came to.

        `cluster` is ``"local:4"``, a scheduler's address, a file that describes a cluster, or a client or
        cluster of Dask's. None takes the flow's cluster, else Dask's default client if there is one, else as
        many workers on this machine as trials may run at once, and as it has processors. The sweep is a run
        of `experiment` in `store`, by default of those that are set, and a child of the active run.
        `progress` says whether a line is written while it runs, by default in a terminal.

        Raises:
            StepFailed: no trial came to a result.
            ClusterUnavailable: the cluster cannot be reached, or has no worker for the trials.
            InvalidInput: the store is visible to this process only.
        """
        place = workplace_of(store, experiment)
        parent = active_run()
        run = place.tracker().create_run(
            place.experiment_id,
            run_name=self.spec.name,
            parent_run_id=parent.run_id if parent else None,
            tags=self._tags(),
        )
        return self._conduct(place, run.info.run_id, cluster, progress=progress)

    def resume(
        self,
        run_id: str,
        cluster: Where = None,
        *,
        store: str | Path | None = None,
        progress: bool | None = None,
    ) -> SweepResult:
        """Go on with the sweep that is the run `run_id`: finished trials stay, what was cut off runs again.

        A sweep that has ended is only read, unless it was extended.

        Raises:
            NotFound: there is no such run.
            InvalidInput: it was begun with another spec, or the function has changed since.
            TakenOver: another process runs it.
        """
        place = workplace_of(store, None)
        found = place.tracker().get_run(run_id)
        if "mlff.sweep" not in found.data.tags:
            raise InvalidState(f"The run '{run_id}' is no sweep, so it cannot be resumed as one.")
        if found.data.tags.get(_DIGEST_TAG, self.spec.digest) != self.spec.digest:
            raise InvalidInput(
                f"Sweep '{self.spec.name}' has changed since run '{run_id}' began, or its function has. Resume it as "
                "it was, or start a new run."
            )
        place = place.in_experiment(found.info.experiment_id)
        place.tracker().create_run(place.experiment_id, run_id=run_id)
        return self._conduct(place, run_id, cluster, progress=progress)

    def _tags(self) -> dict[str, str]:
        return {
            "mlff.sweep": self.spec.name,
            _DIGEST_TAG: self.spec.digest,
            "mlflow.source.name": self.spec.entry_point,
            **flow_tags(),
        }

    def _conduct(
        self, place: Workplace, run_id: str, cluster: Where, *, progress: bool | None
    ) -> SweepResult:
        tracker = place.tracker()
        with ended_with(tracker, run_id):
            tracker.log_batch(run_id, params={key: as_text(value) for key, value in self.spec.params.items()})
            return self._result(place, run_id, cluster, progress=progress)

    def _result(self, place: Workplace, run_id: str, cluster: Where, *, progress: bool | None) -> SweepResult:
        from mlflowflow.orchestration.conduct import Score, conduct, log_winner, winner

        score = Score(
            sweep=self.spec, run_id=run_id, workplace=place, params=self.spec.params, clock=self._clock
        )
        with ExitStack() as stack:
            client = Client(stack, cluster, self.spec.parallel)
            hear = stack.enter_context(line(self._clock, wanted=progress))
            history = conduct(score, lambda: self._pool(client.get(), place, run_id), watch=hear)
            best = winner(history)
            log_winner(score, history, best)
            refit = self._refit(client, place, run_id, best) if self.spec.select.refit else None
        return SweepResult.of(history, refit_run_id=refit)

    def _pool(self, client: distributed.Client, place: Workplace, run_id: str, refit: str = "") -> DaskPool:
        from mlflowflow.orchestration.function_trial import FunctionWork
        from mlflowflow.orchestration.pool import DaskPool

        work = FunctionWork(
            function=self.function,
            sweep=self.spec,
            sweep_run_id=run_id,
            workplace=place,
            tags=flow_tags(),
            claims=refit,
            name="refit" if refit else "",
        )
        return DaskPool(
            client,
            sweep_run_id=refit or run_id,
            workplace=place,
            work=work,
            policy=self.spec.trial,
            clock=self._clock,
        )

    def _refit(self, client: Client, place: Workplace, run_id: str, best: TrialRecord) -> str:
        """Run the winner once more, as a run of its own, unless that was done; return its id."""
        from mlflowflow.orchestration.conduct import run_once

        trial = Trial(
            number=best.number,
            run_id=refit_run_id(run_id, best.number),
            params={**best.params, **self.spec.select.refit_params},
        )
        if _has_finished(place, trial.run_id):
            return trial.run_id
        end = run_once(
            lambda claims: self._pool(client.get(), place, run_id, refit=claims),
            trial,
            workplace=place,
            attempts=self.spec.trial.attempts,
        )
        if end.outcome is not Outcome.COMPLETED:
            raise StepFailed(f"{self.spec.name} refit", f"ended as {end.outcome.value}", tail=end.error)
        return trial.run_id

    def __repr__(self) -> str:
        """Show what is searched for what."""
        aims = ", ".join(f"{each.goal.value} {each.metric}" for each in self.spec.objectives)
        return f"<FunctionSweep '{self.spec.name}': {aims} over {', '.join(each.name for each in self.spec.space)}>"


def _has_finished(place: Workplace, run_id: str) -> bool:
    try:
        return place.tracker().get_run(run_id).info.status is RunStatus.FINISHED
    except NotFound:
        return False
