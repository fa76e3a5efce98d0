"""The functions of `mlflow.onnx`, as far as they need no ONNX; `tests/frameworks` has it."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow import onnx
from mlflowflow.errors import MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

SAVE = "onnx_model path conda_env code_paths mlflow_model signature input_example pip_requirements extra_pip_requirements onnx_execution_providers onnx_session_options metadata save_as_external_data extra_files kwargs"
LOG = "onnx_model artifact_path conda_env code_paths registered_model_name signature input_example await_registration_for pip_requirements extra_pip_requirements onnx_execution_providers onnx_session_options metadata save_as_external_data extra_files name params tags model_type step model_id kwargs"
LOAD = "model_uri dst_path"


@pytest.mark.parametrize(
    ("function", "expected"),
    [(onnx.save_model, SAVE), (onnx.log_model, LOG), (onnx.load_model, LOAD)],
)
def test_the_arguments_are_mlflows(function: Any, expected: str) -> None:
    """Names and positions, so that scripts run as they are; what is ours comes by name only."""
    known = inspect.signature(function).parameters.values()
    ours = {"tracker", "catalog", "allow_code"}
    names = [one.name for one in known if one.name not in ours]
    if function is onnx.load_model:
        names = [name for name in names if name != "kwargs"]
    assert names == expected.split()
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in known if one.name in ours)


def test_a_missing_library_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to install."""
    nothing: Any = None
    monkeypatch.setitem(sys.modules, "onnx", nothing)
    with pytest.raises(MissingExtra, match=r"pip install 'mlflowflow\[onnx\]'"):
        onnx.save_model(object(), tmp_path / "m")
