"""Schemas written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.models import ModelSignature, infer_signature
from mlflowflow.types.schema import (
    Array,
    ColSpec,
    DataType,
    Map,
    Object,
    ParamSchema,
    ParamSpec,
    Property,
    Schema,
    TensorSpec,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def test_what_is_written_is_what_is_read_off() -> None:
    """A signature is the same however it came about."""
    written = ModelSignature(
        inputs=Schema([ColSpec("double", "a"), ColSpec(DataType.long, "b")]),
        outputs=Schema([TensorSpec(np.dtype("float32"), (-1, 2))]),
        params=ParamSchema([ParamSpec("k", "long", 3), ParamSpec("l", DataType.double, [1.0], (-1,))]),
    )
    table = pd.DataFrame({"a": [1.0], "b": [1]})
    assert written == infer_signature(table, np.zeros((1, 2), "float32"), {"k": 3, "l": [1.0]})


def test_schemas_answer_what_those_of_mlflow_do() -> None:
    """Names, kinds, JSON."""
    schema = Schema([ColSpec("string", "a"), ColSpec(Array("long"), "b", required=False)])
    assert isinstance(schema, Schema)
    assert isinstance(schema.inputs[0], ColSpec)
    assert (schema.input_names(), schema.required_input_names(), schema.optional_input_names()) == (
        ["a", "b"],
        ["a"],
        ["b"],
    )
    assert (schema.is_tensor_spec(), schema.has_input_names(), len(schema)) == (False, True, 2)
    assert Schema.from_json(schema.to_json()) == schema
    assert Schema([TensorSpec("int8", [-1])]).inputs[0].type == np.dtype("int8")
    params = ParamSchema([ParamSpec("k", "string", None)])
    assert ParamSchema.from_json(params.to_json()) == params
    assert params.to_dict()[0]["default"] is None


def test_nested_types_are_written() -> None:
    """Lists, mappings and records in one another."""
    of = Object([Property("x", Map(Array(DataType.double)), required=False)])
    assert Schema([ColSpec(of)]).to_dict() == [
        {
            "type": "object",
            "properties": {
                "x": {
                    "type": "map",
                    "values": {"type": "array", "items": {"type": "double"}},
                    "required": False,
                }
            },
            "required": True,
        }
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: ColSpec("decimal"),
        lambda: TensorSpec("no type", (1,)),
        lambda: TensorSpec("int8", "x"),  # type: ignore[arg-type]
        lambda: Schema([ColSpec("long"), TensorSpec("int8", (1,))]),
        lambda: ParamSpec("k", "long", [1]),
        lambda: ParamSpec("k", Array("long"), 1),
    ],
)
def test_what_is_no_schema_is_refused(make: Callable[[], Any]) -> None:
    """When it is written."""
    with pytest.raises(InvalidInput):
        make()
