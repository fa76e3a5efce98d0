"""Requests as MLflow's scoring server takes them, read into what `predict` is given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, MissingExtra
from mlflowflow.models.loading import load_model
from mlflowflow.models.schema import TensorSchema

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.models.signature import ModelSignature

#: The keys of a request, of which it has exactly one.
FORMS: Final = ("dataframe_split", "dataframe_records", "instances", "inputs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a request asks: the data, and the parameters by name."""

    data: Any
    params: Mapping[str, Any]


def read_request(request: str | bytes | Mapping[str, Any], signature: ModelSignature | None) -> Request:
    """Read a request. Raises `InvalidInput` for what is no JSON, or has not exactly one of `FORMS`.

    >>> read_request('{"inputs": [1, 2], "params": {"beam": 4}}', None)
    Request(data=[1, 2], params={'beam': 4})
    """
    tree = request if isinstance(request, Mapping) else _json(request)
    found = [form for form in FORMS if form in tree]
    if len(found) != 1:
        raise InvalidInput(
            f"A request has exactly one of {', '.join(FORMS)}; this has {', '.join(map(str, tree)) or 'nothing'}."
        )
    unknown = sorted(tree.keys() - {*FORMS, "params"})
    params = tree.get("params") or {}
    if unknown or not isinstance(params, Mapping):
        raise InvalidInput(
            f"Beside '{found[0]}' a request may have 'params', an object; this has {', '.join(tree)}."
        )
    return Request(data=_data(found[0], tree[found[0]], signature), params=params)


def validate_serving_input(model_uri: str | Path, serving_input: str | Mapping[str, Any]) -> Any:
    """Return what the model at `model_uri` answers to a request, as a server would be asked.

    Raises `InvalidInput` for a request that is none, or whose data is not what the model takes.

    >>> from mlflowflow import pyfunc
    >>> info = pyfunc.log_model(name="count", python_model=lambda model_input: len(model_input))
    >>> validate_serving_input(info.model_uri, '{"inputs": [1, 2]}')
    2
    """
    model = load_model(model_uri)
    request = read_request(serving_input, model.metadata.signature)
    return model.predict(request.data, params=request.params or None)


def _json(text: str | bytes) -> Mapping[str, Any]:
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"A request is not JSON ({error}).") from error
    if not isinstance(tree, dict):
        raise InvalidInput(f"A request is a JSON object with one of {', '.join(FORMS)}.")
    return tree


def _data(form: str, value: Any, signature: ModelSignature | None) -> Any:
    if form.startswith("dataframe"):
        return _frame(form, value)
    if signature is not None and isinstance(signature.inputs, TensorSchema):
        return _tensors(value, signature.inputs)
    return value


def _frame(form: str, value: Any) -> Any:
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise MissingExtra("pandas", extra="pandas", purpose="A request with a table") from error
    match form, value:
        case "dataframe_split", {"data": list() as rows}:
            return pd.DataFrame(rows, columns=value.get("columns"), index=value.get("index"))
        case "dataframe_records", list():
            return pd.DataFrame(value)
        case _:
            raise InvalidInput(f"'{form}' of a request is not in the form that its name says.")


def _tensors(value: Any, schema: TensorSchema) -> Any:
    import numpy as np

    types = {tensor.name: tensor.dtype for tensor in schema.tensors}
    try:
        if isinstance(value, Mapping):
            return {name: np.asarray(one, dtype=types.get(name)) for name, one in value.items()}
        return np.asarray(value, dtype=schema.tensors[0].dtype)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"The numbers of a request are not those of the signature: {error}.") from error
