"""Logged models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from mlflowflow.errors import InvalidInput
from mlflowflow.server import shown
from mlflowflow.server.places import model_root, safe_path
from mlflowflow.tracking.logged.model import LoggedModelStatus

if TYPE_CHECKING:
    from mlflowflow.server import requests as asked
    from mlflowflow.server.answers import Empty, LoggedModelAnswer, LoggedModelsAnswer
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.file_answers import FilesAnswer
    from mlflowflow.server.file_requests import ModelFolder

_FINAL: Final = {
    "LOGGED_MODEL_READY": LoggedModelStatus.READY,
    "LOGGED_MODEL_UPLOAD_FAILED": LoggedModelStatus.FAILED,
}


def create(desk: Desk, request: asked.CreateLoggedModel) -> LoggedModelAnswer:
    """Begin a logged model."""
    found = desk.client.create_logged_model(
        request.experiment_id,
        name=request.name or None,
        source_run_id=request.source_run_id or None,
        tags={tag.key: tag.value for tag in request.tags},
        params={param.key: param.value for param in request.params},
        model_type=request.model_type or None,
    )
    return {"model": shown.logged_model(found)}


def get(desk: Desk, request: asked.LoggedModelId) -> LoggedModelAnswer:
    """Return a logged model."""
    found = desk.tracker.logged_models.get(request.model_id, allow_deleted=request.allow_deleted)
    return {"model": shown.logged_model(found)}


def finalize(desk: Desk, request: asked.FinalizeLoggedModel) -> LoggedModelAnswer:
    """Say what became of a logged model."""
    status = _FINAL.get(request.status)
    if status is None:
        raise InvalidInput(f"A logged model ends as {' or '.join(_FINAL)}; found '{request.status}'.")
    return {"model": shown.logged_model(desk.tracker.logged_models.finalize(request.model_id, status))}


def delete(desk: Desk, request: asked.LoggedModelId) -> Empty:
    """Put a logged model out of use."""
    desk.delete_model(request.model_id)
    return {}


def log_params(desk: Desk, request: asked.LoggedModelParams) -> Empty:
    """Log params of a logged model."""
    desk.client.log_model_params(request.model_id, {each.key: each.value for each in request.params})
    return {}


def set_tags(desk: Desk, request: asked.LoggedModelTags) -> LoggedModelAnswer:
    """Set tags of a logged model."""
    desk.client.set_logged_model_tags(request.model_id, {tag.key: tag.value for tag in request.tags})
    return {"model": shown.logged_model(desk.tracker.logged_models.get(request.model_id))}


def delete_tag(desk: Desk, request: asked.LoggedModelTagKey) -> Empty:
    """Remove a tag of a logged model."""
    desk.client.delete_logged_model_tag(request.model_id, request.tag_key)
    return {}


def search(desk: Desk, request: asked.SearchLoggedModels) -> LoggedModelsAnswer:
    """Return a page of logged models."""
    order: list[dict[str, Any]] = [each.model_dump(exclude_none=True) for each in request.order_by]
    found = desk.client.search_logged_models(
        list(request.experiment_ids),
        filter_string=request.filter,
        datasets=[each.model_dump(exclude_none=True) for each in request.datasets] or None,
        max_results=request.max_results,
        order_by=order or None,
        page_token=request.page_token,
    )
    page = shown.full(models=[shown.logged_model(each) for each in found], next_page_token=found.token)
    return cast("LoggedModelsAnswer", page)


def list_files(desk: Desk, request: ModelFolder) -> FilesAnswer:
    """Return what lies in a folder of a logged model."""
    model = desk.tracker.logged_models.get(request.model_id)
    folder = safe_path(request.artifact_directory_path)
    files = [shown.file(each) for each in desk.tracker.model_artifacts(model.model_id).list(folder)]
    root = model_root(model.experiment_id, model.model_id)
    return cast("FilesAnswer", shown.full(root_uri=root, files=files))
