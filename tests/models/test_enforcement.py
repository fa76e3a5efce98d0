"""Bringing data into the form a signature promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from mlflowflow.errors import InvalidInput
from mlflowflow.models.enforcement import enforce, enforce_params
from mlflowflow.models.schema import ColumnSchema, ColumnSpec, DataType, TensorSchema, TensorSpec
from mlflowflow.models.signature import ModelSignature, infer_signature


def _columns(**types: DataType) -> ModelSignature:
    return ModelSignature(
        inputs=ColumnSchema(tuple(ColumnSpec(name=name, type=of) for name, of in types.items()))
    )


def _tensor(dtype: str, *shape: int) -> ModelSignature:
    return ModelSignature(inputs=TensorSchema((TensorSpec(dtype=dtype, shape=shape),)))


AB = _columns(a=DataType.DOUBLE, b=DataType.LONG)


def test_columns_come_in_order_and_extra_ones_go() -> None:
    """The model sees the signature's columns in the signature's order."""
    table = enforce(AB, pd.DataFrame({"extra": ["x"], "b": [1], "a": [1.0]}, index=[7]))
    assert list(table.columns) == ["a", "b"]
    assert list(table.index) == [7]


def test_all_missing_columns_are_named_together() -> None:
    """One error tells everything that lacks, and what was found."""
    with pytest.raises(InvalidInput, match=r"lacks 'a', 'b'.* has 'c'"):
        enforce(AB, pd.DataFrame({"c": [1]}))


def test_a_column_that_is_not_required_may_be_missing() -> None:
    """Only required columns are demanded."""
    signature = infer_signature([{"a": 1.0, "b": 1}, {"a": 1.0}])
    assert list(enforce(signature, pd.DataFrame({"a": [1.0]})).columns) == ["a"]


@pytest.mark.parametrize(
    "data",
    [
        {"a": 1.0, "b": 2},
        {"a": [1.0], "b": [2]},
        {"a": np.array([1.0]), "b": np.array([2])},
        [{"a": 1.0, "b": 2}],
    ],
)
def test_dictionaries_and_records_become_a_table(data: Any) -> None:
    """What JSON can say about a table is a table."""
    pd.testing.assert_frame_equal(enforce(AB, data), pd.DataFrame({"a": [1.0], "b": [2]}))


@pytest.mark.parametrize("rows", [np.array([[1.0, 2.0]]), [[1.0, 2.0]], sparse.csr_matrix([[1.0, 2.0]])])
def test_unlabelled_rows_get_the_labels_of_the_signature(rows: Any) -> None:
    """An array with as many columns as the signature is taken in its order."""
    signature = _columns(a=DataType.DOUBLE, b=DataType.DOUBLE)
    pd.testing.assert_frame_equal(enforce(signature, rows), pd.DataFrame({"a": [1.0], "b": [2.0]}))


@pytest.mark.parametrize(("rows", "said"), [([[1.0]], "has 1 unlabelled"), ("x", "a table with the columns")])
def test_rows_that_cannot_be_labelled_are_refused(rows: Any, said: str) -> None:
    """Too few columns, or no rows at all, is said."""
    with pytest.raises(InvalidInput, match=said):
        enforce(AB, rows)


@pytest.mark.parametrize(
    ("values", "wanted", "dtype"),
    [
        ([1], DataType.DOUBLE, "float64"),
        ([1], DataType.INTEGER, "int32"),
        (np.array([1], dtype="int8"), DataType.LONG, "int64"),
        ([0.1], DataType.FLOAT, "float32"),
        (["2020-01-01"], DataType.DATETIME, "datetime64[us]"),
        (pd.array([1, None], dtype="Int32"), DataType.LONG, "Int32"),
        (pd.array([1, None], dtype="Int64"), DataType.LONG, "Int64"),
        (["x"], DataType.STRING, "str"),
        ([True], DataType.BOOLEAN, "bool"),
    ],
)
def test_values_that_fit_are_converted(values: Any, wanted: DataType, dtype: str) -> None:
    """Numbers widen, and whole ones narrow when they stay the same."""
    assert str(enforce(_columns(a=wanted), pd.DataFrame({"a": values}))["a"].dtype) == dtype


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([2**53 + 1], DataType.DOUBLE),
        ([2**31], DataType.INTEGER),
        ([2.0], DataType.LONG),
        (["1"], DataType.LONG),
        ([1], DataType.STRING),
        ([1], DataType.BOOLEAN),
        ([True], DataType.LONG),
        (["no date"], DataType.DATETIME),
    ],
)
def test_values_that_do_not_fit_are_refused_by_their_column(values: Any, wanted: DataType) -> None:
    """Nothing is converted that would then say something else."""
    with pytest.raises(InvalidInput, match="column 'a'"):
        enforce(_columns(a=wanted), pd.DataFrame({"a": values}))


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_read_as_double_stay_the_same(values: list[int]) -> None:
    """Either every number survives exactly or the data is refused."""
    table = pd.DataFrame({"a": np.array(values, dtype="int64")})
    exact = all(int(float(value)) == value for value in values)
    try:
        converted = enforce(_columns(a=DataType.DOUBLE), table)
    except InvalidInput:
        assert not exact
    else:
        assert [int(value) for value in converted["a"]] == values


@pytest.mark.parametrize(
    ("signature", "data", "dtype"),
    [
        (_tensor("float64", -1, 2), [[1, 2]], "float64"),
        (_tensor("float32", -1, 2), np.array([[0.1, 0.2]]), "float32"),
        (_tensor("float64", -1, 2), pd.DataFrame([[1.0, 2.0]]), "float64"),
        (_tensor("float64", -1, 2), sparse.csr_matrix([[1, 2]]), "float64"),
        (_tensor("str", -1), ["x", "yy"], "<U2"),
    ],
)
def test_arrays_are_converted(signature: ModelSignature, data: Any, dtype: str) -> None:
    """Lists, tables and narrower arrays become the promised array."""
    assert str(enforce(signature, data).dtype) == dtype


@pytest.mark.parametrize(
    ("signature", "data", "said"),
    [
        (_tensor("float64", -1, 2), [[1.0]], "shape"),
        (_tensor("float64", -1, 2), [1.0, 2.0], "shape"),
        (_tensor("int64", -1), [1.5], "float64"),
        (_tensor("int64", -1), ["x"], "<U1"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(signature: ModelSignature, data: Any, said: str) -> None:
    """A wrong shape or type is named."""
    with pytest.raises(InvalidInput, match=said):
        enforce(signature, data)


def test_named_arrays_are_all_needed() -> None:
    """A dictionary of arrays is checked array by array."""
    signature = infer_signature({"x": np.array([1.0]), "y": np.array([1])})
    assert enforce(signature, {"x": [1.0], "y": [2]})["y"].dtype == np.dtype("int64")
    with pytest.raises(InvalidInput, match="lacks the arrays 'y'"):
        enforce(signature, {"x": [1.0]})
    with pytest.raises(InvalidInput, match="dictionary of the arrays"):
        enforce(signature, [1.0])


@pytest.mark.parametrize("signature", [None, infer_signature(["text"]), infer_signature(None, [1])])
def test_without_named_inputs_data_passes_as_it_is(signature: ModelSignature | None) -> None:
    """Where nothing is promised nothing is touched."""
    data = ["anything"]
    assert enforce(signature, data) is data


def test_params_have_defaults_and_types() -> None:
    """What the caller leaves out is the signature's default."""
    signature = infer_signature(params={"beam": 4, "stop": ["x"], "scale": 1.5})
    assert enforce_params(signature, {"beam": 8, "scale": 2}) == {"beam": 8, "stop": ["x"], "scale": 2}
    assert enforce_params(None, None) == {}


@pytest.mark.parametrize(
    ("params", "said"),
    [({"nope": 1}, "no parameter 'nope'"), ({"beam": "x"}, "'beam'"), ({"beam": [1]}, "'beam'")],
)
def test_params_that_do_not_fit_are_refused(params: dict[str, Any], said: str) -> None:
    """An unknown parameter or one of another type is named."""
    with pytest.raises(InvalidInput, match=said):
        enforce_params(infer_signature(params={"beam": 4}), params)
