"""A model's signature: what it takes, what it returns and which parameters it knows.

`ModelSignature` is the value that travels: in an MLmodel file, in a registered version, into a
gate. It has MLflow's JSON shape in both directions. `infer_signature` reads one off example data;
`compatible` says in sentences why one cannot replace another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import InvalidInput
from mlflowflow.models.compatibility import input_reasons, output_reasons, param_reasons
from mlflowflow.models.inference import infer_params, infer_schema
from mlflowflow.models.schema import (
    ParamSpec,
    Schema,
    params_from_json,
    params_to_json,
    schema_from_json,
    schema_to_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ModelSignature:
    """What `predict` takes and returns; None where nothing is promised.

    >>> infer_signature([1.0]).to_dict()["inputs"]
    '[{"type": "double", "required": true}]'
    """

    inputs: Schema | None = None
    outputs: Schema | None = None
    params: tuple[ParamSpec, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse a signature that says nothing."""
        if self.inputs is None and self.outputs is None and self.params is None:
            raise InvalidInput("A signature needs at least one of inputs, outputs and params.")

    def to_dict(self) -> dict[str, str | None]:
        """Return MLflow's form: three entries, each a JSON text or None."""
        return {
            "inputs": None if self.inputs is None else schema_to_json(self.inputs),
            "outputs": None if self.outputs is None else schema_to_json(self.outputs),
            "params": None if self.params is None else params_to_json(self.params),
        }

    @classmethod
    def from_dict(cls, texts: Mapping[str, Any]) -> ModelSignature:
        """Read MLflow's form. Raises `InvalidInput` for anything else."""
        inputs, outputs, params = (_text(texts, part) for part in ("inputs", "outputs", "params"))
        return cls(
            inputs=None if inputs is None else schema_from_json(inputs),
            outputs=None if outputs is None else schema_from_json(outputs),
            params=None if params is None else params_from_json(params),
        )

    def to_json(self) -> str:
        """Write the whole signature as one JSON text, the same text for the same signature."""
        return json.dumps(self.to_dict(), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ModelSignature:
        """Read what `to_json` wrote. Raises `InvalidInput` for anything else."""
        try:
            texts = json.loads(text)
        except ValueError as error:
            raise InvalidInput(f"A signature is not JSON ({error}): '{text[:80]}'.") from error
        if not isinstance(texts, dict):
            raise InvalidInput(f"A signature must be a JSON object, not '{text[:80]}'.")
        return cls.from_dict(texts)


def infer_signature(
    model_input: Any = None, model_output: Any = None, params: Mapping[str, Any] | None = None
) -> ModelSignature:
    """Read a signature off example data.

    Args:
        model_input: What `predict` is given: a DataFrame, Series, array, dictionary, list or scalar. The first
            axis of an array counts the examples, so its length is left open.
        model_output: What it returned for that.
        params: Names of `predict`'s parameters with their default values.

    Raises:
        InvalidInput: All three are None, or the data is of no known kind.

    >>> signature = infer_signature([{"area": 52.5, "rooms": 2}], [310.0], {"currency": "EUR"})
    >>> [(column.name, column.type.value) for column in signature.inputs.columns]
    [('area', 'double'), ('rooms', 'long')]
    """
    return ModelSignature(
        inputs=None if model_input is None else infer_schema(model_input),
        outputs=None if model_output is None else infer_schema(model_output),
        params=None if params is None else infer_params(params),
    )


def compatible(new: ModelSignature, old: ModelSignature) -> list[str]:
    """Say why a model with the signature `new` cannot replace one with `old`; nothing means it can.

    >>> compatible(infer_signature([{"a": 1, "b": 2.0}]), infer_signature([{"a": 1}]))
    ["the input 'b' is new and required"]
    >>> compatible(infer_signature([{"a": 1.0}]), infer_signature([{"a": 1}]))
    []
    """
    return [
        *input_reasons(new.inputs, old.inputs),
        *output_reasons(new.outputs, old.outputs),
        *param_reasons(new.params or (), old.params or ()),
    ]


def _text(texts: Mapping[str, Any], part: str) -> str | None:
    text = texts.get(part)
    if text is None or isinstance(text, str):
        return text
    raise InvalidInput(f"A signature's '{part}' must be a JSON text, not a {type(text).__name__}.")
