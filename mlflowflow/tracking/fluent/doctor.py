"""What to paste into a report of trouble: versions, addresses and settings of this process.

Whether a store is fit to be one is another question; ``mlff store doctor`` answers that.
"""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import mlflowflow
from mlflowflow.config import variables
from mlflowflow.tracking.fluent.session import current_registry_uri, current_tracking_uri

_PACKAGES: Final = (
    "pyarrow",
    "fsspec",
    "s3fs",
    "prefect",
    "dask",
    "optuna",
    "pandas",
    "numpy",
    "scikit-learn",
)
_MASK: Final = "***"


def doctor(mask_envs: bool = False) -> None:
    """Print what this process runs on; `mask_envs` hides the values of the environment's variables.

    >>> doctor(mask_envs=True)  # doctest: +ELLIPSIS
    System information: ...
    """
    print("\n".join(report(mask_envs=mask_envs)))  # noqa: T201 - printing is what it is for


def report(*, mask_envs: bool) -> list[str]:
    """Return the lines that `doctor` prints."""
    said = variables()
    return [
        f"System information: {platform.system()} {platform.version()}",
        f"Python version: {platform.python_version()}",
        f"mlflowflow version: {mlflowflow.__version__}",
        f"mlflowflow location: {Path(mlflowflow.__file__).parent}",
        f"Tracking URI: {current_tracking_uri()}",
        f"Registry URI: {current_registry_uri()}",
        "Environment variables:",
        *(f"  {name}: {_MASK if mask_envs else text}" for name, text in said.items()),
        "Packages:",
        *(f"  {name}: {_version(name)}" for name in _PACKAGES),
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
