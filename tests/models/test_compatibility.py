"""When one model may replace another."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given

from mlflowflow.models.compatibility import (
    accepts,
    dtype_accepts,
    input_reasons,
    output_reasons,
    param_reasons,
)
from mlflowflow.models.inference import infer_params, infer_schema
from mlflowflow.models.schema import (
    AnyType,
    ArrayType,
    ColumnType,
    DataType,
    Schema,
    TensorSchema,
    TensorSpec,
)
from tests.models.strategies import schemas, types


@given(types)
def test_every_type_accepts_itself(of: ColumnType) -> None:
    """What one model takes, the same model takes."""
    assert accepts(of, of)


def test_acceptance_of_scalars_carries_over() -> None:
    """What widens twice widens at once."""
    scalars = [AnyType(), *DataType]
    broken = [
        (a, b, c)
        for a, b, c in itertools.product(scalars, repeat=3)
        if accepts(a, b) and accepts(b, c) and not accepts(a, c)
    ]
    assert broken == []


@given(schemas)
def test_a_schema_replaces_itself(schema: Schema) -> None:
    """A model retrained on the same data is compatible."""
    assert input_reasons(schema, schema) == []
    assert output_reasons(schema, schema) == []


@given(types)
def test_any_accepts_everything_and_is_accepted_by_itself_only(of: ColumnType) -> None:
    """Nothing known accepts all, and is no promise."""
    assert accepts(AnyType(), of)
    assert accepts(of, AnyType()) == isinstance(of, AnyType)


@pytest.mark.parametrize(
    ("new", "old", "reasons"),
    [
        ([{"a": 1.0}], [{"a": 1}], []),
        ([{"a": 1}], [{"a": 1, "gone": "x"}], []),
        ([{"a": 1}], [{"a": 1.0}], ["the input 'a' was double, now long"]),
        ([{"a": 1, "b": 1}], [{"a": 1}], ["the input 'b' is new and required"]),
        ([{"a": 1, "b": 1}, {"a": 1}], [{"a": 1}], []),
        ([{"a": 1}], [{"a": 1}, {}], ["the input 'a' is now required"]),
        (
            [{"a": [1]}],
            [{"a": ["x"]}],
            ["the input 'a' was {"],
        ),
        ([1], [{"a": 1}], ["the old inputs are 1 named columns, the new ones 1 unnamed columns"]),
        ([1], ["x"], ["the input column 0 was string, now long"]),
    ],
)
def test_inputs_may_widen(new: object, old: object, reasons: list[str]) -> None:
    """A new model takes all that the old one took."""
    found = input_reasons(infer_schema(new), infer_schema(old))
    assert len(found) == len(reasons)
    assert all(one.startswith(expected) for one, expected in zip(found, reasons, strict=True))


@pytest.mark.parametrize(
    ("new", "old", "reasons"),
    [
        ([{"a": 1}], [{"a": 1.0}], []),
        ([{"a": 1, "more": 1}], [{"a": 1}], []),
        ([{"a": 1.0}], [{"a": 1}], ["the output 'a' was long, now double"]),
        ([{"b": 1}], [{"a": 1}], ["the output 'a' is gone"]),
        ([{"a": 1}, {}], [{"a": 1}], ["the output 'a' is no longer always there"]),
    ],
)
def test_outputs_may_narrow(new: object, old: object, reasons: list[str]) -> None:
    """A reader of the old answers understands the new ones."""
    assert output_reasons(infer_schema(new), infer_schema(old)) == reasons


def test_an_unsaid_schema_accepts_all_and_promises_nothing() -> None:
    """No input schema takes anything; no output schema promises nothing."""
    schema = infer_schema([1])
    assert input_reasons(None, schema) == []
    assert len(input_reasons(schema, None)) == 1
    assert len(output_reasons(None, schema)) == 1
    assert output_reasons(schema, None) == []


@pytest.mark.parametrize(
    ("new", "old", "fits"),
    [
        (("float64", (-1, 4)), ("float64", (-1, 4)), True),
        (("float64", (-1, 4)), ("float32", (-1, 4)), True),
        (("float64", (-1, -1)), ("float64", (-1, 4)), True),
        (("float64", (-1, 4)), ("float64", (-1, -1)), False),
        (("float64", (-1, 5)), ("float64", (-1, 4)), False),
        (("float64", (-1,)), ("float64", (-1, 4)), False),
        (("str", (-1,)), ("float64", (-1,)), False),
    ],
)
def test_tensors_fit_by_type_and_shape(
    new: tuple[str, tuple[int, ...]], old: tuple[str, tuple[int, ...]], fits: bool
) -> None:
    """A tensor input may become freer in shape and wider in type."""
    wanted, given_ = (TensorSchema((TensorSpec(dtype=d, shape=s),)) for d, s in (new, old))
    assert (input_reasons(wanted, given_) == []) == fits


@pytest.mark.parametrize(
    ("target", "source", "fits"),
    [
        ("int64", "int32", True),
        ("int32", "int64", False),
        ("int16", "uint8", True),
        ("int8", "uint8", False),
        ("uint8", "int8", False),
        ("float32", "int8", False),
        ("float64", "int64", True),
        ("int64", "float32", False),
        ("object", "str", False),
    ],
)
def test_array_types_widen_without_loss(target: str, source: str, fits: bool) -> None:
    """Bits are not lost and kinds not changed, but for whole numbers read as float64."""
    assert dtype_accepts(target, source) == fits


def test_columns_and_tensors_do_not_mix() -> None:
    """A model that wants a table cannot stand in for one that wants an array."""
    tensor = TensorSchema((TensorSpec(dtype="int64", shape=(-1,)),))
    assert input_reasons(tensor, infer_schema([1])) == ["the old inputs are columns, the new ones tensors"]
    assert output_reasons(tensor, infer_schema([1])) == ["the old outputs are columns, the new ones tensors"]


def test_params_stay() -> None:
    """Parameters may be added; one that goes or changes its type breaks its callers."""
    old = infer_params({"a": 1, "b": [1], "c": "x"})
    assert param_reasons(infer_params({"a": 1.0, "b": [1], "c": "x", "d": 1}), old) == []
    assert param_reasons(infer_params({"b": 1, "c": 1}), old) == [
        "the parameter 'a' is gone",
        "the parameter 'b' was a list of long, now long",
        "the parameter 'c' was string, now long",
    ]


def test_arrays_compare_by_their_items() -> None:
    """A list of wider numbers takes a list of narrower ones."""
    assert accepts(ArrayType(DataType.DOUBLE), ArrayType(DataType.INTEGER))
    assert not accepts(ArrayType(DataType.INTEGER), ArrayType(DataType.DOUBLE))
