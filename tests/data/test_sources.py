"""From addresses and records to sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlflowflow.data import from_numpy, get_source
from mlflowflow.data.sources import _kinds, register_source, resolve_source, source_from_json
from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import Dataset, DatasetInput

if TYPE_CHECKING:
    from mlflowflow.data.dataset_source import DatasetSource


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("wine.csv", "local"),
        (Path("wine.csv"), "local"),
        ("file:///data/wine.csv", "local"),
        ("s3://bucket/wine.csv", "s3"),
        ("gs://bucket/wine.csv", "gs"),
        ("hdfs://host/wine.csv", "hdfs"),
        ("http://example.org/wine.csv", "http"),
        ("https://example.org/wine.csv", "http"),
        ("runs:/abc/wine.csv", "runs"),
    ],
)
def test_an_address_tells_its_kind(address: Any, kind: str) -> None:
    """The word is MLflow's, and the source is read back from what a run keeps."""
    source = resolve_source(address)
    assert source._get_source_type() == kind
    assert type(source_from_json(source.to_json(), kind)) is type(source)


@pytest.mark.parametrize("address", ["magic://x", 3, b"wine.csv"])
def test_an_unknown_address_is_refused(address: Any) -> None:
    """The sentence says which addresses there are."""
    with pytest.raises(InvalidInput, match="is no address that data can come from"):
        resolve_source(address)


def test_the_source_of_anything_that_has_one() -> None:
    """A dataset object, a run's dataset and a run's input all lead to it."""
    ours = from_numpy(np.zeros(2), source="s3://bucket/wine.npy")
    entity = ours.to_entity()
    assert get_source(ours) is ours.source
    for one in (entity, DatasetInput(entity)):
        assert get_source(one).to_dict() == {"uri": "s3://bucket/wine.npy"}


def test_what_has_no_source_is_refused() -> None:
    """The sentence says what was expected."""
    with pytest.raises(InvalidInput, match="A str has no source"):
        get_source("wine")
    with pytest.raises(InvalidInput, match="'magic' is no type"):
        get_source(Dataset("wine", "1", "magic", "{}"))


def test_a_registered_kind_comes_first() -> None:
    """A program's own source wins over the general ones, also when it is read back."""

    class Mine(type(resolve_source("s3://b/k"))):  # type: ignore[misc]
        @classmethod
        def _get_source_type(cls) -> str:
            return "mine"

    kind: type[DatasetSource] = Mine
    register_source(kind)
    register_source(kind)
    try:
        assert type(resolve_source("s3://bucket/key")) is kind
        assert type(source_from_json('{"uri": "s3://bucket/key"}', "mine")) is kind
        assert _kinds.count(kind) == 1
    finally:
        _kinds.remove(kind)
