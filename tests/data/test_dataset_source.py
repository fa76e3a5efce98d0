"""What all sources do."""

from __future__ import annotations

import pytest

from mlflowflow.data.dataset_source import part
from mlflowflow.data.http_dataset_source import HTTPDatasetSource
from mlflowflow.errors import InvalidInput


def test_a_source_survives_its_text() -> None:
    """What a run keeps is enough to make the source again."""
    source = HTTPDatasetSource("https://example.org/a.csv")
    assert HTTPDatasetSource.from_json(source.to_json()).url == source.url


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "{}", '{"url": 3}'])
def test_another_text_is_refused(text: str) -> None:
    """A damaged text is named, not taken for a source."""
    with pytest.raises(InvalidInput):
        HTTPDatasetSource.from_json(text)


@pytest.mark.parametrize("value", [None, "", 3])
def test_a_missing_part_is_named(value: object) -> None:
    """The sentence says which text is missing, and of what."""
    with pytest.raises(InvalidInput, match="'s3' needs a text 'uri'"):
        part({"uri": value}, "uri", "s3")
