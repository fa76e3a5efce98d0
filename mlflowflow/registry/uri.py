"""Addresses of models, read once into one of seven frozen forms.

============================== =================================================================
``models:/digits/3``           version 3
``models:/digits/Production``  the newest version in a stage (any case)
``models:/digits/latest``      the newest version
``models:/digits@champion``    the version an alias points to
``models:/m-<32 hex digits>``   a logged model by its id
``runs:/<run id>/model``       a folder of a run's artifacts
anything else                  a directory or a store's URL
============================== =================================================================

The four of registered versions may end in ``?at=2026-05-01T12:00:00Z``: what they meant at that time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.clock import parse_instant
from mlflowflow.errors import InvalidInput, InvalidUri, NotFound
from mlflowflow.ids import is_run_id
from mlflowflow.registry.version import ModelVersion, Stage, demand_alias, demand_model_name

if TYPE_CHECKING:
    from mlflowflow.registry.catalog import Catalog

_REGISTERED: Final = re.compile(r"models:/(?P<name>[^/]+?)(?:/(?P<which>[^/@]+)|@(?P<alias>[^/@]+))")
_LOGGED: Final = re.compile(r"models:/(?P<model_id>m-[0-9a-f]{32})/*")
_OF_RUN: Final = re.compile(r"runs:/(?P<run_id>[^/]+)(?:/(?P<path>.*))?")
_AT: Final = "?at="
_FORMS: Final = (
    "'models:/<name>/<version, stage or latest>', 'models:/<name>@<alias>' (each may end in '?at=<ISO time>'), "
    "'models:/<model id>', 'runs:/<run id>/<path>', a directory or a store's URL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionUri:
    """One version by its number; `at_us` is the time asked about (microseconds), None for now."""

    name: str
    version: int
    at_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageUri:
    """The newest version in a stage."""

    name: str
    stage: Stage
    at_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestUri:
    """The newest version of all."""

    name: str
    at_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasUri:
    """The version that an alias points to."""

    name: str
    alias: str
    at_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedModelUri:
    """A logged model; it need not be registered."""

    model_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunUri:
    """A folder of a run's artifacts; an empty `path` is all of them."""

    run_id: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceUri:
    """A directory or a store's URL, as it was written."""

    url: str


RegisteredUri: TypeAlias = VersionUri | StageUri | LatestUri | AliasUri
#: What says where files are, and not which version.
FilesUri: TypeAlias = LoggedModelUri | RunUri | PlaceUri
ModelUri: TypeAlias = RegisteredUri | FilesUri


def parse_model_uri(text: str) -> ModelUri:
    """Read an address of a model. Raises `InvalidUri`.

    A registered model is not called like a logged one: ``models:/m-<32 hex digits>`` is the latter.

    >>> parse_model_uri("models:/digits@champion")
    AliasUri(name='digits', alias='champion', at_us=None)
    >>> parse_model_uri("runs:/4f1c/model").path
    'model'
    """
    try:
        if text.startswith("models:"):
            return _registered(text)
        if text.startswith("runs:"):
            return _of_run(text)
    except InvalidInput as error:
        raise InvalidUri(text, _FORMS) from error
    if not text:
        raise InvalidUri(text, _FORMS)
    return PlaceUri(url=text)


def resolve_version(catalog: Catalog, uri: ModelUri) -> ModelVersion:
    """Return the version that `uri` means now, or meant at its time.

    Raises `NotFound` if there is none and `InvalidInput` if the address is not one of the registry.
    """
    match uri:
        case VersionUri(name=name, version=version, at_us=at_us):
            return catalog.get_version(name, version, at_us=at_us)
        case AliasUri(name=name, alias=alias, at_us=at_us):
            return catalog.get_version_by_alias(name, alias, at_us=at_us)
        case StageUri(name=name, stage=stage, at_us=at_us):
            return _newest(catalog, name, stage=stage, at_us=at_us)
        case LatestUri(name=name, at_us=at_us):
            return _newest(catalog, name, stage=None, at_us=at_us)
        case LoggedModelUri() | RunUri() | PlaceUri():
            raise InvalidInput(
                f"{uri} does not name a registered version; expected an address such as 'models:/digits@champion'."
            )


def _newest(catalog: Catalog, name: str, *, stage: Stage | None, at_us: int | None) -> ModelVersion:
    version = catalog.get_model(name, at_us=at_us).latest(stage)
    if version is None:
        place = "" if stage is None else f" in stage '{stage}'"
        raise NotFound(
            "model version", f"{name}/{stage or 'latest'}", hint=f"The model has no version{place}."
        )
    return version


def _registered(text: str) -> RegisteredUri | LoggedModelUri:
    if logged := _LOGGED.fullmatch(text):
        return LoggedModelUri(model_id=logged["model_id"])
    address, _, moment = text.partition(_AT)
    at_us = _time(text, moment) if _AT in text else None
    found = _REGISTERED.fullmatch(address)
    if found is None:
        raise InvalidUri(text, _FORMS)
    name = demand_model_name(found["name"])
    if found["alias"] is not None:
        return AliasUri(name=name, alias=demand_alias(found["alias"]), at_us=at_us)
    which = found["which"]
    if re.fullmatch(r"[0-9]{1,18}", which):
        return VersionUri(name=name, version=int(which), at_us=at_us)
    if which.lower() == "latest":
        return LatestUri(name=name, at_us=at_us)
    return StageUri(name=name, stage=Stage.parse(which), at_us=at_us)


def _time(text: str, moment: str) -> int:
    try:
        return parse_instant(moment)
    except ValueError as error:
        raise InvalidUri(text, "a time such as '2026-05-01T12:00:00Z' after '?at='") from error


def _of_run(text: str) -> RunUri:
    found = _OF_RUN.fullmatch(text)
    if found is None or not is_run_id(found["run_id"]):
        raise InvalidUri(text, _FORMS)
    return RunUri(run_id=found["run_id"], path=(found["path"] or "").strip("/"))
