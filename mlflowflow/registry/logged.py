"""Where the files of an address are, and which run and which logged model they came from."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError, NotFound
from mlflowflow.registry.uri import FilesUri, LoggedModelUri, PlaceUri, RunUri
from mlflowflow.storage.address import normalize

if TYPE_CHECKING:
    from mlflowflow.registry.version import ModelVersion
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.tracker import Tracker

#: The tag of a logged model in which MLflow lists the versions it was registered as.
REGISTRATIONS: Final = "mlflow.modelVersions"

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The files of a model: their `place`, the address to keep as `source`, and what they came from."""

    place: RunUri | PlaceUri
    source: str
    run_id: str | None = None
    model_id: str | None = None


def locate(uri: FilesUri, tracker: Tracker) -> Located:
    """Find the files that `uri` means. Raises `NotFound` for a logged model or run that does not exist.

    What a run logged under a path may be artifacts of the run or, as MLflow 3 keeps models, a logged
    model of that name; of several, the one of the greatest step.
    """
    if isinstance(uri, LoggedModelUri):
        return _of_model(tracker.logged_models.get(uri.model_id))
    if isinstance(uri, PlaceUri):
        return Located(place=uri, source=normalize(uri.url))
    if not any(each.path == f"{uri.path}/MLmodel" for each in tracker.artifacts(uri.run_id).list(uri.path)):
        found = _logged_by(uri, tracker)
        if found is not None:
            return _of_model(found)
    return Located(place=uri, source=f"runs:/{uri.run_id}/{uri.path}", run_id=uri.run_id)


def note_registration(tracker: Tracker, model_id: str, version: ModelVersion) -> None:
    """List `version` among the registrations of its logged model, as MLflow does.

    The version knows its model in any case, so trouble here is logged and does not undo a registration.
    """
    try:
        known = tracker.logged_models.get(model_id).tags.get(REGISTRATIONS, "[]")
        listed = [*json.loads(known), {"name": version.name, "version": version.version}]
        unique = list({json.dumps(each, sort_keys=True): each for each in listed}.values())
        tracker.logged_models.set_tags(model_id, {REGISTRATIONS: json.dumps(unique)})
    except (MlflowflowError, ValueError, TypeError) as error:
        _log.warning("The logged model '%s' does not list version %s: %s", model_id, version.uri, error)


def _of_model(model: LoggedModel) -> Located:
    return Located(
        place=PlaceUri(url=model.artifact_location),
        source=model.model_uri,
        run_id=model.source_run_id,
        model_id=model.model_id,
    )


def _logged_by(uri: RunUri, tracker: Tracker) -> LoggedModel | None:
    steps = {each.model_id: each.step for each in tracker.get_run(uri.run_id).outputs.model_outputs}
    models: list[LoggedModel] = []
    for model_id in steps:
        try:
            models.append(tracker.logged_models.get(model_id))
        except NotFound:  # deleted since
            continue
    named = [each for each in models if each.name == uri.path]
    return max(named, key=lambda each: (steps[each.model_id], each.creation_timestamp), default=None)
