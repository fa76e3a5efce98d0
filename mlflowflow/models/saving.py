"""Saving a model into a folder, and logging one to the active run; the same for every flavor."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mlflowflow.ids import RandomIds
from mlflowflow.models.flavors import find_flavor
from mlflowflow.models.model import ModelInfo
from mlflowflow.models.package import Description, Origin, write_package
from mlflowflow.models.source import Stores
from mlflowflow.registry.register import register_model
from mlflowflow.tracking.active import active_or_new_run
from mlflowflow.tracking.session import current_session

if TYPE_CHECKING:
    from mlflowflow.clock import Clock


def save(flavor: str, model: Any, path: str | Path, description: Description) -> None:
    """Save `model` into the folder `path`, which must be new or empty."""
    origin = _origin(current_session().clock)
    write_package(find_flavor([flavor]), model, Path(path), description=description, origin=origin)


def log(
    flavor: str, model: Any, name: str, description: Description, *, register_as: str | None = None
) -> ModelInfo:
    """Save `model` among the artifacts of the active run, or a new one, under the path `name`.

    Returns when the files are in the store. With `register_as`, a version of the registered model
    of that name is created. Logging again under the same path replaces the files, as a retried step
    must; a version that was registered from the earlier ones is then refused when it is loaded.
    """
    run = active_or_new_run()
    origin = _origin(current_session().clock, run_id=run.run_id, artifact_path=name)
    with TemporaryDirectory(prefix="mlflowflow-model-") as private:
        folder = Path(private) / "model"
        manifest = write_package(find_flavor([flavor]), model, folder, description=description, origin=origin)
        run.tracker.artifacts(run.run_id).put_folder(folder, name)
    uri = f"runs:/{run.run_id}/{name}"
    version = None if register_as is None else _register(uri, register_as, Stores(tracker=run.tracker))
    return ModelInfo(model_uri=uri, manifest=manifest, registered_model_version=version)


def _register(uri: str, name: str, stores: Stores) -> int:
    return register_model(uri, name, tracker=stores.open_tracker(), catalog=stores.open_catalog()).version


def _origin(clock: Clock, *, run_id: str | None = None, artifact_path: str | None = None) -> Origin:
    return Origin(
        model_uuid=RandomIds(clock).run_id(),
        created_us=clock.now_us(),
        run_id=run_id,
        artifact_path=artifact_path,
    )
