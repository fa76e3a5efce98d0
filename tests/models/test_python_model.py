"""How models written in Python are called."""

from __future__ import annotations

from typing import Any

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.models.python_model import (
    MADE,
    Caller,
    FunctionModel,
    PythonModel,
    PythonModelContext,
    checked,
    set_model,
)

CONTEXT = PythonModelContext({"a": "/a"}, {"k": 1})


class WithAll(PythonModel):
    """Takes everything."""

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        """Return what it was given."""
        return context.artifacts, context.model_config, model_input, params


class WithData(PythonModel):
    """Takes the data only."""

    def predict(self, model_input: list[int]) -> Any:  # type: ignore[override]
        """Return what it was given."""
        return model_input


def test_a_model_is_given_what_it_takes() -> None:
    """Context, data and parameters, or the data alone."""
    assert Caller(WithAll(), CONTEXT, "predict")([1], {"b": 2}) == ({"a": "/a"}, {"k": 1}, [1], {"b": 2})
    assert Caller(WithData(), CONTEXT, "predict")([1], {"b": 2}) == [1]
    with pytest.raises(InvalidInput):
        Caller(WithData(), CONTEXT, "predict")(["x"], {})


def test_a_function_is_a_model() -> None:
    """With or without parameters."""
    assert Caller(checked(lambda model_input: model_input), CONTEXT, "predict")(1, {}) == 1
    assert Caller(FunctionModel(lambda x, params: (x, params)), CONTEXT, "predict")(1, {"b": 2}) == (
        1,
        {"b": 2},
    )


@pytest.mark.parametrize(
    ("model", "said"),
    [(3, "'int'"), (WithAll, r"WithAll\(\)"), (PythonModel(), "no predict"), (lambda: 1, "this takes 0")],
)
def test_what_is_no_model_is_refused(model: Any, said: str) -> None:
    """When it is saved, and not when it is asked."""
    with pytest.raises(InvalidInput, match=said):
        checked(model)


def test_a_file_names_its_model_once() -> None:
    """The last one counts; outside of a file it has no effect."""
    made: list[Any] = []
    token = MADE.set(made)
    try:
        set_model(WithAll())
        set_model(model := WithData())
    finally:
        MADE.reset(token)
    set_model(WithAll())
    assert made == [model]
    with pytest.raises(InvalidInput, match="'int'"):
        set_model(3)


def test_a_model_without_stream_says_so() -> None:
    """Only models that have one can be asked piece by piece."""
    with pytest.raises(NotImplementedError, match="WithAll"):
        WithAll().predict_stream(None, 1)
    with pytest.raises(NotImplementedError, match="PythonModel"):
        PythonModel().predict(None, 1)
