"""Experiments, and the datasets of their runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mlflowflow.errors import NotFound
from mlflowflow.server import shown
from mlflowflow.server.places import refused_location
from mlflowflow.tracking.entities import ViewType

if TYPE_CHECKING:
    from mlflowflow.server import requests as asked
    from mlflowflow.server.answers import (
        DatasetsAnswer,
        Empty,
        ExperimentAnswer,
        ExperimentIdJson,
        ExperimentsAnswer,
    )
    from mlflowflow.server.desk import Desk


def create(desk: Desk, request: asked.CreateExperiment) -> ExperimentIdJson:
    """Create an experiment."""
    refused_location(request.artifact_location)
    tags = {tag.key: tag.value for tag in request.tags}
    return {"experiment_id": desk.client.create_experiment(request.name, tags=tags)}


def get(desk: Desk, request: asked.ExperimentId) -> ExperimentAnswer:
    """Return an experiment, deleted or not."""
    return {"experiment": shown.experiment(desk.client.get_experiment(request.experiment_id))}


def get_by_name(desk: Desk, request: asked.ExperimentName) -> ExperimentAnswer:
    """Return the experiment of a name, deleted or not."""
    found = desk.client.get_experiment_by_name(request.experiment_name)
    if found is None:
        raise NotFound("experiment", request.experiment_name)
    return {"experiment": shown.experiment(found)}


def search(desk: Desk, request: asked.SearchExperiments) -> ExperimentsAnswer:
    """Return a page of experiments."""
    found = desk.client.search_experiments(
        view_type=ViewType[request.view_type],
        max_results=request.max_results,
        filter_string=request.filter,
        order_by=request.order_by,
        page_token=request.page_token,
    )
    page = shown.full(experiments=[shown.experiment(each) for each in found], next_page_token=found.token)
    return cast("ExperimentsAnswer", page)


def delete(desk: Desk, request: asked.ExperimentId) -> Empty:
    """Put an experiment out of use."""
    desk.delete_experiment(request.experiment_id)
    return {}


def restore(desk: Desk, request: asked.ExperimentId) -> Empty:
    """Put an experiment back into use."""
    desk.restore_experiment(request.experiment_id)
    return {}


def update(desk: Desk, request: asked.UpdateExperiment) -> Empty:
    """Give an experiment another name."""
    desk.demand_experiment_in_use(request.experiment_id)
    desk.client.rename_experiment(request.experiment_id, request.new_name)
    return {}


def set_tag(desk: Desk, request: asked.ExperimentTag) -> Empty:
    """Set a tag of an experiment."""
    desk.demand_experiment_in_use(request.experiment_id)
    desk.client.set_experiment_tag(request.experiment_id, request.key, request.value)
    return {}


def delete_tag(desk: Desk, request: asked.ExperimentTagKey) -> Empty:
    """Remove a tag of an experiment."""
    desk.client.delete_experiment_tag(request.experiment_id, request.key)
    return {}


def search_datasets(desk: Desk, request: asked.SearchDatasets) -> DatasetsAnswer:
    """Return the datasets that runs of some experiments used."""
    found = desk.tracker.search_datasets(request.experiment_ids)
    page = shown.full(dataset_summaries=[shown.dataset_summary(each) for each in found])
    return cast("DatasetsAnswer", page)
