"""What ``import mlflowflow`` offers and what it does not bring."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

import mlflowflow
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from pathlib import Path

#: Packages that take long to import, or that not everybody needs.
HEAVY: Final = frozenset(
    {
        "dask",
        "distributed",
        "duckdb",
        "fsspec",
        "numpy",
        "optuna",
        "pandas",
        "prefect",
        "prefect_dask",
        "pyarrow",
        "pydantic",
        "s3fs",
        "scipy",
        "sklearn",
    }
)
#: The modules that programs call functions of.
PUBLIC: Final = (
    "mlflowflow",
    "mlflowflow.artifacts",
    "mlflowflow.as_mlflow",
    "mlflowflow.data",
    "mlflowflow.evaluation",
    "mlflowflow.keras",
    "mlflowflow.lightgbm",
    "mlflowflow.metrics",
    "mlflowflow.models",
    "mlflowflow.onnx",
    "mlflowflow.pyfunc",
    "mlflowflow.pytorch",
    "mlflowflow.sklearn",
    "mlflowflow.sweeps",
    "mlflowflow.system_metrics",
    "mlflowflow.xgboost",
)
_LOADED: Final = "\nimport sys, json; print(json.dumps(sorted(sys.modules)))"


def _modules_after(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", code + _LOADED], capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(done.stdout)
    return set(modules)


@pytest.mark.parametrize(
    "code",
    [
        "import mlflowflow",
        "import mlflowflow; dir(mlflowflow); mlflowflow.__version__",
        "import mlflowflow as mlflow; mlflow.set_tracking_uri('memory://x'); mlflow.get_registry_uri()",
    ],
)
def test_importing_and_pointing_bring_nothing_heavy(code: str) -> None:
    """A program that only imports the library or sets an address pays milliseconds."""
    assert _modules_after(code) & HEAVY == set()


def test_a_bare_import_brings_none_of_our_modules() -> None:
    """Everything public is imported when it is first used."""
    assert {name for name in _modules_after("import mlflowflow") if name.startswith("mlflowflow.")} == set()


def test_the_offer_is_the_table() -> None:
    """The exported names are the table's, sorted."""
    assert sorted([*mlflowflow._MODULES, "__version__"]) == mlflowflow.__all__
    assert list(mlflowflow._MODULES) == sorted(mlflowflow._MODULES)


@pytest.mark.parametrize("name", mlflowflow.__all__)
def test_every_public_name_can_be_used(name: str) -> None:
    """The table names nothing that does not exist, and what it names is documented."""
    value = getattr(mlflowflow, name)
    assert value.__doc__
    assert name in dir(mlflowflow)


@pytest.mark.parametrize("module_name", PUBLIC)
def test_every_public_function_shows_how_it_is_called(module_name: str) -> None:
    """Each function that a public module lists has an example, which the doctests run."""
    module = importlib.import_module(module_name)
    functions = [name for name in module.__all__ if inspect.isroutine(getattr(module, name))]
    assert functions, f"{module_name} lists no function"
    assert [name for name in functions if ">>>" not in (getattr(module, name).__doc__ or "")] == []


@pytest.mark.parametrize("module_name", PUBLIC[1:])
def test_a_public_module_lists_its_own_functions(module_name: str) -> None:
    """What a module defines for its users is in its `__all__`, and each name once."""
    module = importlib.import_module(module_name)
    own = {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module_name and not name.startswith("_")
    }
    assert len(set(module.__all__)) == len(module.__all__)
    assert own <= set(module.__all__)


def test_an_unknown_name_is_an_ordinary_error() -> None:
    """`hasattr` and friends work as on any module."""
    with pytest.raises(AttributeError, match="no attribute 'log_metrik'"):
        mlflowflow.log_metrik  # noqa: B018 - reading it is the act


_LAUNCHER_CODE: Final = """
import subprocess, sys
import mlflowflow as mlflow
with mlflow.start_run(run_name="launched") as run:
    mlflow.log_param("by", "launcher")
    subprocess.run([sys.executable, sys.argv[1]], env={**__import__("os").environ, "MLFLOWFLOW_RUN_ID": run.run_id})
    assert mlflow.get_run(run.run_id).info.status == "RUNNING"
print(run.run_id)
"""
_CHILD_CODE: Final = """
import mlflowflow as mlflow
with mlflow.start_run(run_name="ignored"):
    mlflow.log_metric("accuracy", 0.9)
    mlflow.log_text("done", "note.txt")
    with mlflow.start_run(nested=True, run_name="fold"):
        mlflow.log_metric("accuracy", 0.8)
"""


def test_a_child_process_logs_to_its_launchers_run(tmp_path: Path) -> None:
    """Launcher and child are one run, which the launcher ends; the child's own runs are the child's."""
    (tmp_path / "launcher.py").write_text(_LAUNCHER_CODE)
    (tmp_path / "child.py").write_text(_CHILD_CODE)
    done = subprocess.run(
        [sys.executable, tmp_path / "launcher.py", tmp_path / "child.py"],
        env={**os.environ, "MLFLOWFLOW_TRACKING_URI": str(tmp_path / "store")},
        capture_output=True,
        text=True,
        check=True,
    )
    with Tracker(open_store(tmp_path / "store")) as tracker:
        run = tracker.get_run(done.stdout.strip())
        (fold,) = tracker.children(run.info.run_id)
        note = tracker.artifacts(run.info.run_id).read("note.txt")
    assert (run.info.run_name, run.info.status, fold.info.status) == ("launched", "FINISHED", "FINISHED")
    assert (run.data.params, run.data.metrics, note) == ({"by": "launcher"}, {"accuracy": 0.9}, b"done")
    assert fold.info.run_name == "fold"
