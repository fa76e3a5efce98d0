"""What MLflow imports in every program."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from mlflowflow.config import keep_proxied_files_in_the_store

_PROJECT: Final = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text())
_ENTRIES: Final = {
    (group, name): place
    for group, entries in _PROJECT["project"]["entry-points"].items()
    for name, place in entries.items()
}
_HEAVY: Final = {"mlflow", "pyarrow", "fsspec", "pydantic", "prefect", "dask"}


@pytest.mark.parametrize("place", sorted(set(_ENTRIES.values())))
def test_what_is_named_is_there(place: str) -> None:
    """MLflow warns about a name that leads nowhere, in every program of everybody."""
    module, _, name = place.partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_every_kind_of_store_is_named_in_each_group() -> None:
    """A store whose files or registry could not be opened would be half a store."""
    kinds = {"mlff", "mlff+file", "mlff+s3", "mlff+gs", "mlff+az"}
    for group in ("mlflow.tracking_store", "mlflow.model_registry_store", "mlflow.artifact_repository"):
        assert {name for found, name in _ENTRIES if found == group} == kinds


def test_it_imports_nothing_heavy() -> None:
    """Everybody who has both libraries pays for this import, whatever store they use."""
    program = "import mlflowflow.mlflow_plugin.entry, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not _HEAVY & set(json.loads(done.stdout))


def test_a_servers_files_go_where_its_runs_go_unless_it_was_told_otherwise() -> None:
    """MLflow's default is a folder beside the server, where no other server would find them."""
    destination = "_MLFLOW_SERVER_ARTIFACT_DESTINATION"
    for store, told, expected in (
        ("mlff+s3://b/ml", "./mlartifacts", "mlff+s3://b/ml"),
        ("mlff+s3://b/ml", "s3://other", "s3://other"),
        ("sqlite:///mlflow.db", "./mlartifacts", "./mlartifacts"),
    ):
        environ = {"_MLFLOW_SERVER_FILE_STORE": store, destination: told}
        keep_proxied_files_in_the_store(environ)
        assert environ[destination] == expected
    nobody: dict[str, str] = {}
    keep_proxied_files_in_the_store(nobody)
    assert nobody == {}
