"""Pickles that both libraries read."""

from __future__ import annotations

import pickle
import pickletools
from typing import Any

import pytest

import mlflowflow
from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.models.pickles import dumps, loads
from mlflowflow.models.python_model import FunctionModel, PythonModel


def _texts(data: bytes) -> set[str]:
    return {argument for _, argument, _ in pickletools.genops(data) if isinstance(argument, str)}


def test_our_names_are_written_as_those_of_mlflow() -> None:
    """A folder made here loads where this library is not."""

    class Mine(PythonModel):
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return mlflowflow.__version__, model_input

    Mine.__module__ = "__main__"
    found = _texts(dumps(Mine()))
    assert {"mlflow", "mlflow.pyfunc.model"} <= found
    assert not {text for text in found if text.startswith("mlflowflow.")}
    assert loads(dumps(Mine()), "m").predict(None, 1) == (mlflowflow.__version__, 1)


def test_a_function_comes_back() -> None:
    """With what it closes over."""
    factor = 3
    loaded = loads(dumps(FunctionModel(lambda model_input: factor * model_input)), "m")
    assert isinstance(loaded, FunctionModel)
    assert loaded.predict(2) == 6


def test_mlflows_names_are_read_as_ours() -> None:
    """Also those of its that are not public."""
    assert loads(b"cmlflow.pyfunc.model\nPythonModel\n.", "m") is PythonModel
    assert loads(b"cmlflow.pyfunc.model\n_FunctionPythonModel\n.", "m") is FunctionModel
    assert loads(b"cmlflow.exceptions\nMlflowException\n.", "m") is mlflowflow.errors.MlflowflowError
    check = loads(b"cmlflow.pyfunc.utils.data_validation\n_validate_model_input\n.", "m")
    assert check((1,), {}, 0, str, "x") == ((1,), {})


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"cno_such_module\nx\n.", NotFound), (b"", CorruptData), (pickle.dumps([1])[:-1], CorruptData)],
)
def test_what_cannot_be_read_is_named(data: bytes, error: type[Exception]) -> None:
    """A module that is missing, bytes that are no pickle."""
    with pytest.raises(error):
        loads(data, "m")
