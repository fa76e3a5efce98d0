"""Which packages a saved model needs, pinned to the versions it was made with.

The packages are those whose modules the model's own bytes name, not those the process happens to
have imported. MLflow itself is not among them: a model made here does not need it.
"""

from __future__ import annotations

import functools
import logging
import platform
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Final

from mlflowflow.models.manifest import dump_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

REQUIREMENTS: Final = "requirements.txt"
CONDA: Final = "conda.yaml"
PYTHON_ENV: Final = "python_env.yaml"
CONSTRAINTS: Final = "constraints.txt"

#: Packages whose modules have another name.
_NAMES: Final = {"sklearn": "scikit-learn"}

_logger = logging.getLogger(__name__)


def python_version() -> str:
    """Return the running Python's version, such as ``3.11.7``."""
    return platform.python_version()


def distributions_of(modules: Iterable[str]) -> tuple[str, ...]:
    """Return the installed packages that provide the top-level `modules`, sorted.

    Modules of Python itself need none. One that no package provides is the user's own file: the
    model will not load without it, and a warning says so.
    """
    names: set[str] = set()
    for module in sorted(set(modules) - sys.stdlib_module_names - {"__main__"}):
        providers = _providers(module)
        names.update(providers)
        if not providers:
            _logger.warning("The model needs the module '%s', which no installed package provides.", module)
    return tuple(sorted(names, key=str.lower))


def pinned(distributions: Iterable[str]) -> tuple[str, ...]:
    """Return ``name==version`` for each of `distributions` that is installed, sorted by name.

    >>> pinned(["ruamel.yaml", "no-such-package"])[0].partition("==")[0]
    'ruamel.yaml'
    """
    versions = {name: _version(name) for name in set(distributions)}
    return tuple(f"{name}=={versions[name]}" for name in sorted(versions, key=str.lower) if versions[name])


def environment_files(requirements: Sequence[str], *, python: str) -> dict[str, str]:
    """Return MLflow's three environment files by name, for the pinned `requirements` on `python`.

    >>> sorted(environment_files(["numpy==2.0"], python="3.11.7"))
    ['conda.yaml', 'python_env.yaml', 'requirements.txt']
    """
    conda = {
        "name": "mlflow-env",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", "pip", {"pip": list(requirements)}],
    }
    virtualenv = {
        "python": python,
        "build_dependencies": ["pip", "setuptools", "wheel"],
        "dependencies": [f"-r {REQUIREMENTS}"],
    }
    return {
        REQUIREMENTS: "".join(f"{line}\n" for line in requirements),
        CONDA: dump_yaml(conda),
        PYTHON_ENV: dump_yaml(virtualenv),
    }


def _providers(module: str) -> Sequence[str]:
    """Ask for a package of the same name first: looking into all packages takes a second."""
    same = _NAMES.get(module, module)
    return [same] if _version(same) else _all_providers().get(module, ())


@functools.cache
def _all_providers() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _version(name: str) -> str | None:
    """Return the version without its local part: ``+cpu`` says how it was built, and no index has it."""
    try:
        return metadata.version(name).partition("+")[0]
    except metadata.PackageNotFoundError:
        return None
