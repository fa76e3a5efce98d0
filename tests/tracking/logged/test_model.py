"""What a logged model is."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.logged.model import LoggedModel, LoggedModelStatus


@pytest.mark.parametrize("status", list(LoggedModelStatus))
def test_statuses_and_their_numbers_are_each_others_inverse(status: LoggedModelStatus) -> None:
    """What is written as a number is read as the same status."""
    assert LoggedModelStatus.from_int(status.to_int()) is status


def test_an_unknown_number_is_no_status() -> None:
    """A number from a later release is refused, not taken for the last one we know."""
    for number in (-1, 4):
        with pytest.raises(InvalidInput, match="no status"):
            LoggedModelStatus.from_int(number)


def test_only_complete_and_failed_models_are_final() -> None:
    """A model is waited for until it is one of these."""
    assert [status for status in LoggedModelStatus if LoggedModelStatus.is_finalized(status)] == [
        LoggedModelStatus.READY,
        LoggedModelStatus.FAILED,
    ]


def test_a_model_can_be_told_as_a_dict() -> None:
    """The address follows from the id and is no field; the status is its number."""
    told = LoggedModel("0", "m-1", "wine", "file:///a", 1, 2, tags={"a": "b"}).to_dictionary()
    assert (told["status"], told["tags"], "model_uri" in told) == (2, {"a": "b"}, False)
