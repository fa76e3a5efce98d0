"""Leave this folder out where the frameworks are not installed: they are large."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import pytest

_NEEDED: Final = ("keras", "lightning", "onnx", "onnxruntime", "torch", "xgboost")

collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in _NEEDED) else ["test_*.py"]

#: What the frameworks warn of among themselves, which is not ours to mend.
_THEIR_OWN: Final = (
    "ignore::DeprecationWarning:keras",
    "ignore::UserWarning:keras",
    "ignore::DeprecationWarning:torch",
    "ignore::FutureWarning:torch",
    "ignore::DeprecationWarning:lightning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the frameworks' own warnings pass, here and nowhere else."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for rule in _THEIR_OWN:
                item.add_marker(pytest.mark.filterwarnings(rule))
