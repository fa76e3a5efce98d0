"""Parameters hold their values to their declared types, and report all that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.parameter import EntryPoint, Parameter, ParameterType

if TYPE_CHECKING:
    from mlflowflow.projects.value import JSON, Scalar

TRAIN = EntryPoint(
    name="train",
    command="train",
    parameters={
        "data": Parameter(name="data", type=ParameterType.PATH),
        "C": Parameter(name="C", type=ParameterType.FLOAT, default="1e-1"),
        "model": Parameter(name="model", choices=("svc", "forest"), default="svc"),
        "depth": Parameter(name="depth", type=ParameterType.INT),
    },
)


@pytest.mark.parametrize(
    ("kind", "given", "typed"),
    [
        (ParameterType.STRING, 5, "5"),
        (ParameterType.STRING, True, "True"),
        (ParameterType.FLOAT, "1e-4", 1e-4),
        (ParameterType.FLOAT, 1, 1.0),
        (ParameterType.INT, "12", 12),
        (ParameterType.BOOL, "no", False),
        (ParameterType.PATH, "", ""),
        (ParameterType.URI, "models:/m@champion", "models:/m@champion"),
    ],
)
def test_cast(kind: ParameterType, given: JSON, typed: Scalar) -> None:
    """A value becomes the declared type, exactly."""
    value = Parameter(name="p", type=kind).cast(given)
    assert (value, type(value)) == (typed, type(typed))


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        (
            ParameterType.FLOAT,
            "abc",
            "Parameter 'p' is the text 'abc'; expected a finite number, such as 0.1.",
        ),
        (ParameterType.INT, 1.5, "Parameter 'p' is the number 1.5; expected a whole number, such as 12."),
        (ParameterType.BOOL, 2, "Parameter 'p' is the number 2; expected true or false."),
        (ParameterType.PATH, [1], "Parameter 'p' is a list; expected a path."),
        (ParameterType.URI, {"a": 1}, "Parameter 'p' is a mapping; expected an address."),
        (ParameterType.STRING, None, "Parameter 'p' is nothing; expected text without a NUL character."),
    ],
)
def test_wrong_values(kind: ParameterType, given: JSON, sentence: str) -> None:
    """A value that does not fit is shown beside what was expected."""
    with pytest.raises(InvalidInput) as caught:
        Parameter(name="p", type=kind).cast(given)
    assert str(caught.value) == sentence


def test_choices() -> None:
    """Only a listed choice is taken."""
    with pytest.raises(
        InvalidInput, match=r"^Parameter 'model' is the text 'tree'; expected svc or forest.$"
    ):
        TRAIN.parameters["model"].cast("tree")


def test_default_must_fit() -> None:
    """A parameter whose default is wrong cannot be made."""
    with pytest.raises(InvalidInput, match="expected 1 or 2"):
        Parameter(name="p", type=ParameterType.INT, default=3, choices=("1", "2"))


def test_bind_completes_and_types() -> None:
    """A run logs every parameter with its type, defaults and extra ones included."""
    bound = TRAIN.bind({"depth": "3", "data": "d", "extra": 1, "model": None})
    assert bound == {"data": "d", "C": 0.1, "model": "svc", "depth": 3, "extra": "1"}
    assert list(bound) == ["data", "C", "model", "depth", "extra"]


def test_bind_reports_everything() -> None:
    """All wrong and all missing values are in one message."""
    with pytest.raises(InvalidInput) as caught:
        TRAIN.bind({"C": "x", "model": "tree"})
    assert str(caught.value).splitlines() == [
        "Parameter 'C' is the text 'x'; expected a finite number, such as 0.1.",
        "Parameter 'model' is the text 'tree'; expected svc or forest.",
        "Entry point 'train' needs values for the parameters 'data', 'depth'.",
    ]
