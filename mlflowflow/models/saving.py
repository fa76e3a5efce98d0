"""Saving a model into a folder, logging one to a run, and loading one back; the same for every flavor.

A flavor's module is thin: MLflow's signature, and one call of `save`, `log` or `load` with the common
arguments by name (`mlflowflow.models.options`) and its own in ``flavor_options``. ::

    def save_model(model, path, conda_env=None, …, depth=3):
        saving.save("mine", model, path, {"depth": depth}, conda_env=conda_env, …)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Unpack

from mlflowflow.errors import InvalidInput
from mlflowflow.ids import RandomIds
from mlflowflow.models.flavors import find_flavor
from mlflowflow.models.info import ModelInfo
from mlflowflow.models.loading import load_folder
from mlflowflow.models.manifest import MLMODEL
from mlflowflow.models.options import LogOptions, SaveOptions, describe
from mlflowflow.models.package import Description, Origin, read_manifest, seal, write_package
from mlflowflow.models.source import Stores, fetched
from mlflowflow.registry.register import register_model
from mlflowflow.tracking.fluent.active import active_or_new_run
from mlflowflow.tracking.fluent.logs import clean_params, clean_tags
from mlflowflow.tracking.fluent.session import current_session
from mlflowflow.tracking.logged.fluent import initialize_logged_model
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import LoggedModelOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.models.manifest import Manifest
    from mlflowflow.models.mlmodel import Model
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.tracker import Tracker


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What `log_model` is asked to do with a model that is written: where it belongs and what is said of it."""

    name: str = "model"
    run_id: str | None = None
    register_as: str | None = None
    model_type: str | None = None
    params: Mapping[str, Any] = field(default_factory=_nothing)
    tags: Mapping[str, Any] = field(default_factory=_nothing)
    step: int = 0
    model_id: str | None = None


def save(
    flavor: str,
    model: Any,
    path: str | Path,
    flavor_options: Mapping[str, Any] | None = None,
    **common: Unpack[SaveOptions],
) -> None:
    """Save `model` into the folder `path`, which must be new or empty.

    Raises `AlreadyExists`, `InvalidInput`, `NotFound` or `MissingExtra` before anything is written, as far
    as it can be known before.
    """
    description = describe(flavor_options, **common)
    origin = _origin(current_session().clock)
    given = common.get("mlflow_model")
    if given is not None:
        origin, description = _told_by(given, origin, description)
    manifest = write_package(find_flavor([flavor]), model, Path(path), description=description, origin=origin)
    if given is not None:
        _complete(given, manifest, Path(path))


def log(
    flavor: str, model: Any, flavor_options: Mapping[str, Any] | None = None, **common: Unpack[LogOptions]
) -> ModelInfo:
    """Save `model` as a logged model of the active run, or of a new one.

    Returns when the files are in the store. With ``registered_model_name``, a version of the registered
    model of that name is created.
    """
    wishes, options = _wishes(common)
    description = describe(flavor_options, **options)
    found = find_flavor([flavor])

    def write(folder: Path, origin: Origin) -> Manifest:
        return write_package(found, model, folder, description=description, origin=origin)

    with TemporaryDirectory(prefix="mlflowflow-model-") as private:
        return log_written(write, Path(private) / "model", wishes)


def log_written(write: Callable[[Path, Origin], Manifest], folder: Path, wishes: Wishes) -> ModelInfo:
    """Log what `write` puts into `folder`, which does not exist yet, as a logged model.

    A model whose files do not become complete is kept as FAILED, and the run does not name it.
    """
    run = active_or_new_run()
    tracker, run_id = run.tracker, wishes.run_id or run.run_id
    model = _begun(tracker, run_id, wishes)
    try:
        origin = _origin(
            current_session().clock,
            run_id=run_id,
            artifact_path=model.model_uri,
            model_id=model.model_id,
        )
        manifest = write(folder, origin)
        tracker.model_artifacts(model.model_id).put_folder(folder)
    except BaseException:
        tracker.logged_models.finalize(model.model_id, LoggedModelStatus.FAILED)
        raise
    model = tracker.logged_models.finalize(model.model_id, LoggedModelStatus.READY)
    tracker.log_outputs(run_id, [LoggedModelOutput(model_id=model.model_id, step=wishes.step)])
    version = _register(model.model_uri, wishes.register_as, Stores(tracker=tracker))
    return ModelInfo(
        model_uri=model.model_uri,
        manifest=manifest,
        registered_model_version=version,
        logged_model=model,
    )


def _begun(tracker: Tracker, run_id: str, wishes: Wishes) -> LoggedModel:
    """Return the logged model to fill: the one that is named, or a new one."""
    if wishes.model_id is not None:
        given = tracker.logged_models.get(wishes.model_id)
        tracker.logged_models.set_tags(given.model_id, clean_tags(wishes.tags))
        tracker.logged_models.log_params(given.model_id, clean_params(wishes.params))
        return given
    return initialize_logged_model(
        name=wishes.name,
        source_run_id=run_id,
        tags=wishes.tags,
        params=wishes.params,
        model_type=wishes.model_type,
        experiment_id=tracker.get_run(run_id).info.experiment_id,
    )


def load(
    flavor: str,
    model_uri: str | Path,
    *,
    dst_path: str | Path | None = None,
    allow_code: bool = True,
    stores: Stores | None = None,
    read: Callable[[Path, Manifest], Any] | None = None,
) -> Any:
    """Load the library's own object of the model at `model_uri`, kept by `flavor`.

    `read` loads it from the verified folder in place of the flavor's own way, for arguments that the
    flavor's `read` does not have.

    Raises `NotFound` for a model without that flavor; everything else as
    `mlflowflow.models.load_model` does.
    """
    with fetched(model_uri, stores or Stores(), dst=dst_path) as folder:
        manifest = read_manifest(folder)
        return load_folder(folder, manifest, flavor=flavor, allow_code=allow_code, read=read).native


def _wishes(common: LogOptions) -> tuple[Wishes, SaveOptions]:
    """Part what concerns the logged model from what concerns its folder."""
    given: dict[str, Any] = dict(common)
    wishes = Wishes(
        name=_name(given.pop("name", None), given.pop("artifact_path", None)),
        register_as=given.pop("registered_model_name", None),
        model_type=given.pop("model_type", None),
        params=given.pop("params", None) or {},
        tags=given.pop("tags", None) or {},
        step=int(given.pop("step", None) or 0),
        model_id=given.pop("model_id", None),
    )
    given.pop("await_registration_for", None)
    return wishes, SaveOptions(**given)  # type: ignore[typeddict-item]


def _name(name: str | None, artifact_path: str | None) -> str:
    if name is not None and artifact_path is not None and name != artifact_path:
        raise InvalidInput(
            f"A model has one name: 'name' is '{name}' and 'artifact_path', its older word, '{artifact_path}'."
        )
    return name or artifact_path or "model"


def _register(uri: str, name: str | None, stores: Stores) -> int | None:
    if name is None:
        return None
    found = register_model(uri, name, tracker=stores.open_tracker(), catalog=stores.open_catalog())
    return int(found.version)


def _told_by(model: Model, origin: Origin, description: Description) -> tuple[Origin, Description]:
    """Take over what a script's own `Model` says: where it comes from, its signature, what is attached."""
    told = replace(
        origin,
        model_uuid=model.model_uuid or origin.model_uuid,
        run_id=model.run_id,
        artifact_path=model.artifact_path,
        model_id=model.model_id,
    )
    metadata = {**(model.metadata or {}), **(description.metadata or {})} or None
    signature = description.signature or model.signature
    return told, replace(description, metadata=metadata, signature=signature)


def _complete(model: Model, manifest: Manifest, folder: Path) -> None:
    """Put the flavors of a script's own `Model` beside those that were written, and tell it of these."""
    joined = replace(manifest, flavors={**model.flavors, **manifest.flavors})
    model.fill(joined)
    (folder / MLMODEL).write_text(joined.to_yaml(), encoding="utf-8")
    seal(folder)


def _origin(
    clock: Clock, *, run_id: str | None = None, artifact_path: str | None = None, model_id: str | None = None
) -> Origin:
    return Origin(
        model_uuid=model_id or RandomIds(clock).run_id(),
        created_us=clock.now_us(),
        run_id=run_id,
        artifact_path=artifact_path,
        model_id=model_id,
    )
