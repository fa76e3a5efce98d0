"""What requests about files may say."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.file_requests import CompleteUpload, UploadPart
from mlflowflow.server.message import from_body, from_query


def test_a_completion_names_parts_and_etags() -> None:
    """In either spelling, with numbers as texts, as protocol buffers write them."""
    body = b'{"path": "/d/f", "uploadId": "7a", "parts": [{"partNumber": "1", "etag": "x", "url": "u"}]}'
    said = from_body(CompleteUpload, body, "application/json", {"folder": "0/r/artifacts"})
    assert (said.folder, said.path, said.upload_id) == ("0/r/artifacts", "/d/f", "7a")
    assert [(part.part_number, part.etag) for part in said.parts] == [(1, "x")]


@pytest.mark.parametrize("query", [{}, {"upload_id": "7a"}, {"upload_id": "7a", "part_number": "0"}])
def test_a_part_has_an_upload_and_a_number(query: dict[str, str]) -> None:
    """From 1 on."""
    with pytest.raises(InvalidInput):
        from_query(UploadPart, query.items(), {"path": "0/r/artifacts/f"})
