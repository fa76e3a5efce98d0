"""MLmodel files as values."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.manifest import Manifest, dump_yaml, load_yaml
from tests.models.strategies import signatures

# What a YAML file can hold: no lone surrogates, no control characters that YAML forbids.
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12)
values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | texts
    | st.sampled_from(
        [
            "yes",
            "0o7",
            "1_0",
            "1:30",
            "~",
            "2020-01-01",
            "y",
            "N",
            "on",
            "1e3",
            "1.",
            ".5",
            "-.inf",
            "0x1f",
            "010",
            "=",
            "<<",
            "null",
            "+1",
            "0b1",
            "1:2.5",
        ]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
trees = st.dictionaries(texts, values, max_size=4)
manifests = st.builds(
    Manifest,
    flavors=st.dictionaries(texts, trees, max_size=2),
    signature=st.none() | signatures,
    model_uuid=st.none() | texts,
    run_id=st.none() | texts,
    mlflow_version=st.none() | texts,
    model_size_bytes=st.none() | st.integers(0),
    metadata=st.none() | trees,
    extra=st.dictionaries(texts.map(lambda name: f"x{name}"), values, max_size=3),
)

MLFLOW = """\
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.9.1
is_signature_from_type_hint: false
mlflow_version: 3.17.2
model_id: null
model_size_bytes: 1142
model_uuid: 61a09166f56340e199ac3f47d140f69f
prompts: null
signature:
  inputs: '[{"type": "double", "name": "a", "required": true}, {"type": "long", "name":
    "b", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
utc_time_created: '2026-11-23 19:48:24.988508'
"""


@given(manifests)
def test_round_trip(manifest: Manifest) -> None:
    """What is written is read back the same."""
    assert Manifest.from_yaml(manifest.to_yaml()) == manifest


@given(trees)
def test_another_yaml_reader_understands_the_same(tree: dict[str, Any]) -> None:
    """What is written here means the same to the YAML library MLflow uses, and the other way round."""
    assert yaml.safe_load(dump_yaml(tree)) == tree
    assert load_yaml(yaml.safe_dump(tree), key="x") == tree


def test_a_file_of_mlflow_loses_nothing() -> None:
    """Every key of a foreign file is there after it was written again."""
    manifest = Manifest.from_yaml(MLFLOW)
    kept = yaml.safe_load(manifest.to_yaml())
    assert {"model_id": None, **kept} == yaml.safe_load(MLFLOW)  # a null says nothing
    assert manifest.extra["is_signature_from_type_hint"] is False


def test_a_signature_that_says_nothing_is_none() -> None:
    """Three nulls are no signature."""
    text = "flavors: {}\nsignature: {inputs: null, outputs: null, params: null}\n"
    assert Manifest.from_yaml(text).signature is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not YAML"),
        ("a: !!python/object:os.system x", "not YAML"),
        (b"\xff\xfe\xff", "not YAML"),
        ("a: 1\na: 2", "not YAML"),
        ("a: " + "[" * 5000, "not YAML"),
        ("flavors: {}\nsignature: {inputs: '" + "[" * 100_000 + "'}", "signature cannot be understood"),
        ("- 1", "not a YAML mapping"),
        ("1: 2", "not a YAML mapping"),
        ("a: 1", "no flavors"),
        ("flavors: {sklearn: 3}", "no flavors"),
        ("flavors: {}\nsignature: 3", "'signature'"),
        ("flavors: {}\nsignature: {inputs: nonsense}", "signature cannot be understood"),
        ("flavors: {}\nmetadata: [1]", "'metadata'"),
    ],
)
def test_a_damaged_file_is_named(text: str | bytes, said: str) -> None:
    """What is no MLmodel is corrupt data under its name, with the reason."""
    with pytest.raises(CorruptData, match=said) as caught:
        Manifest.from_yaml(text, key="models/x/MLmodel")
    assert caught.value.key == "models/x/MLmodel"


def test_extra_keys_cannot_hide_a_field() -> None:
    """A key is either a field or extra."""
    manifest = Manifest(flavors=MappingProxyType({}))
    with pytest.raises(InvalidInput, match="run_id"):
        replace(manifest, extra={"run_id": "x"})
