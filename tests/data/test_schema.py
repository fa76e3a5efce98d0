"""The texts of schemas."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mlflowflow.data.schema import TensorDatasetSchema, schema_of, schema_text
from mlflowflow.errors import InvalidInput
from mlflowflow.models.inference import infer_schema


@pytest.mark.parametrize("targets", [None, np.zeros(3)])
def test_a_tensor_schema_survives_its_text(
    targets: np.ndarray[tuple[int], np.dtype[np.float64]] | None,
) -> None:
    """What was written is read back as it was."""
    schema = TensorDatasetSchema(
        infer_schema(np.zeros((3, 2))), None if targets is None else infer_schema(targets)
    )
    assert TensorDatasetSchema.from_dict(json.loads(schema_text(schema) or "")) == schema


def test_columns_stand_under_mlflows_key() -> None:
    """A reader tells columns from tensors by the key."""
    text = schema_text(infer_schema(pd.DataFrame({"a": [1]})))
    assert text == '{"mlflow_colspec": [{"type": "long", "name": "a", "required": true}]}'


def test_data_of_no_known_type_has_no_schema() -> None:
    """A dataset is logged without its schema rather than not at all."""
    table = pd.DataFrame({"a": [object()]})
    assert schema_of(table) is None
    assert schema_text(None) is None


@pytest.mark.parametrize("found", [{}, {"mlflow_colspec": []}, {"mlflow_tensorspec": {"targets": "[]"}}])
def test_another_schema_is_refused(found: dict[str, object]) -> None:
    """The error says what a tensor schema looks like."""
    with pytest.raises(InvalidInput, match="mlflow_tensorspec"):
        TensorDatasetSchema.from_dict(found)
