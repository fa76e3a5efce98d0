"""Signatures read off type hints."""

from __future__ import annotations

import datetime as dt
from typing import Any, Optional

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from mlflowflow.errors import InvalidInput
from mlflowflow.models.schema import AnyType, ArrayType, DataType, MapType, type_to_json
from mlflowflow.models.type_hints import converted, data_argument, hints_of, schema_of, takes_context


class Row(BaseModel):
    """A row of data."""

    a: int
    b: str | None = None


class Broken(BaseModel):
    """A row whose optional field must be given."""

    b: str | None


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (list[str], DataType.STRING),
        (list[int], DataType.LONG),
        (list[dt.datetime], DataType.DATETIME),
        (list[list[float]], ArrayType(DataType.DOUBLE)),
        (list[dict[str, bool]], MapType(DataType.BOOLEAN)),
        (list[Any], AnyType()),
        (list[int | str], AnyType()),
    ],
)
def test_a_list_of_rows_is_one_unnamed_column(hint: Any, expected: Any) -> None:
    """The column has the type of a row."""
    schema = schema_of(hint)
    assert schema is not None
    (column,) = schema.columns
    assert (column.name, column.type, column.required) == (None, expected, True)


def test_a_pydantic_model_is_an_object() -> None:
    """Its fields are properties; one that may be None is not required."""
    schema = schema_of(list[Row])
    assert schema is not None
    assert type_to_json(schema.columns[0].type)["properties"] == {
        "a": {"type": "long", "required": True},
        "b": {"type": "string", "required": False},
    }


@pytest.mark.parametrize("hint", [None, pd.DataFrame, np.ndarray, str, Any, dict[str, int]])
def test_what_is_no_list_says_nothing_of_rows(hint: Any) -> None:
    """No signature is read off them."""
    assert schema_of(hint) is None


@pytest.mark.parametrize("hint", [list[object], list[dict[int, str]], list[Broken], list[set[int]]])
def test_hints_that_cannot_be_a_signature_are_refused(hint: Any) -> None:
    """The error comes when the model is saved, not when it is asked."""
    with pytest.raises(InvalidInput):
        schema_of(hint)


@pytest.mark.parametrize(
    ("data", "hint", "expected"),
    [
        (["a"], list[str], ["a"]),
        (pd.DataFrame({"x": ["a", "b"]}), list[str], ["a", "b"]),
        (pd.DataFrame({"a": [1]}), list[Row], [Row(a=1)]),
        ([{"a": 1, "b": "x"}], list[Row], [Row(a=1, b="x")]),
        ([[1.0]], list[list[float]], [[1.0]]),
        ([{"k": True}], list[dict[str, bool]], [{"k": True}]),
        ([None], list[Optional[int]], [None]),  # noqa: UP045 - both spellings are hints
        ("anything", None, "anything"),
    ],
)
def test_data_is_brought_into_the_form_of_the_hint(data: Any, hint: Any, expected: Any) -> None:
    """Tables become rows, dictionaries become models."""
    assert converted(data, hint) == expected


@pytest.mark.parametrize(
    ("data", "hint", "place"),
    [
        ([1], list[str], r"\[0\]"),
        ([{"a": "x"}], list[Row], r"\[0\]"),
        ([[1, "x"]], list[list[int]], r"\[0\]\[1\]"),
        ([True], list[int], r"\[0\]"),
    ],
)
def test_data_that_is_not_what_the_hint_says_is_named(data: Any, hint: Any, place: str) -> None:
    """Nothing is converted in silence; the error says where."""
    with pytest.raises(InvalidInput, match=place):
        converted(data, hint)
    with pytest.raises(InvalidInput, match="takes"):
        converted(3, list[int])


def test_the_context_is_recognised() -> None:
    """By its name, or as the first of two."""

    def with_context(context: Any, model_input: list[int], params: Any = None) -> list[str]:
        return []

    def without(model_input: list[int], params: Any = None) -> None: ...

    assert (takes_context(with_context), takes_context(without)) == (True, False)
    assert data_argument(with_context) == data_argument(without) == "model_input"
    assert hints_of(with_context) == (list[int], list[str])
