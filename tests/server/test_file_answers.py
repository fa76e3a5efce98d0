"""The answers about files have the shapes of MLflow's."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from mlflowflow.server.file_answers import FilesAnswer, UploadAnswer


def test_a_folder_has_no_size_and_may_be_empty() -> None:
    """As MLflow's clients read it."""
    adapter = TypeAdapter(FilesAnswer)
    for said in ({}, {"files": [{"path": "a", "is_dir": True}]}):
        assert adapter.validate_python(said) == said
    with pytest.raises(ValidationError):
        adapter.validate_python({"files": [{"path": "a"}]})


def test_each_part_has_an_address_and_headers() -> None:
    """MLflow's client takes all three of each."""
    adapter = TypeAdapter(UploadAnswer)
    with pytest.raises(ValidationError):
        adapter.validate_python({"upload_id": "7a", "credentials": [{"url": "http://h", "part_number": 1}]})
