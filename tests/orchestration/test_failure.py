"""Why something failed, in words."""

from __future__ import annotations

import pytest

from mlflowflow.errors import NotFound, StepFailed
from mlflowflow.orchestration.failure import reason, status_after
from mlflowflow.tracking.run import RunStatus


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NotFound("run", "x"), "There is no run 'x'."),
        (StepFailed("train", "exited with code 1", tail="why"), "Step 'train' exited with code 1.\n  | why"),
        (ValueError("no rows"), "ValueError: no rows"),
        (ValueError(), "ValueError"),
        (KeyboardInterrupt(), "It was interrupted."),
    ],
)
def test_a_reason_is_a_sentence_or_names_the_error(error: BaseException, text: str) -> None:
    """A run never fails with an empty reason."""
    assert reason(error) == text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError(), RunStatus.FAILED),
        (KeyboardInterrupt(), RunStatus.KILLED),
        (SystemExit(), RunStatus.KILLED),
    ],
)
def test_what_somebody_stopped_has_not_failed(error: BaseException, status: RunStatus) -> None:
    """The two are told apart in every list of runs."""
    assert status_after(error) is status
