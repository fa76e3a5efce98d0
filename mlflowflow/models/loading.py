"""Loading models, and reading about them, from any address.

A model's files are verified before anything of them is parsed (`mlflowflow.models.source`). Whether
code may run is the caller's decision (`allow_code`) and is applied to the bytes, never to what the
folder says about them.
"""

from __future__ import annotations

import weakref
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import NotFound
from mlflowflow.models.example import read_example
from mlflowflow.models.flavors import Loaded, find_flavor
from mlflowflow.models.info import ModelInfo
from mlflowflow.models.inside import inside
from mlflowflow.models.inspection import Safety, classes_of
from mlflowflow.models.manifest import PYFUNC
from mlflowflow.models.model import PyFuncModel
from mlflowflow.models.package import files_of, read_manifest, read_with_code
from mlflowflow.models.source import Stores, fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.tracker import Tracker


def load_model(
    model_uri: str | Path,
    suppress_warnings: bool = False,
    dst_path: str | Path | None = None,
    model_config: str | Path | Mapping[str, Any] | None = None,
    *,
    tracker: Tracker | None = None,
    catalog: Catalog | None = None,
    allow_code: bool = True,
) -> PyFuncModel:
    """Load the model at `model_uri`, whatever its flavor, ready to predict.

    Args:
        model_uri: ``models:/name/3``, ``models:/name@champion``, ``models:/m-<id>``,
            ``runs:/<run id>/<path>``, a folder or a folder's address in a store; the addresses of the
            registry may end in ``?at=<time>``.
        suppress_warnings: Accepted for MLflow's sake: nothing is warned of here.
        dst_path: A folder that the files are copied to and stay in; by default they are removed again
            when the model needs them no more.
        model_config: What a model that can be configured is configured with, over what was saved with
            it: a dictionary, or the path of a YAML file.
        tracker: Where runs are looked up; by default the session's tracking store.
        catalog: Where registered models are looked up; by default the session's registry.
        allow_code: Whether formats that can run any code, such as pickles, are loaded. True is for
            models of your own; a server says False.

    Raises:
        NotFound: There is no such model, or its flavor is not installed.
        InvalidUri: The address is of no known form.
        CorruptData: A file is damaged; the error names it.
        UnsafeModel: `allow_code` is False and the model can run code.

    >>> info = mlflow.pyfunc.log_model(name="twice", python_model=lambda model_input: 2 * model_input)
    >>> load_model(info.model_uri).predict([1, 2])
    [1, 2, 1, 2]
    """
    del suppress_warnings
    with ExitStack() as held:
        folder = held.enter_context(
            fetched(model_uri, Stores(tracker=tracker, catalog=catalog), dst=dst_path)
        )
        manifest = _configured(read_manifest(folder), model_config)
        loaded = load_folder(folder, manifest, allow_code=allow_code)
        model = PyFuncModel(metadata=manifest, loaded=loaded, input_example=_example(folder, manifest))
        if loaded.needs_folder:
            weakref.finalize(model, held.pop_all().close)
        return model


def get_model_info(
    model_uri: str | Path, *, tracker: Tracker | None = None, catalog: Catalog | None = None
) -> ModelInfo:
    """Return what is known of the model at `model_uri` without loading it; no code of it runs.

    Raises `NotFound`, `InvalidUri` and `CorruptData` as `load_model` does.

    >>> info = mlflow.pyfunc.log_model(name="twice", python_model=lambda model_input: 2 * model_input)
    >>> list(get_model_info(info.model_uri).flavors)
    ['python_function']
    """
    with fetched(model_uri, Stores(tracker=tracker, catalog=catalog)) as folder:
        return ModelInfo(model_uri=str(model_uri), manifest=read_manifest(folder))


def inspect_safety(
    model_uri: str | Path, *, tracker: Tracker | None = None, catalog: Catalog | None = None
) -> Safety:
    """Return what loading the model at `model_uri` could do, judged by its bytes; nothing of it runs.

    Raises `NotFound`, `InvalidUri` and `CorruptData` as `load_model` does.

    >>> info = mlflow.pyfunc.log_model(name="twice", python_model=lambda model_input: 2 * model_input)
    >>> inspect_safety(info.model_uri).runs_code
    True
    """
    with fetched(model_uri, Stores(tracker=tracker, catalog=catalog)) as folder:
        return classes_of(files_of(folder), read_manifest(folder))


def load_folder(
    folder: Path,
    manifest: Manifest,
    *,
    flavor: str | None = None,
    allow_code: bool = True,
    read: Callable[[Path, Manifest], Any] | None = None,
) -> Loaded:
    """Load the model in the verified `folder` by its `flavor`, by default the first one known here.

    `read` gives the library's own object in place of the flavor. Raises `NotFound` if the model has no
    such flavor.
    """
    if flavor is not None and flavor not in manifest.flavors:
        raise NotFound(
            "flavor", flavor, hint=f"The model in '{folder}' has the flavors {', '.join(manifest.flavors)}."
        )

    def loaded() -> Loaded:
        if read is not None:
            return Loaded(native=read(folder, manifest), predict=_cannot_predict)
        found = find_flavor(list(manifest.flavors) if flavor is None else [flavor])
        return found.read(folder, manifest, allow_code=allow_code)

    return read_with_code(folder, loaded, allow_code=allow_code)


def _cannot_predict(_: Any, __: Mapping[str, Any]) -> Any:
    raise NotImplementedError


def _configured(manifest: Manifest, config: str | Path | Mapping[str, Any] | None) -> Manifest:
    """Lay the caller's configuration over the one that was saved."""
    from mlflowflow.models.model_config import read_config

    if config is None or PYFUNC not in manifest.flavors:
        return manifest
    section = manifest.flavors[PYFUNC]
    joined = {**(section.get("config") or {}), **read_config(config)}
    return replace(manifest, flavors={**manifest.flavors, PYFUNC: {**section, "config": joined}})


def _example(folder: Path, manifest: Manifest) -> Any:
    place = manifest.saved_input_example_info
    if place is None:
        return None
    path = inside(folder, str(place.get("artifact_path")))
    return read_example(path.read_bytes(), place) if path.is_file() else None
