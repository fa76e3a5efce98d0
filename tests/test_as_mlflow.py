"""Scripts that say ``import mlflow``, on this library."""

from __future__ import annotations

import importlib
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import mlflowflow
from mlflowflow import as_mlflow
from mlflowflow.errors import InvalidInput, InvalidState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCRIPT = """
import sys
import mlflow
import mlflow.entities as entities
from mlflow.tracking import MlflowClient
from mlflow.tracking.client import MlflowClient as again
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from helper import answer
with mlflow.start_run() as run:
    mlflow.log_metric("m", answer())
assert MlflowClient is again is mlflow.MlflowClient
print(sys.argv, MlflowClient().get_run(run.info.run_id).data.metrics, __name__)
"""


@pytest.fixture(autouse=True)
def without() -> Iterator[None]:
    """Leave no alias behind."""
    as_mlflow.uninstall()
    yield
    as_mlflow.uninstall()


def test_a_script_runs_unchanged(tmp_path: Path) -> None:
    """It finds its neighbours, sees its own arguments and is the main program."""
    (tmp_path / "helper.py").write_text("def answer(): return 42")
    (tmp_path / "train.py").write_text(_SCRIPT)
    command = [sys.executable, "-m", "mlflowflow.as_mlflow", str(tmp_path / "train.py"), "--depth", "3"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"['{tmp_path}/train.py', '--depth', '3'] {{'m': 42.0}} __main__"


def test_the_modules_are_our_own() -> None:
    """The other name gives the same objects, which keep their own names."""
    as_mlflow.install()
    as_mlflow.install()
    entities = importlib.import_module("mlflow.entities")
    assert importlib.import_module("mlflow") is mlflowflow
    assert entities is mlflowflow.entities
    assert entities.__spec__ is not None
    assert (entities.__name__, entities.__spec__.name) == ("mlflowflow.entities", "mlflowflow.entities")


def test_what_is_not_offered_is_not_found() -> None:
    """An import of what this library lacks fails as any unknown module does."""
    as_mlflow.install()
    with pytest.raises(ModuleNotFoundError, match="mlflow"):
        importlib.import_module("mlflow.no_such_part")


def test_two_libraries_do_not_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once MLflow is imported, half of a program would talk to each."""
    monkeypatch.setitem(sys.modules, "mlflow", ModuleType("mlflow"))
    with pytest.raises(InvalidState, match="was imported already"):
        as_mlflow.install()


@pytest.mark.parametrize("arguments", [[], ["nowhere.py"]])
def test_a_script_must_be_named(arguments: list[str]) -> None:
    """The mistake says how the command is written."""
    with pytest.raises(InvalidInput, match=r"as_mlflow SCRIPT"):
        as_mlflow.main(arguments)
