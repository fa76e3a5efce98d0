"""Records: the words that stand in stored segments."""

from __future__ import annotations

import dataclasses

import pytest

from mlflowflow.tracking.record import Kind, Record


def test_the_stored_words_never_change() -> None:
    """Old stores hold these words; a new kind is added, none is renamed."""
    words = {kind.name: kind.value for kind in Kind}
    expected = {
        "METRIC": "metric",
        "PARAM": "param",
        "TAG": "tag",
        "TAG_DELETED": "tag_deleted",
        "STARTED": "started",
        "STATUS": "status",
        "LIFECYCLE": "lifecycle",
        "NAME": "name",
        "INPUT": "input",
        "INPUT_TAG": "input_tag",
        "MODEL_INPUT": "model_input",
        "MODEL_OUTPUT": "model_output",
    }
    assert list(words.items()) == list(expected.items())  # spools count them


def test_a_record_is_a_fact() -> None:
    """What was logged cannot be edited in memory either."""
    record = Record(run_id="r", kind=Kind.TAG, at=1, key="k", text="v")
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.__setattr__("text", "other")
