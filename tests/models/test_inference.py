"""Reading schemas off data: the expected texts are what MLflow 3.17 answers for the same data."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mlflowflow.errors import InvalidInput
from mlflowflow.models.inference import infer_params, infer_schema
from mlflowflow.models.schema import params_to_json, schema_to_json


def _column(kind: str, name: str = '"a"', required: str = "true") -> str:
    return f'[{{"type": "{kind}", "name": {name}, "required": {required}}}]'


def _tensor(dtype: str, shape: str) -> str:
    return f'[{{"type": "tensor", "tensor-spec": {{"dtype": "{dtype}", "shape": {shape}}}}}]'


TABLES = [
    ([True], "boolean"),
    (np.array([1], dtype="int8"), "integer"),
    (np.array([1], dtype="uint16"), "integer"),
    (np.array([1], dtype="int32"), "integer"),
    (np.array([1], dtype="uint32"), "long"),
    (np.array([1], dtype="int64"), "long"),
    (np.array([1], dtype="float32"), "float"),
    ([1.5], "double"),
    (["x"], "string"),
    ([b"x"], "binary"),
    (pd.to_datetime(["2020-01-01"]), "datetime"),
    (pd.Categorical(["x", "y", "x"])[:1], "string"),
]


@pytest.mark.parametrize(("values", "kind"), TABLES)
def test_columns_of_a_table(values: Any, kind: str) -> None:
    """Each pandas type has its one column type."""
    assert schema_to_json(infer_schema(pd.DataFrame({"a": values}))) == _column(kind)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.0, None], "double"),
        (["x", None], "string"),
        ([None, None], "any"),
        (pd.array([1, None], dtype="Int64"), "long"),
        (pd.array([True, None], dtype="boolean"), "boolean"),
    ],
)
def test_a_column_with_nulls_is_not_required(values: Any, kind: str) -> None:
    """A null in the example means that the column may be missing."""
    assert schema_to_json(infer_schema(pd.DataFrame({"a": values}))) == _column(kind, required="false")


def test_numbered_columns_keep_their_numbers() -> None:
    """A table without labels has numbers for names."""
    assert schema_to_json(infer_schema(pd.DataFrame([[1]]))) == _column("long", name="0")


def test_a_series_is_one_column() -> None:
    """A series is a column, named if it is."""
    assert schema_to_json(infer_schema(pd.Series([1], name="a"))) == _column("long")
    assert schema_to_json(infer_schema(pd.Series([1]))) == '[{"type": "long", "required": true}]'


@pytest.mark.parametrize(
    ("array", "dtype", "shape"),
    [
        (np.array([[1.0, 2.0]]), "float64", "[-1, 2]"),
        (np.array([True]), "bool", "[-1]"),
        (np.array(["x", "yy"]), "str", "[-1]"),
        (np.zeros((2, 3, 4), dtype="float16"), "float16", "[-1, 3, 4]"),
        (sparse.csr_matrix([[1.0, 0.0]]), "float64", "[-1, 2]"),
    ],
)
def test_arrays_are_tensors_with_a_free_first_length(array: Any, dtype: str, shape: str) -> None:
    """The number of rows is not part of the schema."""
    assert schema_to_json(infer_schema(array)) == _tensor(dtype, shape)


def test_a_dictionary_of_arrays_is_named_tensors() -> None:
    """Several arrays under names are tensors with those names."""
    assert schema_to_json(infer_schema({"a": np.array([1.0])})) == (
        '[{"name": "a", "type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ("x", '[{"type": "string", "required": true}]'),
        ([1, 2], '[{"type": "long", "required": true}]'),
        ([1, 2.5], '[{"type": "double", "required": true}]'),
        (np.float32(3), '[{"type": "float", "required": true}]'),
        (dt.datetime(2020, 1, 1, tzinfo=dt.UTC), '[{"type": "datetime", "required": true}]'),
        ([[1, 2]], '[{"type": "array", "items": {"type": "long"}, "required": true}]'),
        ([{"a": 1}, {"a": None}], '[{"type": "long", "name": "a", "required": false}]'),
        ({"a": [1]}, '[{"type": "array", "items": {"type": "long"}, "name": "a", "required": true}]'),
        (
            [{"a": 1, "b": "x"}, {"a": 2}],
            (
                '[{"type": "long", "name": "a", "required": true}, '
                '{"type": "string", "name": "b", "required": false}]'
            ),
        ),
        (
            [{"a": [{"b": 1}, {"b": 2, "c": 3}]}],
            (
                '[{"type": "array", "items": {"type": "object", "properties": {"b": {"type": "long", '
                '"required": true}, "c": {"type": "long", "required": false}}}, '
                '"name": "a", "required": true}]'
            ),
        ),
    ],
)
def test_plain_values(values: Any, text: str) -> None:
    """Lists, dictionaries and scalars are columns."""
    assert schema_to_json(infer_schema(values)) == text


def test_values_of_different_kinds_in_one_column_are_refused() -> None:
    """A column has one type."""
    with pytest.raises(InvalidInput, match="one column"):
        infer_schema([1, "x"])


def test_a_value_of_no_known_kind_is_named() -> None:
    """What cannot be described is refused by its type."""
    with pytest.raises(InvalidInput, match="'complex'"):
        infer_schema([1j])


def test_params_have_types_defaults_and_shapes() -> None:
    """Parameters are written as MLflow writes them."""
    assert params_to_json(infer_params({"t": 0.5, "n": [1, 2], "g": {"x": 1}, "s": np.float64(1)})) == (
        '[{"name": "t", "default": 0.5, "shape": null, "type": "double"}, '
        '{"name": "n", "default": [1, 2], "shape": [-1], "type": "long"}, '
        '{"name": "g", "default": {"x": 1}, "shape": null, "type": "object", '
        '"properties": {"x": {"type": "long", "required": true}}}, '
        '{"name": "s", "default": 1.0, "shape": null, "type": "double"}]'
    )


@pytest.mark.parametrize("default", [None, [[1]], [{"a": 1}], []])
def test_a_parameter_without_a_type_is_refused(default: object) -> None:
    """A default shows the type; null and nested lists do not."""
    with pytest.raises(InvalidInput, match="'p'"):
        infer_params({"p": default})


def test_inferring_from_plain_values_imports_nothing_heavy() -> None:
    """Gates and the registry use signatures without NumPy and pandas."""
    program = (
        "import sys; from mlflowflow.models.signature import infer_signature; infer_signature([{'a': 1}]);"
        "print(*{'numpy', 'pandas', 'sklearn', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
