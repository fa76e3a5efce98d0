"""Trials as plain Dask tasks, submitted from the flow's process and released once recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import distributed
from distributed.scheduler import KilledWorker

from mlflowflow.errors import StepFailed
from mlflowflow.orchestration.step import StepCall, StepResult, run_step
from mlflowflow.orchestration.sweep import Trial, TrialEnd

if TYPE_CHECKING:
    from collections.abc import Callable


class DaskPool:
    """Run trials on the cluster of `client`; `call` makes the worker's instructions for a trial.

    A future is released as soon as its result is read: Dask would otherwise repeat finished trials
    when the worker that holds their results dies.
    """

    def __init__(self, client: distributed.Client, call: Callable[[Trial], StepCall]) -> None:
        """Submit through `client`, which stays its owner's."""
        self._client = client
        self._call = call
        self._running: dict[Any, Trial] = {}

    def submit(self, trial: Trial) -> None:
        """Start an attempt of `trial` on some worker."""
        call = self._call(trial)
        future = self._client.submit(
            run_trial, call, attempt=trial.attempt, key=f"trial-{trial.run_id}-{trial.attempt}", pure=False
        )
        self._running[future] = trial

    def wait(self) -> list[TrialEnd]:
        """Block until some attempt ended, and return all that have."""
        next(iter(distributed.as_completed(list(self._running), loop=self._client.loop)))
        done = [future for future in self._running if future.done()]
        return [self._take(future) for future in done]

    def _take(self, future: Any) -> TrialEnd:
        trial = self._running.pop(future)
        try:
            if future.status == "finished":
                result: StepResult = future.result()
                return TrialEnd(trial=trial, metrics=result.metrics)
            return TrialEnd(trial=trial, error=_error(future, trial))
        finally:
            future.release()

    def cancel(self) -> list[Trial]:
        """Cancel all running attempts; their commands are ended by the workers."""
        cut_off = list(self._running.values())
        self._client.cancel(list(self._running), force=True)
        self._running.clear()
        return cut_off


def _error(future: Any, trial: Trial) -> Exception:
    if future.status == "cancelled":
        return StepFailed(f"trial {trial.number}", "was cancelled")
    error: Exception = future.exception()
    if isinstance(error, KilledWorker):
        return StepFailed(
            f"trial {trial.number}",
            "lost its worker several times; it may need more memory than a worker has",
        )
    return error


def run_trial(call: StepCall, *, attempt: int) -> StepResult:
    """Run one attempt of a trial on the worker that executes this."""
    return run_step(call, attempt=attempt, is_cancelled=task_is_cancelled())


def task_is_cancelled() -> Callable[[], bool]:
    """Return a question to ask from the executing Dask task: does nobody want its result any more?

    Dask does not interrupt a running function. It marks the task when it is cancelled, or when the
    client that wanted it has gone; the step asks, and ends its command. Outside a worker the answer
    is always False.
    """
    try:
        worker = distributed.get_worker()
        key = worker.get_current_task()
    except ValueError:
        return lambda: False

    def is_cancelled() -> bool:
        task = worker.state.tasks.get(key)
        return task is None or task.state in {"cancelled", "released"}

    return is_cancelled
