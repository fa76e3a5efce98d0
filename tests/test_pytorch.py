"""The functions of `mlflow.pytorch`, as far as they need no PyTorch; `tests/frameworks` has it."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow import pytorch
from mlflowflow.errors import MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

SAVE = "pytorch_model path conda_env mlflow_model code_paths pickle_module signature input_example extra_files pip_requirements extra_pip_requirements metadata export_model serialization_format kwargs"
LOG = "pytorch_model artifact_path conda_env code_paths pickle_module registered_model_name signature input_example await_registration_for extra_files pip_requirements extra_pip_requirements metadata name params tags model_type step model_id export_model serialization_format kwargs"
LOAD = "model_uri dst_path"


@pytest.mark.parametrize(
    ("function", "expected"),
    [(pytorch.save_model, SAVE), (pytorch.log_model, LOG), (pytorch.load_model, LOAD)],
)
def test_the_arguments_are_mlflows(function: Any, expected: str) -> None:
    """Names and positions, so that scripts run as they are; what is ours comes by name only."""
    known = inspect.signature(function).parameters.values()
    ours = {"tracker", "catalog", "allow_code"}
    names = [one.name for one in known if one.name not in ours]
    if function is pytorch.load_model:
        names = [name for name in names if name != "kwargs"]
    assert names == expected.split()
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in known if one.name in ours)


def test_a_missing_library_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to install."""
    nothing: Any = None
    monkeypatch.setitem(sys.modules, "torch", nothing)
    with pytest.raises(MissingExtra, match=r"pip install 'mlflowflow\[torch\]'"):
        pytorch.save_model(object(), tmp_path / "m")
