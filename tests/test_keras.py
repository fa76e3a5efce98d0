"""The functions of `mlflow.keras`, as far as they need no Keras; `tests/frameworks` has it."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow import keras
from mlflowflow.errors import MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

SAVE = "model path save_exported_model conda_env mlflow_model signature input_example pip_requirements extra_pip_requirements save_model_kwargs metadata"
LOG = "model artifact_path save_exported_model conda_env signature input_example registered_model_name await_registration_for pip_requirements extra_pip_requirements save_model_kwargs metadata name params tags model_type step model_id"
LOAD = "model_uri dst_path custom_objects load_model_kwargs"


@pytest.mark.parametrize(
    ("function", "expected"),
    [(keras.save_model, SAVE), (keras.log_model, LOG), (keras.load_model, LOAD)],
)
def test_the_arguments_are_mlflows(function: Any, expected: str) -> None:
    """Names and positions, so that scripts run as they are; what is ours comes by name only."""
    known = inspect.signature(function).parameters.values()
    ours = {"tracker", "catalog", "allow_code"}
    names = [one.name for one in known if one.name not in ours]
    if function is keras.load_model:
        names = [name for name in names if name != "kwargs"]
    assert names == expected.split()
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in known if one.name in ours)


def test_a_missing_library_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to install."""
    nothing: Any = None
    monkeypatch.setitem(sys.modules, "keras", nothing)
    with pytest.raises(MissingExtra, match=r"pip install 'mlflowflow\[keras\]'"):
        keras.save_model(object(), tmp_path / "m")
