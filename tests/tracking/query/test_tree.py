"""The truth of expressions, judged by a database: SQLite has the same three truth values."""

from __future__ import annotations

import re
import sqlite3
import time
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.query.records import RUNS
from mlflowflow.tracking.query.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Expression,
    Field,
    Found,
    Membership,
    Not,
    Presence,
    compiled,
    like,
)
from tests.tracking.query.strategies import expressions, runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.tracking.query.tree import Value
    from mlflowflow.tracking.run import Run


def _literal(value: Value | None) -> str:
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def _sql(expression: Expression, found: Callable[[Field], str]) -> str:
    match expression:
        case Comparison(field=field, operator=operator, value=value):
            return f"({found(field)} {operator} {_literal(value)})"
        case Membership(field=field, values=values, negated=negated):
            return f"({found(field)} {'NOT' * negated} IN ({', '.join(map(_literal, values))}))"
        case Presence(field=field, present=present):
            return f"({found(field)} IS {'NOT' * present} NULL)"
        case AllOf(parts=parts):
            return "(" + " AND ".join(_sql(part, found) for part in parts) + ")"
        case AnyOf(parts=parts):
            return "(" + " OR ".join(_sql(part, found) for part in parts) + ")"
        case Not(part=part):
            return f"(NOT {_sql(part, found)})"


def _one(found: Found) -> Value | None:
    assert not isinstance(found, tuple)
    return found


@given(expression=expressions, run=runs)
def test_truth_is_what_sql_says(expression: Expression, run: Run) -> None:
    """Missing keys, NOT, AND, OR, IN and LIKE mean what they mean in SQL."""
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA case_sensitive_like = ON")
    sql = _sql(expression, lambda field: _literal(_one(RUNS.reader(field)(run))))
    (expected,) = database.execute(f"SELECT {sql}").fetchone()
    database.close()
    assert compiled(expression, RUNS.reader)(run) == expected


@given(text=st.text("ab%_\n", max_size=8), pattern=st.text("ab%_", max_size=8))
def test_like_is_its_regular_expression(text: str, pattern: str) -> None:
    """``%`` is any run of characters, ``_`` any one, and the whole text must match."""
    regex = re.escape(pattern).replace("%", ".*").replace("_", ".")
    assert like(text, pattern) == (re.fullmatch(regex, text, re.DOTALL) is not None)


def test_a_hostile_pattern_takes_no_time() -> None:
    """A pattern of many ``%`` does not make matching explode."""
    started = time.perf_counter()
    assert not like("a" * 5000, "%a" * 50 + "b")
    assert time.perf_counter() - started < 5
