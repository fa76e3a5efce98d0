"""Examples in docstrings: each has a store in memory of its own, and ``mlflow`` means this library."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The plugin of MLflow is imported where MLflow is, in an environment of its own.
collect_ignore_glob = [] if importlib.util.find_spec("mlflow") else ["mlflowflow/mlflow_plugin/*.py"]


@pytest.fixture(autouse=True)
def _example(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run an example as a new program in an empty folder of its own; leave ordinary tests alone."""
    if not isinstance(request.node, pytest.DoctestItem):
        yield
        return
    import mlflowflow
    from mlflowflow.clock import ManualClock
    from mlflowflow.config import Settings
    from mlflowflow.storage.memory import MemoryBlobStore
    from mlflowflow.tracking.fluent.active import active_run, end_run
    from mlflowflow.tracking.fluent.session import Session, configure

    names: dict[str, object] = request.getfixturevalue("doctest_namespace")
    request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
    names["mlflow"] = mlflowflow
    configure(Session(Settings(tracking_uri=MemoryBlobStore().url, user="ada"), clock=ManualClock()))
    yield
    while active_run() is not None:
        end_run()
    configure(Session(Settings(tracking_uri=MemoryBlobStore().url)))
