"""Signatures as values that travel."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given

from mlflowflow.errors import InvalidInput
from mlflowflow.models.signature import ModelSignature, compatible, infer_signature
from tests.models.strategies import signatures


@given(signatures)
def test_json_round_trip(signature: ModelSignature) -> None:
    """A signature survives its JSON."""
    assert ModelSignature.from_json(signature.to_json()) == signature


@given(signatures)
def test_dictionary_round_trip(signature: ModelSignature) -> None:
    """A signature survives MLflow's form."""
    assert ModelSignature.from_dict(signature.to_dict()) == signature


@given(signatures)
def test_a_signature_is_compatible_with_itself(signature: ModelSignature) -> None:
    """Retraining on the same data is no break."""
    assert compatible(signature, signature) == []


def test_pickle_round_trip() -> None:
    """A signature travels to a Dask worker."""
    signature = infer_signature([{"a": 1}], [1.0], params={"p": [1, 2]})
    assert pickle.loads(pickle.dumps(signature)) == signature


def test_a_signature_says_something() -> None:
    """An empty signature is refused."""
    with pytest.raises(InvalidInput, match="at least one"):
        infer_signature()


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"inputs": 3}'])
def test_foreign_text_is_refused(text: str) -> None:
    """Text that is no signature is refused."""
    with pytest.raises(InvalidInput):
        ModelSignature.from_json(text)


def test_reasons_come_from_inputs_outputs_and_params() -> None:
    """All three parts are compared."""
    old = infer_signature([{"a": 1.0}], [1], params={"p": 1})
    new = infer_signature([{"a": "x"}], ["x"], params={"q": 1})
    assert [reason.split()[1] for reason in compatible(new, old)] == ["input", "output", "parameter"]
