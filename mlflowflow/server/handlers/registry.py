"""Registered models, their versions, stages and aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.registry.uri import FilesUri, parse_model_uri
from mlflowflow.registry.version import ACTIVE_STAGES, Stage, demand_version_number, is_prompt
from mlflowflow.server import shown
from mlflowflow.server.places import prompt_source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.registry.version import ModelVersion, RegisteredModel
    from mlflowflow.server import registry_requests as asked
    from mlflowflow.server.answers import (
        Empty,
        ModelAnswer,
        ModelsAnswer,
        UriAnswer,
        VersionAnswer,
        VersionsAnswer,
    )
    from mlflowflow.server.desk import Desk


def create_model(desk: Desk, request: asked.CreateModel) -> ModelAnswer:
    """Create a registered model."""
    tags = {tag.key: tag.value for tag in request.tags}
    found = desk.client.create_registered_model(request.name, tags=tags, description=request.description)
    return _model(desk, found)


def rename_model(desk: Desk, request: asked.RenameModel) -> ModelAnswer:
    """Give a registered model another name."""
    return _model(desk, desk.client.rename_registered_model(request.name, request.new_name))


def update_model(desk: Desk, request: asked.UpdateModel) -> ModelAnswer:
    """Replace a registered model's description."""
    return _model(desk, desk.client.update_registered_model(request.name, request.description))


def delete_model(desk: Desk, request: asked.ModelName) -> Empty:
    """Delete a registered model."""
    desk.client.delete_registered_model(request.name)
    return {}


def get_model(desk: Desk, request: asked.ModelName) -> ModelAnswer:
    """Return a registered model."""
    return _model(desk, desk.client.get_registered_model(request.name))


def search_models(desk: Desk, request: asked.SearchModels) -> ModelsAnswer:
    """Return a page of registered models."""
    found = desk.client.search_registered_models(
        request.filter, request.max_results, request.order_by, request.page_token
    )
    models = [shown.model(each, desk.places.shown) for each in found]
    return cast("ModelsAnswer", shown.full(registered_models=models, next_page_token=found.token))


def get_latest_versions(desk: Desk, request: asked.LatestVersions) -> VersionsAnswer:
    """Return the newest version of each stage."""
    return _versions(desk, desk.client.get_latest_versions(request.name, list(request.stages)), None)


def set_model_tag(desk: Desk, request: asked.ModelTag) -> Empty:
    """Set a tag of a registered model."""
    desk.client.set_registered_model_tag(request.name, request.key, request.value)
    return {}


def delete_model_tag(desk: Desk, request: asked.ModelTagKey) -> Empty:
    """Remove a tag of a registered model."""
    desk.client.delete_registered_model_tag(request.name, request.key)
    return {}


def set_alias(desk: Desk, request: asked.SetAlias) -> Empty:
    """Point an alias at a version."""
    desk.client.set_registered_model_alias(request.name, request.alias, request.version)
    return {}


def delete_alias(desk: Desk, request: asked.Alias) -> Empty:
    """Remove an alias."""
    desk.client.delete_registered_model_alias(request.name, request.alias)
    return {}


def get_alias(desk: Desk, request: asked.Alias) -> VersionAnswer:
    """Return the version that an alias points to."""
    model = desk.client.get_registered_model(request.name)
    try:
        return _version(desk, desk.client.get_model_version_by_alias(request.name, request.alias))
    except NotFound as error:  # MLflow's clients expect this code for an alias of a model that exists
        raise InvalidInput(f"The model '{model.name}' has no alias '{request.alias}'.") from error


def create_version(desk: Desk, request: asked.CreateVersion) -> VersionAnswer:
    """Register a version; a source that is another version's address registers that one's files again."""
    uri = parse_model_uri(request.source) if request.source.startswith("models:") else None
    if uri is not None and not isinstance(uri, FilesUri):
        return _version(desk, desk.client.copy_model_version(request.source, request.name))
    tags = {tag.key: tag.value for tag in request.tags}
    if is_prompt(tags):
        source = prompt_source(request.source)
    else:
        source = desk.places.source(
            request.source, run_id=request.run_id or None, model_id=request.model_id or None
        )
    found = desk.create_version(
        request.name,
        source,
        run_id=request.run_id or None,
        tags=tags,
        run_link=request.run_link or None,
        description=request.description,
        model_id=request.model_id or None,
    )
    return _version(desk, found)


def update_version(desk: Desk, request: asked.UpdateVersion) -> VersionAnswer:
    """Replace a version's description."""
    return _version(
        desk, desk.client.update_model_version(request.name, request.version, request.description or "")
    )


def transition(desk: Desk, request: asked.Transition) -> VersionAnswer:
    """Put a version in a stage."""
    if request.archive_existing_versions and Stage.parse(request.stage) not in ACTIVE_STAGES:
        raise InvalidInput(
            f"Existing versions can be archived on the way to {' or '.join(sorted(ACTIVE_STAGES))}, "
            f"not to {request.stage}."
        )
    found = desk.client.transition_model_version_stage(
        request.name, request.version, request.stage, request.archive_existing_versions
    )
    return _version(desk, found)


def delete_version(desk: Desk, request: asked.VersionNumber) -> Empty:
    """Delete a version."""
    desk.client.delete_model_version(request.name, request.version)
    return {}


def get_version(desk: Desk, request: asked.VersionNumber) -> VersionAnswer:
    """Return a version."""
    return _version(desk, desk.catalog.get_version(request.name, demand_version_number(request.version)))


def get_download_uri(desk: Desk, request: asked.VersionNumber) -> UriAnswer:
    """Return where a version's files are, for a client."""
    source = desk.client.get_model_version_download_uri(request.name, request.version)
    return {"artifact_uri": desk.places.of_files(source)}


def search_versions(desk: Desk, request: asked.SearchVersions) -> VersionsAnswer:
    """Return a page of versions."""
    found = desk.client.search_model_versions(
        request.filter, request.max_results, request.order_by, request.page_token
    )
    return _versions(desk, found, found.token)


def set_version_tag(desk: Desk, request: asked.VersionTag) -> Empty:
    """Set a tag of a version."""
    desk.client.set_model_version_tag(request.name, request.version, request.key, request.value)
    return {}


def delete_version_tag(desk: Desk, request: asked.VersionTagKey) -> Empty:
    """Remove a tag of a version."""
    desk.client.delete_model_version_tag(request.name, request.version, request.key)
    return {}


def _model(desk: Desk, found: RegisteredModel) -> ModelAnswer:
    return {"registered_model": shown.model(found, desk.places.shown)}


def _version(desk: Desk, found: ModelVersion) -> VersionAnswer:
    return {"model_version": shown.version(found, desk.places.shown)}


def _versions(desk: Desk, found: Iterable[ModelVersion], token: str | None) -> VersionsAnswer:
    versions = [shown.version(each, desk.places.shown) for each in found]
    return cast("VersionsAnswer", shown.full(model_versions=versions, next_page_token=token))
