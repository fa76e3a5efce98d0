"""Experiments, runs, metrics, params, tags and artifacts on plain Parquet.

Scripts written for MLflow take `MlflowClient` and the address functions from here. They are imported
when they are asked for: the client also registers models, which is a layer above this package.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

_MODULES: Final = {
    "MlflowClient": "mlflowflow.client",
    "get_registry_uri": "mlflowflow.tracking.fluent.api",
    "get_tracking_uri": "mlflowflow.tracking.fluent.api",
    "is_tracking_uri_set": "mlflowflow.tracking.fluent.api",
    "set_registry_uri": "mlflowflow.tracking.fluent.api",
    "set_tracking_uri": "mlflowflow.tracking.fluent.api",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(module), name)
