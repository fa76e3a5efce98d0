"""Runs: begun, changed, found, and logged to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from mlflowflow.errors import InvalidInput
from mlflowflow.server import shown
from mlflowflow.tracking.begin import NAME_TAG
from mlflowflow.tracking.client_values import as_mapping
from mlflowflow.tracking.entities import ViewType
from mlflowflow.tracking.fluent.logs import clean_tags
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    RunStatus,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.server import requests as asked
    from mlflowflow.server.answers import Empty, RunAnswer, RunInfoAnswer, RunsAnswer
    from mlflowflow.server.desk import Desk
    from mlflowflow.tracking.run import Run

_HISTORY_TAG = "mlflow.log-model.history"


def id_of(request: asked.RunId) -> str:
    """Return the run's id, from whichever of its two names has it. Raises `InvalidInput` without one."""
    found = request.run_id or request.run_uuid
    if not found:
        raise InvalidInput("The field 'run_id' is missing; give the id of a run.")
    return found


def create(desk: Desk, request: asked.CreateRun) -> RunAnswer:
    """Begin a run."""
    tags = as_mapping("tag", request.tags)
    named = tags.get(NAME_TAG)
    if request.run_name and named and named != request.run_name:
        raise InvalidInput(
            f"The run is named {request.run_name!r} and its tag '{NAME_TAG}' is {named!r}; give one of them."
        )
    found = desk.create_run(
        request.experiment_id,
        run_name=request.run_name or named,
        tags=clean_tags(tags),
        start_time=request.start_time,
        user=request.user_id,
    )
    return _answer(desk, found)


def update(desk: Desk, request: asked.UpdateRun) -> RunInfoAnswer:
    """Give a run another status, end or name."""
    run_id = id_of(request)
    desk.demand_in_use(run_id)
    if request.run_name:
        desk.tracker.log_batch(run_id, tags=clean_tags({NAME_TAG: request.run_name}))
    if request.status == RunStatus.RUNNING:
        experiment_id = desk.tracker.get_run(run_id).info.experiment_id
        desk.tracker.create_run(experiment_id, run_id=run_id)
    elif request.status is not None:
        desk.tracker.end_run(run_id, RunStatus(request.status), end_time=request.end_time)
    return {"run_info": shown.run_info(desk.tracker.get_run(run_id).info)}


def delete(desk: Desk, request: asked.RunId) -> Empty:
    """Put a run out of use."""
    desk.delete_run(id_of(request))
    return {}


def restore(desk: Desk, request: asked.RunId) -> Empty:
    """Put a run back into use."""
    desk.tracker.restore_run(id_of(request))
    return {}


def get(desk: Desk, request: asked.RunId) -> RunAnswer:
    """Return a run."""
    return _answer(desk, desk.get_run(id_of(request)))


def search(desk: Desk, request: asked.SearchRuns) -> RunsAnswer:
    """Return a page of runs."""
    found = desk.search_runs(
        request.experiment_ids,
        filter_string=request.filter or "",
        order_by=request.order_by,
        view=ViewType[request.run_view_type],
        max_results=request.max_results,
        page_token=request.page_token,
    )
    latest = desk.latest(found)
    runs = [shown.run(each, latest.get(each.info.run_id, ())) for each in found]
    return cast("RunsAnswer", shown.full(runs=runs, next_page_token=found.token))


def log_metric(desk: Desk, request: asked.LogMetric) -> Empty:
    """Log one point."""
    desk.log(id_of(request), metrics=_points([request]))
    return {}


def log_parameter(desk: Desk, request: asked.LogParam) -> Empty:
    """Log one param."""
    desk.log(id_of(request), params={request.key: request.value})
    return {}


def log_batch(desk: Desk, request: asked.LogBatch) -> Empty:
    """Log points, params and tags, all or none."""
    total = len(request.metrics) + len(request.params) + len(request.tags)
    if total > _MOST:
        raise InvalidInput(f"The batch has {total} points, params and tags; at most {_MOST} fit into one.")
    params = [each.key for each in request.params]
    twice = sorted({key for key in params if params.count(key) > 1})
    if twice:
        raise InvalidInput(f"The param '{twice[0]}' is in the batch twice; give it once.")
    desk.log(
        id_of(request),
        metrics=_points(request.metrics),
        params={each.key: each.value for each in request.params},
        tags={each.key: each.value for each in request.tags},
    )
    return {}


def log_model(desk: Desk, request: asked.LogModel) -> Empty:
    """Note a model of a client of MLflow 2 in the run's list of models."""
    run_id = id_of(request)
    try:
        said = json.loads(request.model_json)
        missing = sorted({"artifact_path", "flavors", "utc_time_created", "run_id"} - set(said))
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidInput(f"The model_json is no JSON object: {error}.") from error
    if missing:
        raise InvalidInput(f"The model_json lacks {', '.join(missing)}.")
    known = json.loads(desk.tracker.get_run(run_id).data.tags.get(_HISTORY_TAG, "[]"))
    if said not in known:  # sent again
        desk.demand_in_use(run_id)
        desk.tracker.log_batch(run_id, tags={_HISTORY_TAG: json.dumps([*known, said])})
    return {}


def set_tag(desk: Desk, request: asked.RunTag) -> Empty:
    """Set a tag."""
    desk.log(id_of(request), tags={request.key: request.value})
    return {}


def delete_tag(desk: Desk, request: asked.RunTagKey) -> Empty:
    """Remove a tag."""
    run_id = id_of(request)
    desk.demand_in_use(run_id)
    desk.tracker.delete_tag(run_id, request.key)
    return {}


def log_inputs(desk: Desk, request: asked.LogInputs) -> Empty:
    """Say what a run used."""
    run_id = id_of(request)
    desk.demand_in_use(run_id)
    desk.tracker.log_inputs(
        run_id,
        datasets=[_dataset_input(each) for each in request.datasets],
        models=[LoggedModelInput(each.model_id) for each in request.models],
    )
    return {}


def log_outputs(desk: Desk, request: asked.LogOutputs) -> Empty:
    """Say what a run made."""
    run_id = id_of(request)
    desk.demand_in_use(run_id)
    desk.tracker.log_outputs(run_id, [LoggedModelOutput(each.model_id, each.step) for each in request.models])
    return {}


_MOST = 1000


def _answer(desk: Desk, found: Run) -> RunAnswer:
    return {"run": shown.run(found, desk.latest([found]).get(found.info.run_id, ()))}


def _points(points: Sequence[asked.Point]) -> list[Metric]:
    return [
        Metric(
            each.key,
            each.value,
            each.timestamp,
            each.step,
            each.model_id or None,
            each.dataset_name or None,
            each.dataset_digest or None,
        )
        for each in points
    ]


def _dataset_input(said: asked.DatasetInput) -> DatasetInput:
    facts = said.dataset
    dataset = Dataset(facts.name, facts.digest, facts.source_type, facts.source, facts.schema_, facts.profile)
    return DatasetInput(dataset, tuple(InputTag(tag.key, tag.value) for tag in said.tags))
