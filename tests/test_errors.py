"""Errors carry facts, build their own sentences, and travel between processes."""

from __future__ import annotations

import pickle

import pytest

from mlflowflow import errors
from mlflowflow.errors import (
    AlreadyExists,
    CorruptData,
    InvalidFilter,
    InvalidProject,
    InvalidUri,
    MissingExtra,
    MlflowflowError,
    NotFound,
    NotStored,
    OutcomeUnknown,
    Problem,
    StepFailed,
    StoreTooNew,
    StoreUnavailable,
)

#: One of each class that has a constructor of its own.
WITH_FACTS: tuple[MlflowflowError, ...] = (
    AlreadyExists("experiment", "digits", hint="Choose another name."),
    CorruptData("exp/0/exp.json", "its checksum is wrong"),
    InvalidFilter("metrics.a >", 11, "A value is missing."),
    InvalidProject(
        "MLproject", [Problem(message="No name.", line=1, column=2), Problem(message="No steps.")]
    ),
    InvalidUri("ftp://x", "a folder or s3://"),
    MissingExtra("pandas", extra="pandas", purpose="A data frame"),
    NotFound("run", "abc", hint="List them with 'mlff runs list'."),
    NotStored(3, "the network is down"),
    OutcomeUnknown("exp/0/exp.json", "no answer"),
    StepFailed("train", "exited with code 3", exit_code=3, tail="one\ntwo"),
    StoreTooNew("s3://b", found=9, supported=1),
    StoreUnavailable("s3://b", "no answer"),
)


def _all_classes() -> set[type[MlflowflowError]]:
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type))
    return {kind for kind in kinds if issubclass(kind, MlflowflowError)}


def _has_own_constructor(kind: type[MlflowflowError]) -> bool:
    return "__init__" in vars(kind)


def _samples() -> list[MlflowflowError]:
    plain = sorted(
        (kind for kind in _all_classes() if not _has_own_constructor(kind)), key=lambda kind: kind.__name__
    )
    return [*WITH_FACTS, *(kind("A sentence.") for kind in plain)]


def test_every_class_with_facts_has_a_sample_here() -> None:
    """A new error is tested like the others, or this test says so."""
    assert {type(error) for error in WITH_FACTS} == {
        kind for kind in _all_classes() if _has_own_constructor(kind)
    }


@pytest.mark.parametrize("error", _samples(), ids=lambda error: type(error).__name__)
def test_an_error_survives_the_way_from_a_worker(error: MlflowflowError) -> None:
    """Class, sentence and facts arrive unchanged in the process that waits for the result."""
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert (str(arrived), vars(arrived)) == (str(error), vars(error))


@pytest.mark.parametrize("error", WITH_FACTS, ids=lambda error: type(error).__name__)
def test_a_message_is_at_least_one_sentence(error: MlflowflowError) -> None:
    """What the user reads begins with a capital letter or a quoted thing, and ends."""
    message = str(error)
    assert message[0].isupper() or message[0] in "'0123456789"
    assert message.splitlines()[0].rstrip()[-1] in ".:"


def test_every_class_is_drawn_in_the_tree() -> None:
    """Who reads the module's text sees every family and every class."""
    assert errors.__doc__
    assert [kind.__name__ for kind in _all_classes() if kind.__name__ not in errors.__doc__] == []


def test_a_project_lists_every_problem_with_its_place() -> None:
    """All mistakes of a file are told at once, each where it is."""
    one = InvalidProject("MLproject", [Problem(message="No name.", line=4, column=7)])
    assert str(one) == "'MLproject' has 1 problem:\n  line 4, column 7: No name."


def test_a_filter_points_at_the_mistake() -> None:
    """The mark stands under the character that is wrong."""
    lines = str(InvalidFilter("a = = 1", 4, "A value is missing.")).splitlines()
    assert lines[1].index("a") + 4 == lines[2].index("^")


def test_a_failed_step_shows_the_end_of_its_output() -> None:
    """The reason is beside the failure and need not be searched in a log."""
    error = StepFailed("train", "exited with code 3", tail="one\ntwo")
    assert str(error) == "Step 'train' exited with code 3.\n  | one\n  | two"
