"""Loading models, and reading about them, from any address.

A model's files are verified before anything of them is parsed (`mlflowflow.models.source`). Whether code may run is the caller's decision (`allow_code`) and is applied to the bytes, never to
what the folder says about them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.errors import NotFound
from mlflowflow.models.flavors import Loaded, find_flavor
from mlflowflow.models.model import ModelInfo, PyFuncModel
from mlflowflow.models.package import read_manifest
from mlflowflow.models.source import Stores, fetched

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.tracker import Tracker


def load_model(
    model_uri: str | Path,
    *,
    tracker: Tracker | None = None,
    catalog: Catalog | None = None,
    allow_code: bool = True,
) -> PyFuncModel:
    """Load the model at `model_uri`, whatever its flavor, ready to predict.

    Args:
        model_uri: ``models:/name/3``, ``models:/name@champion``, ``runs:/<run id>/<path>``, a
            folder or a folder's address in a store; ``models:/`` addresses may end in ``?at=<time>``.
        tracker: Where runs are looked up; by default the session's tracking store.
        catalog: Where registered models are looked up; by default the session's registry.
        allow_code: Whether formats that can run any code, such as pickles, are loaded. True is for
            models of your own; a server says False.

    Raises:
        NotFound: There is no such model, or its flavor is not installed.
        CorruptData: A file is damaged; the error names it.
        UnsafeModel: `allow_code` is False and the model can run code.
    """
    with fetched(model_uri, Stores(tracker=tracker, catalog=catalog)) as folder:
        manifest = read_manifest(folder)
        return PyFuncModel(metadata=manifest, loaded=load_folder(folder, manifest, allow_code=allow_code))


def get_model_info(
    model_uri: str | Path, *, tracker: Tracker | None = None, catalog: Catalog | None = None
) -> ModelInfo:
    """Return what is known of the model at `model_uri` without loading it; no code of it runs."""
    with fetched(model_uri, Stores(tracker=tracker, catalog=catalog)) as folder:
        return ModelInfo(model_uri=str(model_uri), manifest=read_manifest(folder))


def load_folder(
    folder: Path, manifest: Manifest, *, flavor: str | None = None, allow_code: bool = True
) -> Loaded:
    """Load the model in the verified `folder` by its `flavor`, by default the first one known here.

    Raises `NotFound` if the model has no such flavor.
    """
    if flavor is not None and flavor not in manifest.flavors:
        raise NotFound(
            "flavor", flavor, hint=f"The model in '{folder}' has the flavors {', '.join(manifest.flavors)}."
        )
    names = list(manifest.flavors) if flavor is None else [flavor]
    return find_flavor(names).read(folder, manifest, allow_code=allow_code)
