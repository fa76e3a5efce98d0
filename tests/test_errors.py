"""Errors: what travels with them."""

from __future__ import annotations

import pickle

import pytest

from mlflowflow.errors import (
    InvalidFilter,
    InvalidProject,
    MlflowflowError,
    NotFound,
    NotStored,
    Problem,
    StepFailed,
    StoreTooNew,
)

EXAMPLES = [
    NotFound("run", "x", hint="Look elsewhere."),
    StepFailed("train", "exited with code 3", exit_code=3, tail="a\nb"),
    NotStored(3, "no answer"),
    InvalidProject("MLproject", [Problem(message="It is wrong.", line=2, column=5)]),
    InvalidFilter("metrics.a >", 11, "A value is missing."),
    StoreTooNew("s3://b", found=9, supported=1),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda each: type(each).__name__)
def test_an_error_survives_the_journey_from_a_worker(error: MlflowflowError) -> None:
    """Pickling keeps the type, the sentence and every fact, whatever the constructor takes."""
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived), vars(arrived)) == (type(error), str(error), vars(error))


def test_a_failed_step_shows_the_end_of_what_it_printed() -> None:
    """The reason comes first, the output is indented below it."""
    assert str(StepFailed("train", "exited with code 3", tail="boom")) == (
        "Step 'train' exited with code 3.\n  | boom"
    )
