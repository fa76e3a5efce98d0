"""Requests as MLflow's server takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlflowflow import pyfunc
from mlflowflow.errors import InvalidInput
from mlflowflow.models import convert_input_example_to_serving_input, validate_serving_input
from mlflowflow.models.serving import read_request
from mlflowflow.models.signature import infer_signature

if TYPE_CHECKING:
    from pathlib import Path


def test_an_example_is_a_request(tmp_path: Path) -> None:
    """What is kept with a model can be sent to it."""
    table = pd.DataFrame({"a": [1.0, 2.0]})
    pyfunc.save_model(tmp_path, python_model=lambda model_input: model_input["a"].sum(), input_example=table)
    text = convert_input_example_to_serving_input(table)
    assert text == (tmp_path / "serving_input_example.json").read_text()
    assert text is not None
    assert validate_serving_input(tmp_path, text) == 3.0
    with pytest.raises(InvalidInput, match="'a'"):
        validate_serving_input(tmp_path, {"dataframe_records": [{"b": 1}]})


def test_numbers_take_the_types_of_the_signature() -> None:
    """JSON has one kind of number, arrays have many."""
    array = np.array([[1.0]], dtype="float32")
    assert read_request({"inputs": [[1]]}, infer_signature(array)).data.dtype == np.float32
    named = read_request({"inputs": {"x": [[1]]}}, infer_signature({"x": array}))
    assert named.data["x"].dtype == np.float32


@pytest.mark.parametrize(
    "request_",
    [
        "{",
        "[]",
        "{}",
        {"inputs": 1, "instances": 1},
        {"inputs": 1, "other": 1},
        {"inputs": 1, "params": [1]},
        {"dataframe_split": [1]},
        {"dataframe_records": {"a": 1}},
    ],
)
def test_what_is_no_request_is_refused(request_: Any) -> None:
    """Exactly one form, and parameters by name."""
    with pytest.raises(InvalidInput):
        read_request(request_, None)


def test_values_that_are_no_numbers_are_refused() -> None:
    """The error is ours, not NumPy's."""
    with pytest.raises(InvalidInput, match="numbers"):
        read_request({"inputs": [["x"]]}, infer_signature(np.array([[1.0]])))
