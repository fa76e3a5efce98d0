"""Expressions over columns say the same as over records, in the corners where Arrow differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.query.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Entity,
    Field,
    Membership,
    Not,
    Operator,
    Presence,
    compiled,
)
from mlflowflow.tracking.table.mask import mask

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.tracking.query.tree import Expression

TEXT = Field(entity=Entity.PARAM, key="p")
_NASTY = ("", "a", "A", "a%", "%", "_", "\\", "a\\%", "ß", "SS", "ss", "K", "k", "İ", "i", "a\nb", "\0")
_texts = st.lists(st.none() | st.sampled_from(_NASTY), max_size=6)


def by_record(expression: Expression, values: list[str | None]) -> list[bool | None]:
    """Return what the expression says of records that have just one text each."""

    def reader(_: Field) -> Callable[[str | None], str | None]:
        return lambda value: value

    return [compiled(expression, reader)(value) for value in values]


@given(_texts, st.sampled_from(Operator), st.sampled_from(_NASTY), st.booleans())
def test_texts_compare_as_in_records(
    values: list[str | None], operator: Operator, pattern: str, dictionary: bool
) -> None:
    """Also with patterns of backslashes, foreign cases and line ends, plain or as a dictionary."""
    column = pa.array(values, pa.string())
    expression = Comparison(field=TEXT, operator=operator, value=pattern)
    found = mask(expression, lambda _: column.dictionary_encode() if dictionary else column)
    assert found.to_pylist() == by_record(expression, values)


@given(_texts, st.lists(st.sampled_from(_NASTY), min_size=1, max_size=3), st.booleans())
def test_membership_of_nothing_is_unknown(
    values: list[str | None], members: list[str], negated: bool
) -> None:
    """IN and NOT IN of a missing value are neither true nor false."""
    column = pa.array(values, pa.string())
    expression = Membership(field=TEXT, values=tuple(members), negated=negated)
    assert mask(expression, lambda _: column).to_pylist() == by_record(expression, values)


def test_unknown_stays_unknown_under_not_and_yields_to_the_certain() -> None:
    """False AND unknown is false, true OR unknown is true, NOT unknown is unknown."""
    column = pa.array(["x", None], pa.string())
    is_x = Comparison(field=TEXT, operator=Operator.EQ, value="x")
    has = Presence(field=TEXT, present=True)
    expressions: list[Expression] = [
        Not(part=is_x),
        AllOf(parts=(has, is_x)),
        AnyOf(parts=(Not(part=has), is_x)),
    ]
    for expression in expressions:
        assert mask(expression, lambda _: column).to_pylist() == by_record(expression, ["x", None])


@pytest.mark.parametrize(("expression", "truth"), [(AllOf(), True), (AnyOf(parts=()), False)])
def test_an_expression_of_nothing_is_one_truth_for_all(expression: Expression, truth: bool) -> None:
    """All of nothing is true, any of nothing is false."""
    assert mask(expression, lambda _: None).as_py() is truth
