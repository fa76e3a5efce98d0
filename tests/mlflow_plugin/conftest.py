"""The plugin's stores on a store of each test's own; most of it where MLflow is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.mlflow_plugin.opened import forget

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What needs no MLflow; the rest runs in an environment that has it.
_ALONE: Final = frozenset({"addresses", "entry", "opened", "places", "purging"})

collect_ignore_glob = ["scripts/*"]
if importlib.util.find_spec("mlflow") is None:
    collect_ignore_glob += [
        each.name for each in Path(__file__).parent.glob("test_*.py") if each.stem[5:] not in _ALONE
    ]

#: What MLflow and its libraries warn of among themselves.
_THEIR_OWN: Final = ("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning:mlflow")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let MLflow's own warnings pass, here and nowhere else."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.path.stem[5:] not in _ALONE:
            for rule in _THEIR_OWN:
                item.add_marker(pytest.mark.filterwarnings(rule))


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close what a test opened."""
    yield
    forget()


@pytest.fixture
def uri(tmp_path: Path) -> str:
    """Give the address of a store that no other test has."""
    return f"mlff+file://{tmp_path}/store"
