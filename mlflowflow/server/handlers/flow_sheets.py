"""Flows as their runs tell of them, and what goes on now.

Nothing is asked of Prefect: a flow's root run and the runs of its steps are in the store, with the ids under
which Prefect knows them. So a page shows flows of any machine, also long after Prefect has forgotten them.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from mlflowflow.config import prefect_pages
from mlflowflow.errors import NotFound
from mlflowflow.server.handlers.sheets import version_of, version_of_all
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlflowflow.server.desk import Desk
    from mlflowflow.server.flow_sheets import (
        AskFlow,
        FlowAnswer,
        FlowRow,
        FlowsAnswer,
        FlowStep,
        GoingOn,
        NowAnswer,
    )
    from mlflowflow.server.message import Message
    from mlflowflow.tracking.run import Run

#: So many flows are listed, and so many runs of each are looked at.
MOST_FLOWS: Final = 200
MOST_RUNS: Final = 2_000
#: So many runs of a kind stand on the page of what goes on.
MOST_NOW: Final = 20
_PLAN, _ROOT, _STEP, _TRIAL = "mlff.plan", "mlff.root", "mlff.step", "mlff.trial"
_PARENT: Final = "mlflow.parentRunId"
_FLOWS: Final = f"tags.`{_PLAN}` IS NOT NULL"
_NEWEST: Final = ("attributes.start_time DESC",)


def version_of_list(desk: Desk, asked: Message) -> str:
    """Return what changes with any run."""
    return version_of_all(desk, asked)


def version(desk: Desk, asked: AskFlow) -> str:
    """Return what changes with the runs of the flow's experiment. Raises `NotFound`."""
    return version_of(desk, [desk.tracker.experiment_of(asked.run_id)])


# ---- the list ----------------------------------------------------------------------------------------------


def flows(desk: Desk, _asked: Message) -> FlowsAnswer:
    """Return the newest flows with their steps counted up."""
    names = _names(desk)
    found = desk.tracker.search_runs(
        list(names), filter_string=_FLOWS, order_by=_NEWEST, max_results=MOST_FLOWS + 1
    )
    rows = [_flow(each, names, _steps_of(desk, each)) for each in found[:MOST_FLOWS]]
    return {"flows": rows, "total": len(found)}


def _names(desk: Desk) -> dict[str, str]:
    return {each.experiment_id: each.name for each in desk.tracker.list_experiments(view="active")}


def _steps_of(desk: Desk, root: Run) -> list[Run]:
    """Return the runs of a flow's steps, without trials, in the order in which they began."""
    found = desk.tracker.search_runs(
        [root.info.experiment_id],
        filter_string=f"tags.`{_PARENT}` = '{root.info.run_id}' AND tags.`{_STEP}` IS NOT NULL",
        order_by=("attributes.start_time ASC",),
        max_results=MOST_RUNS,
    )
    return list(found)


def _flow(root: Run, names: Mapping[str, str], steps: Iterable[Run]) -> FlowRow:
    steps = list(steps)
    tags = root.data.tags
    project = next(
        (each.data.tags["mlflow.source.name"] for each in steps if "mlflow.source.name" in each.data.tags), ""
    )
    counts = Counter(each.info.status.value for each in steps)
    return {
        "run_id": root.info.run_id,
        "name": tags.get("mlflow.project.entryPoint", root.info.run_name or ""),
        "kind": tags.get(_PLAN, ""),
        "project": tags.get("mlflow.source.name", project),
        "experiment_id": root.info.experiment_id,
        "experiment": names.get(root.info.experiment_id, root.info.experiment_id),
        "user": root.info.user_id,
        "status": root.info.status.value,
        "begun_ms": root.info.start_time,
        "ended_ms": root.info.end_time,
        "steps": dict(counts),
    }


# ---- one flow ----------------------------------------------------------------------------------------------


def flow(desk: Desk, asked: AskFlow) -> FlowAnswer:
    """Return one flow with its steps. Raises `NotFound` for a run that is no flow."""
    root = desk.tracker.get_run(asked.run_id)
    tags = root.data.tags
    if _PLAN not in tags:
        raise NotFound("flow", asked.run_id, hint="Flows are the runs that 'mlff run PROJECT' begins.")
    steps = _steps_of(desk, root)
    row = _flow(root, _names(desk), steps)
    return {
        "flow": row,
        "params": dict(root.data.params),
        "failure": tags.get("mlff.failure", ""),
        "digest": tags.get("mlff.project.digest", ""),
        "flow_run_id": tags.get("prefect.flow_run_id", ""),
        "prefect": prefect_pages(),
        "dashboard": tags.get("mlff.dask.dashboard", ""),
        "report": tags.get("mlff.dask.report", ""),
        "command": _command(row, root.data.params),
        "steps": _shown(desk, root, steps),
    }


def _command(row: FlowRow, params: Mapping[str, str]) -> str:
    given = [part for name, value in sorted(params.items()) for part in ("-P", f"{name}={value}")]
    named = ["--experiment", row["experiment"]] if row["experiment"] else []
    return shlex.join(["mlff", "run", row["project"] or "PROJECT", "-e", row["name"], *named, *given])


def _shown(desk: Desk, root: Run, steps: Sequence[Run]) -> list[FlowStep]:
    trials = _trials_of(desk, root, [each for each in steps if "mlff.sweep" in each.data.tags])
    made = {each.info.run_id: _outputs(each) for each in steps}
    return [
        {
            "name": each.data.tags[_STEP],
            "run_id": each.info.run_id,
            "status": each.info.status.value,
            "begun_ms": each.info.start_time,
            "ended_ms": each.info.end_time,
            "attempts": int(each.data.tags.get("mlff.attempt", "1")),
            "entry_point": each.data.tags.get("mlflow.project.entryPoint", ""),
            "sweep": each.data.tags.get("mlff.sweep", ""),
            "trials": trials.get(each.info.run_id, {}),
            "model": each.data.tags.get("mlff.model", ""),
            "verdict": each.data.tags.get("mlff.verdict", ""),
            "sentence": each.data.tags.get("mlff.verdict.sentence", each.data.tags.get("mlff.failure", "")),
            "task_run_id": each.data.tags.get("prefect.task_run_id", ""),
            "after": [
                other.data.tags[_STEP] for other in steps[:at] if _is_given(each, made[other.info.run_id])
            ],
        }
        for at, each in enumerate(steps)
    ]


def _outputs(step: Run) -> set[str]:
    """Return what names the outputs of a step where they are given to another: its run, and what it made."""
    try:
        result = json.loads(step.data.tags.get("mlff.step.result", "{}"))
    except ValueError:
        result = {}
    found = {str(each) for each in result.get("outputs", {}).values()} if isinstance(result, dict) else set()
    if "mlflow.project.entryPoint" not in step.data.tags and "mlff.verdict" not in step.data.tags:
        found |= {step.data.tags["mlff.model"]} if "mlff.model" in step.data.tags else set()
    return found | {f"runs:/{step.info.run_id}"}


def _is_given(step: Run, made: set[str]) -> bool:
    texts = [*step.data.params.values(), step.data.tags.get("mlff.model", "")]
    return any(text == each or text.startswith(f"{each}/") for each in made for text in texts)


def _trials_of(desk: Desk, root: Run, sweeps: Sequence[Run]) -> dict[str, dict[str, int]]:
    """Return how many trials of each sweep are in which state, as their runs say."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sweep in sweeps:
        for each in desk.tracker.search_runs(
            [root.info.experiment_id],
            filter_string=f"tags.`{_PARENT}` = '{sweep.info.run_id}'",
            max_results=MOST_RUNS,
        ):
            found[sweep.info.run_id][each.info.status.value] += 1
    return {run_id: dict(counts) for run_id, counts in found.items()}


# ---- what goes on now --------------------------------------------------------------------------------------


def now(desk: Desk, _asked: Message) -> NowAnswer:
    """Return what runs and what failed of late, of the runs that nothing else began."""
    names = _names(desk)
    running, failed = (_going_on(desk, names, status) for status in (RunStatus.RUNNING, RunStatus.FAILED))
    failed.sort(key=lambda row: row["ended_ms"] or row["begun_ms"], reverse=True)
    return {
        "running": running[:MOST_NOW],
        "running_total": len(running),
        "failed": failed[:MOST_NOW],
        "failed_total": len(failed),
    }


def _going_on(desk: Desk, names: Mapping[str, str], status: RunStatus) -> list[GoingOn]:
    found = desk.tracker.search_runs(
        list(names),
        filter_string=f"attributes.status = '{status.value}' AND tags.`{_PARENT}` IS NULL",
        order_by=_NEWEST,
        max_results=MOST_RUNS,
    )
    return [
        {
            "run_id": each.info.run_id,
            "name": each.info.run_name or each.info.run_id,
            "kind": _kind(each),
            "experiment_id": each.info.experiment_id,
            "experiment": names.get(each.info.experiment_id, ""),
            "user": each.info.user_id,
            "begun_ms": each.info.start_time,
            "ended_ms": each.info.end_time,
            "failure": each.data.tags.get("mlff.failure", ""),
        }
        for each in found
    ]


def _kind(run: Run) -> str:
    if "mlff.sweep" in run.data.tags:
        return "sweep"
    return "flow" if _PLAN in run.data.tags else "run"
