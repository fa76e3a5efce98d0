"""One run as its page shows it: what it is, what it used and made, and what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlflowflow.config import prefect_ui
from mlflowflow.errors import MlflowflowError
from mlflowflow.ids import digest
from mlflowflow.server.handlers.sheets import runs, version_of
from mlflowflow.server.news import MODELS, registry_version
from mlflowflow.server.sheets import AskRuns
from mlflowflow.server.shown import number
from mlflowflow.tracking.begin import PARENT_TAG
from mlflowflow.tracking.goals import goals_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.server.desk import Desk
    from mlflowflow.server.run_sheets import (
        AskRun,
        DatasetUsed,
        LatestMetric,
        ModelUsed,
        RunBeside,
        RunSheet,
        VersionMade,
    )
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.table.fold import RunState

_MOST_CHILDREN: Final = 500
_CONTEXT: Final = "mlflow.data.context"


def version(desk: Desk, asked: AskRun) -> str:
    """Return what changes with the runs of the same experiment and with the registry. Raises `NotFound`."""
    ours = version_of(desk, [desk.tracker.experiment_of(asked.run_id)])
    return digest(f"{ours} {MODELS} {registry_version(desk.catalog.store)}".encode())


def run(desk: Desk, asked: AskRun) -> RunSheet:
    """Return one run. Raises `NotFound`."""
    found = desk.get_run(asked.run_id)
    info = found.info
    experiment = desk.tracker.get_experiment(info.experiment_id)
    state = desk.tracker.reader.states(info.experiment_id, [info.run_id])[info.run_id]
    children = _children(desk, found)
    return {
        "run_id": info.run_id,
        "name": info.run_name,
        "experiment_id": info.experiment_id,
        "experiment": experiment.name,
        "goals": {metric: goal.value for metric, goal in goals_of(experiment.tags).items()},
        "status": info.status.value,
        "stage": info.lifecycle_stage.value,
        "user": info.user_id,
        "start_ms": info.start_time,
        "end_ms": info.end_time,
        "attempt": state.attempt,
        "params": dict(sorted(found.data.params.items())),
        "metrics": _metrics(found, state),
        "tags": dict(sorted(found.data.tags.items())),
        "parent": _parent(desk, found),
        "children": children[:_MOST_CHILDREN],
        "children_total": len(children),
        "datasets": _datasets(found),
        "models_used": _models(desk, (each.model_id for each in found.inputs.model_inputs)),
        "models_made": _models(desk, (each.model_id for each in found.outputs.model_outputs)),
        "versions": _versions(desk, info.run_id),
        "prefect_ui": prefect_ui(),
    }


def _metrics(found: Run, state: RunState) -> list[LatestMetric]:
    ranges = found.data.metric_ranges
    return [
        {
            "name": name,
            "value": number(found.data.metrics[name]),
            "step": at.step,
            "time_ms": at.timestamp,
            "least": number(ranges[name].min) if name in ranges else None,
            "greatest": number(ranges[name].max) if name in ranges else None,
        }
        for name, at in sorted(state.metrics.items())
    ]


def _parent(desk: Desk, found: Run) -> RunBeside | None:
    parent_id = found.data.tags.get(PARENT_TAG)
    if parent_id is None:
        return None
    try:
        parent = desk.get_run(parent_id).info
    except MlflowflowError:  # it may be in another store
        return None
    return {
        "run_id": parent.run_id,
        "name": parent.run_name,
        "status": parent.status.value,
        "start_ms": parent.start_time,
        "end_ms": parent.end_time,
    }


def _children(desk: Desk, found: Run) -> list[RunBeside]:
    """Return the runs whose parent this one is, from the columns: a sweep may have ten thousand."""
    parent = f"tags.{PARENT_TAG}"
    names = ("run_name", "status", "start_time", "end_time", parent)
    sheet = runs(desk, AskRuns(experiment=(found.info.experiment_id,), column=names))
    columns: dict[str, list[Any]] = sheet["columns"]
    rows = zip(sheet["run_ids"], *(columns[name] for name in names), strict=True)
    links: list[RunBeside] = [
        {"run_id": run_id, "name": name or "", "status": status, "start_ms": start, "end_ms": end}
        for run_id, name, status, start, end, parent_id in rows
        if parent_id == found.info.run_id
    ]
    return sorted(links, key=lambda link: (link["start_ms"], link["run_id"]))


def _datasets(found: Run) -> list[DatasetUsed]:
    return [
        {
            "name": each.dataset.name,
            "digest": each.dataset.digest,
            "source_type": each.dataset.source_type,
            "source": each.dataset.source,
            "context": next((tag.value for tag in each.tags if tag.key == _CONTEXT), ""),
        }
        for each in found.inputs.dataset_inputs
    ]


def _models(desk: Desk, model_ids: Iterable[str]) -> list[ModelUsed]:
    shown: list[ModelUsed] = []
    for model_id in dict.fromkeys(model_ids):
        try:
            model = desk.tracker.logged_models.get(model_id, allow_deleted=True)
        except MlflowflowError:
            shown.append({"model_id": model_id, "name": "", "status": ""})
        else:
            shown.append({"model_id": model_id, "name": model.name, "status": model.status.value})
    return shown


def _versions(desk: Desk, run_id: str) -> list[VersionMade]:
    return [
        {
            "name": each.name,
            "version": str(each.version),
            "stage": str(each.current_stage),
            "aliases": sorted(each.aliases),
        }
        for model in desk.catalog.list_models()
        for each in model.versions
        if each.run_id == run_id
    ]
