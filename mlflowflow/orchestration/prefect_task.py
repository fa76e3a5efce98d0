"""Steps as Prefect task runs: on Dask workers for commands, in the flow's process for decisions.

Task runs carry their step's name, and the step's run id as the tag ``mlff.run:<id>``. Prefect's
own caching is off: what may be reused is decided by the store (:mod:`mlflowflow.orchestration.execution`).
Decisions stay in the flow's process because a worker may run a task twice when it is lost, and
because Prefect's rollback hooks do not reach workers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from prefect import Task, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext

from mlflowflow.orchestration.contact import task_is_cancelled
from mlflowflow.orchestration.step import StepCall, StepResult, run_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.projects.sections import Retries

_Result = TypeVar("_Result")


class _Sealed:
    """A step call that Prefect passes on as it is: it searches collections and dataclasses for futures."""

    def __init__(self, call: StepCall) -> None:
        self.call = call


@task(cache_policy=NO_CACHE, persist_result=False)
def run_entry_point(sealed: _Sealed) -> StepResult:
    """Run a step's command on the worker that executes this task."""
    log = get_run_logger()
    task_run_id, attempt = _current_task_run()
    call = sealed.call
    known = replace(call, tags={**call.tags, "prefect.task_run_id": task_run_id})
    return run_step(known, attempt=attempt, on_line=log.info, is_cancelled=task_is_cancelled())


def submit(call: StepCall, retries: Retries) -> Callable[[], StepResult]:
    """Start the step on the flow's Dask cluster; the returned function waits for its end."""
    future = _named(run_entry_point, call.step, run_id=call.run_id, retries=retries).submit(_Sealed(call))
    return lambda: cast("StepResult", future.result())


def run_here(step_id: str, run_id: str, action: Callable[[str], _Result], *, retries: Retries) -> _Result:
    """Run `action` in the flow's process as the task run `step_id`; it is given the task run's id."""

    @task(cache_policy=NO_CACHE, persist_result=False)
    def here() -> _Result:
        return action(_current_task_run()[0])

    return cast("_Result", _named(here, step_id, run_id=run_id, retries=retries)())


def _named(step_task: Task[Any, Any], step_id: str, *, run_id: str, retries: Retries) -> Task[Any, Any]:
    return step_task.with_options(
        name=step_id,
        task_run_name=step_id,
        tags=[f"mlff.run:{run_id}"],
        retries=retries.max,
        retry_delay_seconds=retries.delay_s,
    )


def _current_task_run() -> tuple[str, int]:
    context = TaskRunContext.get()
    assert context is not None
    return str(context.task_run.id), max(1, context.task_run.run_count)
