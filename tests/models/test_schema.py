"""Schemas and their JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from mlflowflow.errors import InvalidInput
from mlflowflow.models.schema import (
    ColumnSchema,
    ColumnSpec,
    DataType,
    Schema,
    TensorSchema,
    TensorSpec,
    schema_from_json,
    schema_to_json,
)
from tests.models.strategies import schemas

# As MLflow 3.17 writes it, order of keys included.
MLFLOW_COLUMNS = (
    '[{"type": "long", "name": "a", "required": true}, '
    '{"type": "array", "items": {"type": "double"}, "name": "b", "required": false}, '
    '{"type": "object", "properties": {"d": {"type": "boolean", "required": true}}, '
    '"name": "c", "required": true}]'
)
MLFLOW_TENSORS = (
    '[{"name": "x", "type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 28, 28]}}, '
    '{"name": "y", "type": "tensor", "tensor-spec": {"dtype": "str", "shape": [-1]}}]'
)


@given(schemas)
def test_json_round_trip(schema: Schema) -> None:
    """What is written is read back the same."""
    assert schema_from_json(schema_to_json(schema)) == schema


@pytest.mark.parametrize("text", [MLFLOW_COLUMNS, MLFLOW_TENSORS])
def test_mlflow_json_is_rewritten_byte_for_byte(text: str) -> None:
    """A schema of MLflow's leaves as it came."""
    assert schema_to_json(schema_from_json(text)) == text


def test_the_older_word_optional_is_read() -> None:
    """Before MLflow 2.6 a column that may be missing was "optional"."""
    schema = schema_from_json('[{"type": "long", "name": "a", "optional": true}]')
    assert schema == ColumnSchema((ColumnSpec(name="a", type=DataType.LONG, required=False),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "not JSON"),
        ("{}", "JSON list of objects"),
        ("[1]", "JSON list of objects"),
        ('[{"type": "quaternion"}]', "quaternion"),
        ('[{"type": "long", "name": 1.5}]', "1.5"),
        ('[{"type": "long", "name": true}]', "True"),
        ('[{"type": "tensor"}]', "tensor-spec"),
        ('[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-2]}}]', "tensor-spec"),
        ('[{"type": "long"}, {"type": "tensor", "tensor-spec": {"dtype": "x", "shape": []}}]', "mixes"),
        ('[{"type": "long", "name": "a"}, {"type": "long"}]', "name all or none"),
        ('[{"type": "long", "name": "a"}, {"type": "long", "name": "a"}]', "twice"),
    ],
)
def test_a_foreign_schema_is_refused_with_what_was_found(text: str, said: str) -> None:
    """Text that is no schema is refused, naming the reason."""
    with pytest.raises(InvalidInput, match=said):
        schema_from_json(text)


def test_one_unnamed_tensor_has_no_name_key() -> None:
    """MLflow leaves the key out rather than writing null."""
    schema = TensorSchema((TensorSpec(dtype="int64", shape=(-1,)),))
    assert "name" not in json.loads(schema_to_json(schema))[0]
