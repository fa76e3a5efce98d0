"""A point of a space is the same point as text and as values, and never outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.point import existing, fitted, fitting
from mlflowflow.projects.space import Choice, Dimension, FloatRange, IntRange
from mlflowflow.projects.value import Scalar, as_text

MODEL = Choice(name="model", options=("svc", "forest"))
KERNEL = Choice(name="kernel", options=("rbf", "poly"), when={"model": "svc"})
DEGREE = IntRange(name="degree", low=2, high=8, step=3, when={"kernel": "poly"})
RATE = FloatRange(name="rate", low=0.5, high=2.0, step=0.25)
SPACE: tuple[Dimension, ...] = (MODEL, RATE, KERNEL, DEGREE)


@pytest.mark.parametrize(
    ("dimension", "value", "found"),
    [
        (DEGREE, "5", 5),
        (DEGREE, 8.0, 8),
        (RATE, "1", 1.0),
        (RATE, 1.25, 1.25),
        (FloatRange(name="d", low=0.0, high=0.3, step=0.1), 0.1 + 0.2 - 1e-16, 0.1 + 0.2 - 1e-16),
        (MODEL, "svc", "svc"),
        (Choice(name="d", options=(1, 2.5)), "1", 1),
        (Choice(name="d", options=(1, 2.5)), 1.0, 1),
        (Choice(name="d", options=(1e-4, 1.0)), "1e-4", 1e-4),
        (Choice(name="d", options=(True, False)), "False", False),
        (Choice(name="d", options=("1", 1.0)), 1.0, 1.0),
        (Choice(name="d", options=("1", 1.0)), 1, "1"),
        (Choice(name="d", options=("1", 1)), 1, 1),
        (Choice(name="d", options=(1, "1")), "1", "1"),
        (Choice(name="d", options=(True, "True")), "True", "True"),
        (Choice(name="d", options=(1.0, "1")), "1.0", 1.0),
    ],
)
def test_values_are_brought_to_the_dimension(dimension: Dimension, value: Scalar, found: Scalar) -> None:
    """The dimension decides the type, not the form in which a value came."""
    result = fitting(dimension, value)
    assert (result, type(result)) == (found, type(found))


@pytest.mark.parametrize(
    ("dimension", "value", "expected"),
    [
        (DEGREE, 4, "'degree' is the number 4; expected a whole number from 2 to 8 in steps of 3."),
        (DEGREE, 11, "'degree' is the number 11; expected a whole number from 2 to 8 in steps of 3."),
        (DEGREE, True, "'degree' is the boolean true; expected a whole number from 2 to 8 in steps of 3."),
        (IntRange(name="d", low=1, high=3), "x", "'d' is the text 'x'; expected a whole number from 1 to 3."),
        (IntRange(name="d", low=1, high=3), 0, "'d' is the number 0; expected a whole number from 1 to 3."),
        (RATE, 0.6, "'rate' is the number 0.6; expected a number from 0.5 to 2.0 in steps of 0.25."),
        (RATE, "nan", "'rate' is the text 'nan'; expected a number from 0.5 to 2.0 in steps of 0.25."),
        (RATE, 2.25, "'rate' is the number 2.25; expected a number from 0.5 to 2.0 in steps of 0.25."),
        (MODEL, "tree", "'model' is the text 'tree'; expected svc or forest."),
        (MODEL, 1, "'model' is the number 1; expected svc or forest."),
        (Choice(name="d", options=(True,)), "1", "'d' is the text '1'; expected True."),
    ],
)
def test_values_that_do_not_fit(dimension: Dimension, value: Scalar, expected: str) -> None:
    """A value outside is told with what would be inside."""
    with pytest.raises(InvalidInput) as caught:
        fitting(dimension, value)
    assert str(caught.value) == expected


def test_all_mistakes_of_a_point_together() -> None:
    """One attempt is enough to mend a point."""
    with pytest.raises(InvalidInput) as caught:
        fitted(SPACE, {"models": "svc", "rate": 9, "degree": 2, "kernel": "none"})
    assert str(caught.value).splitlines() == [
        (
            "'models' is not a dimension of the space. Did you mean 'model'? "
            "Known dimensions: degree, kernel, model, rate."
        ),
        "'rate' is the number 9; expected a number from 0.5 to 2.0 in steps of 0.25.",
        "'kernel' is the text 'none'; expected rbf or poly.",
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"model": "forest", "kernel": "poly", "degree": 5}, {"model": "forest"}),
        ({"model": "svc", "kernel": "rbf", "degree": 5}, {"model": "svc", "kernel": "rbf"}),
        ({"degree": "5", "model": "svc"}, {"model": "svc", "degree": 5}),
        ({"degree": 5}, {"degree": 5}),
        ({}, {}),
    ],
)
def test_what_cannot_exist_is_dropped(given: dict[str, Scalar], kept: dict[str, Scalar]) -> None:
    """A condition that does not hold takes its dimension along; one that is open does not."""
    assert fitted(SPACE, given) == kept
    assert list(fitted(SPACE, given)) == list(kept)
    assert fitted(tuple(reversed(SPACE)), given) == kept


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "model": st.sampled_from(["svc", "forest"]),
            "kernel": st.sampled_from(["rbf", "poly"]),
            "degree": st.sampled_from([2, 5, 8]),
            "rate": st.integers(0, 6).map(lambda steps: 0.5 + 0.25 * steps),
        },
    )
)
def test_text_and_values_are_one_point(values: dict[str, Scalar]) -> None:
    """A run keeps its parameters as text; read back they are the same point, and stay so."""
    point = fitted(SPACE, values)
    assert fitted(SPACE, {name: as_text(value) for name, value in values.items()}) == point
    assert fitted(SPACE, point) == point == existing(SPACE, point)
