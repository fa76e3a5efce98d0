"""MLproject files, and how they become Prefect flows on Dask.

Scripts written for MLflow take `run` and `SubmittedRun` from here. They are imported when they are asked
for: what runs a project is a layer above this package.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

_MODULES: Final = {
    "SubmittedRun": "mlflowflow.orchestration.submission",
    "run": "mlflowflow.orchestration.submission",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(module), name)
