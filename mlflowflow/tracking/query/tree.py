"""The search language's expressions: a frozen tree, what it says of a record, and how it is written.

The truth of an expression is one of three: a comparison with something the record does not have is
*unknown* (None), not false, and NOT leaves unknown unknown, as in SQL. So ``NOT params.a = 'x'`` and
``params.a != 'x'`` agree, and both leave out the runs without ``a``. A record matches if the whole
is true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

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
    """One searchable thing: ``metrics.rmse`` is the key ``rmse`` of the entity METRIC."""

    entity: Entity
    key: str

    def __str__(self) -> str:
        """Write it as the language does, in backticks where the key needs them."""
        return f"{self.entity}.{self.key if is_plain(self.key) else quoted(self.key, '`')}"


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
Lookup: TypeAlias = Callable[[Field], Value | None]


def truth(expression: Expression, lookup: Lookup) -> bool | None:
    """Say whether `expression` is true of the record that `lookup` reads; None if it cannot be known."""
    match expression:
        case Comparison(field=field, operator=op, value=value):
            found = lookup(field)
            return None if found is None else _COMPARE[op](found, value)
        case Membership(field=field, values=values, negated=negated):
            found = lookup(field)
            return None if found is None else (found in values) is not negated
        case Presence(field=field, present=present):
            return (lookup(field) is not None) is present
        case AllOf(parts=parts):
            return _all(truth(part, lookup) for part in parts)
        case AnyOf(parts=parts):
            return _negated(_all(_negated(truth(part, lookup)) for part in parts))
        case Not(part=part):
            return _negated(truth(part, lookup))


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
