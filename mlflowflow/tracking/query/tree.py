"""The search language's expressions: a frozen tree, what it says of a record, and how it is written.

The truth of an expression is one of three: a comparison with something the record does not have is
*unknown* (None), not false, and NOT leaves unknown unknown, as in SQL. So ``NOT params.a = 'x'`` and
``params.a != 'x'`` agree, and both leave out the runs without ``a``. A record matches if the whole
is true.

A run may have several datasets: a comparison is true if it is true of one of them, as in MLflow. So
``dataset.name != 'x'`` asks for another dataset than x, and ``NOT dataset.name = 'x'`` for none called x.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from mlflowflow.tracking.query.tokens import is_plain, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Value: TypeAlias = str | float


class Entity(StrEnum):
    """Which part of a record a key belongs to."""

    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"
    ATTRIBUTE = "attributes"
    DATASET = "datasets"


class Function(StrEnum):
    """Which of a metric's values is meant; nothing is the latest, and so is `LAST`."""

    NONE = ""
    LAST = "last"
    MIN = "min"
    MAX = "max"
    #: `MIN` or `MAX`, whichever the experiment declares to be the better end
    BEST = "best"


class Operator(StrEnum):
    """How two values are compared."""

    EQ = "="
    NE = "!="
    GT = ">"
    GE = ">="
    LT = "<"
    LE = "<="
    LIKE = "LIKE"
    ILIKE = "ILIKE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One searchable thing: ``metrics.rmse`` is the key ``rmse`` of the entity METRIC.

    `function` chooses among all the values of a metric: ``min(metrics.rmse)``.
    """

    entity: Entity
    key: str
    function: Function = Function.NONE

    def __str__(self) -> str:
        """Write it as the language does, in backticks where the key needs them."""
        plain = f"{self.entity}.{self.key if is_plain(self.key) else quoted(self.key, '`')}"
        return f"{self.function}({plain})" if self.function else plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``field op value``."""

    field: Field
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """``field IN ('a', 'b')``, or NOT IN."""

    field: Field
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """``field IS NOT NULL`` if `present`, else ``field IS NULL``."""

    field: Field
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """``a AND b AND …``; of nothing it is true."""

    parts: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """``a OR b OR …``."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """``NOT a``."""

    part: Expression


Expression: TypeAlias = Comparison | Membership | Presence | AllOf | AnyOf | Not
Record = TypeVar("Record")
#: What a record has under a field: one value, several (as a tuple) or, as None, none.
Found: TypeAlias = Value | tuple[str, ...] | None
#: How a field is read from a record of some kind.
Reader: TypeAlias = Callable[[Field], Callable[[Record], Found]]


def compiled(expression: Expression, reader: Reader[Record]) -> Callable[[Record], bool | None]:
    """Return the function that says whether `expression` is true of a record; None: it cannot be known.

    `reader` is asked once for each field how it is read, not once for each record.
    """
    match expression:
        case Comparison(field=field, operator=op, value=value):
            return _when_known(reader(field), partial(_compared, _COMPARE[op], value))
        case Membership(field=field, values=values, negated=negated):
            return _when_known(reader(field), lambda found: (found in values) is not negated)
        case Presence(field=field, present=present):
            read = reader(field)
            return lambda record: (read(record) is not None) is present
        case AllOf(parts=parts):
            tests = [compiled(part, reader) for part in parts]
            return lambda record: _all(test(record) for test in tests)
        case AnyOf(parts=parts):
            tests = [compiled(part, reader) for part in parts]
            return lambda record: _negated(_all(_negated(test(record)) for test in tests))
        case Not(part=part):
            inner = compiled(part, reader)
            return lambda record: _negated(inner(record))


def fields_of(expression: Expression) -> set[Field]:
    """Return the fields that `expression` names."""
    match expression:
        case Comparison(field=field) | Membership(field=field) | Presence(field=field):
            return {field}
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return {field for part in parts for field in fields_of(part)}
        case Not(part=part):
            return fields_of(part)


def with_fields(expression: Expression, change: Callable[[Field], Field]) -> Expression:
    """Return `expression` with each field replaced by what `change` makes of it."""
    match expression:
        case Comparison(field=field) | Membership(field=field) | Presence(field=field):
            return replace(expression, field=change(field))
        case AllOf(parts=parts):
            return AllOf(parts=tuple(with_fields(part, change) for part in parts))
        case AnyOf(parts=parts):
            return AnyOf(parts=tuple(with_fields(part, change) for part in parts))
        case Not(part=part):
            return Not(part=with_fields(part, change))


def to_text(expression: Expression) -> str:
    """Write `expression` in the language, so that parsing it gives the same tree."""
    match expression:
        case Comparison(field=field, operator=op, value=value):
            return f"{field} {op} {_literal(value)}"
        case Membership(field=field, values=values, negated=negated):
            return f"{field} {'NOT IN' if negated else 'IN'} ({', '.join(map(_literal, values))})"
        case Presence(field=field, present=present):
            return f"{field} IS {'NOT NULL' if present else 'NULL'}"
        case AllOf(parts=parts):
            return " AND ".join(map(_operand, parts))
        case AnyOf(parts=parts):
            return " OR ".join(map(_operand, parts))
        case Not(part=part):
            return f"NOT {_operand(part)}"


def like(text: str, pattern: str) -> bool:
    """Match all of `text`; in `pattern` ``%`` is any run of characters and ``_`` any one.

    Takes at most ``len(text) * len(pattern)`` steps, whatever the pattern: a search may come from
    a stranger.

    >>> like("resnet50", "res%5_"), like("resnet50", "RES%")
    (True, False)
    """
    at = step = 0
    star, resume = -1, 0  # where the last % stands, and how much of the text it has swallowed
    while at < len(text):
        if step < len(pattern) and pattern[step] == "%":
            star, resume = step, at
            step += 1
        elif step < len(pattern) and pattern[step] in ("_", text[at]):
            at += 1
            step += 1
        elif star >= 0:
            resume += 1
            at, step = resume, star + 1
        else:
            return False
    return not pattern[step:].strip("%")


def _when_known(
    read: Callable[[Record], Found], test: Callable[[Any], bool]
) -> Callable[[Record], bool | None]:
    def known(record: Record) -> bool | None:
        found = read(record)
        if isinstance(found, tuple):
            return any(map(test, found))
        return None if found is None else test(found)

    return known


def _compared(compare: Callable[[Any, Any], bool], value: Value, found: Value) -> bool:
    return compare(found, value)


def _all(truths: Iterable[bool | None]) -> bool | None:
    known = set(truths)
    if False in known:
        return False
    return None if None in known else True


def _negated(value: bool | None) -> bool | None:  # noqa: FBT001 - a truth value is what is negated
    return None if value is None else not value


def _operand(expression: Expression) -> str:
    text = to_text(expression)
    return f"({text})" if isinstance(expression, AllOf | AnyOf) else text


def _literal(value: Value) -> str:
    return quoted(value, "'") if isinstance(value, str) else repr(value)


_COMPARE: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        Operator.EQ: operator.eq,
        Operator.NE: operator.ne,
        Operator.GT: operator.gt,
        Operator.GE: operator.ge,
        Operator.LT: operator.lt,
        Operator.LE: operator.le,
        Operator.LIKE: like,
        Operator.ILIKE: lambda text, pattern: like(text.casefold(), pattern.casefold()),
    }
)
