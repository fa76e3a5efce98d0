"""The fields of each request to the model registry, under MLflow's names."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from mlflowflow.server.message import Message, Word
from mlflowflow.server.requests import Tag

#: The number of a version, which is a text in MLflow's JSON.
Number = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]


class CreateModel(Message):
    """A registered model to be made."""

    name: Word
    tags: tuple[Tag, ...] = ()
    description: str | None = None


class ModelName(Message):
    """A registered model."""

    name: Word


class RenameModel(ModelName):
    """A registered model's new name."""

    new_name: Word


class UpdateModel(ModelName):
    """A registered model's new description."""

    description: str | None = None


class SearchModels(Message):
    """Registered models to be found."""

    filter: str | None = None
    max_results: Annotated[int, Field(ge=1, le=1000)] = 100
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


class LatestVersions(ModelName):
    """The stages whose newest versions are wanted."""

    stages: tuple[str, ...] = ()


class ModelTag(ModelName):
    """A tag of a registered model."""

    key: Word
    value: str


class ModelTagKey(ModelName):
    """A tag of a registered model, to be removed."""

    key: Word


class Alias(ModelName):
    """An alias of a registered model."""

    alias: Word


class SetAlias(Alias):
    """Where an alias is to point to."""

    version: Number


class CreateVersion(ModelName):
    """A version to be registered."""

    source: Word
    run_id: str | None = None
    tags: tuple[Tag, ...] = ()
    run_link: str | None = None
    description: str | None = None
    model_id: str | None = None


class VersionNumber(ModelName):
    """A version."""

    version: Number


class UpdateVersion(VersionNumber):
    """A version's new description."""

    description: str | None = None


class Transition(VersionNumber):
    """The stage that a version is put in."""

    stage: Word
    archive_existing_versions: bool = False


class SearchVersions(Message):
    """Versions to be found."""

    filter: str | None = None
    max_results: Annotated[int, Field(ge=1, le=200_000)] = 200_000
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


class VersionTag(VersionNumber):
    """A tag of a version."""

    key: Word
    value: str


class VersionTagKey(VersionNumber):
    """A tag of a version, to be removed."""

    key: Word
