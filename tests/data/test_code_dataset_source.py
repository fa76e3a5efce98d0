"""Programs as sources."""

from __future__ import annotations

import sys

import pytest

from mlflowflow.data.code_dataset_source import CodeDatasetSource
from mlflowflow.errors import InvalidInput


def test_the_program_that_runs_is_the_source() -> None:
    """Data whose origin nobody named was made by this program."""
    tags = CodeDatasetSource().to_dict()["tags"]
    assert tags == {"mlflow.source.name": sys.argv[0], "mlflow.source.type": "LOCAL"}


def test_it_survives_its_text() -> None:
    """What a run keeps is enough to make the source again; MLflow may write no tags at all."""
    source = CodeDatasetSource({"a": "b"})
    assert CodeDatasetSource.from_json(source.to_json()).to_dict() == {"tags": {"a": "b"}}
    assert CodeDatasetSource.from_dict({"tags": None}).to_dict() == {"tags": {}}


def test_it_cannot_be_loaded() -> None:
    """The error names the program and says how to do better."""
    with pytest.raises(InvalidInput, match=r"'train\.py'.*`source`"):
        CodeDatasetSource({"mlflow.source.name": "train.py"}).load()


def test_no_address_is_a_program() -> None:
    """A program is a source only where none is named."""
    assert not CodeDatasetSource._can_resolve("train.py")
    with pytest.raises(InvalidInput):
        CodeDatasetSource._resolve("train.py")
