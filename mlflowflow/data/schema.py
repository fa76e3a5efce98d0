"""Schemas of datasets as the JSON texts that a run keeps: columns, or tensors of features and targets."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from mlflowflow.errors import InvalidInput
from mlflowflow.models.inference import infer_schema
from mlflowflow.models.schema import Schema, schema_from_json, schema_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG: Final = logging.getLogger(__name__)
_TENSORS: Final = "mlflow_tensorspec"
_COLUMNS: Final = "mlflow_colspec"


@dataclass(frozen=True, slots=True)
class TensorDatasetSchema:
    """The schemas of features and, if there are any, of targets.

    >>> import numpy as np
    >>> TensorDatasetSchema(infer_schema(np.zeros((2, 3)))).to_dict()["mlflow_tensorspec"]["targets"]
    """

    features: Schema
    targets: Schema | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's form: one entry with two JSON texts."""
        targets = None if self.targets is None else schema_to_json(self.targets)
        return {_TENSORS: {"features": schema_to_json(self.features), "targets": targets}}

    @classmethod
    def from_dict(cls, schema_dict: Mapping[str, Any]) -> Self:
        """Read what `to_dict` or MLflow wrote. Raises `InvalidInput` for anything else."""
        match schema_dict.get(_TENSORS):
            case {"features": str(features), "targets": str(targets)}:
                return cls(schema_from_json(features), schema_from_json(targets))
            case {"features": str(features)}:
                return cls(schema_from_json(features))
            case _:
                raise InvalidInput(
                    f"A tensor dataset's schema has the key '{_TENSORS}' with the text 'features'; "
                    f"found the keys {', '.join(map(repr, schema_dict)) or 'none'}."
                )


def schema_text(schema: Schema | TensorDatasetSchema | None) -> str | None:
    """Return the JSON text that a run keeps of a dataset's schema, None for none.

    >>> schema_text(infer_schema([{"a": 1}]))
    '{"mlflow_colspec": [{"type": "long", "name": "a", "required": true}]}'
    """
    if schema is None:
        return None
    if isinstance(schema, TensorDatasetSchema):
        return json.dumps(schema.to_dict())
    return json.dumps({_COLUMNS: json.loads(schema_to_json(schema))})


def schema_of(data: Any) -> Schema | None:
    """Read the schema off `data`; None, with a line in the log, where that cannot be done.

    A dataset is logged all the same: the schema is a help to readers, not a promise.
    """
    try:
        return infer_schema(data)
    except InvalidInput as problem:
        _LOG.debug("A dataset is logged without its schema: %s", problem)
        return None
