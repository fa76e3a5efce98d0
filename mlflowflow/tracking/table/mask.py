"""Search expressions over whole columns: which rows match, thousands at a time.

It says the same of a row as `query.tree.compiled` says of a record, in the same three-valued logic:
an Arrow boolean that is null is what is not known. What Arrow sees differently (patterns with a
backslash, letters whose case has more than one form) is left to Python, once for each distinct text.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa

from mlflowflow.tracking.query.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Expression,
    Field,
    Membership,
    Not,
    Operator,
    Presence,
    like,
)
from mlflowflow.tracking.table.segment import pc

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How the column of a field is had: an Arrow array, null where a row has no value.
Columns: TypeAlias = Callable[[Field], Any]


def mask(expression: Expression, columns: Columns) -> Any:
    """Return for every row whether `expression` is true of it, null where it cannot be known.

    An expression that names no field gives one scalar for all rows.
    """
    match expression:
        case Comparison(field=field, operator=op, value=value):
            return _COMPARE[op](columns(field), value)
        case Membership(field=field, values=values, negated=negated):
            column = columns(field)
            found = pc.is_in(column, value_set=pa.array(values, pa.string()))
            return _where_known(column, pc.invert(found) if negated else found)
        case Presence(field=field, present=present):
            column = columns(field)
            return pc.is_valid(column) if present else pc.is_null(column)
        case AllOf(parts=parts):
            return reduce(pc.and_kleene, (mask(part, columns) for part in parts), pa.scalar(value=True))
        case AnyOf(parts=parts):
            return reduce(pc.or_kleene, (mask(part, columns) for part in parts), pa.scalar(value=False))
        case Not(part=part):
            return pc.invert(mask(part, columns))


def _where_known(column: Any, truth: Any) -> Any:
    return pc.if_else(pc.is_valid(column), truth, pa.scalar(None, pa.bool_()))


def _like(column: Any, pattern: str, *, fold_case: bool) -> Any:
    if "\\" in pattern or (fold_case and not pattern.isascii()):
        return _like_in_python(column, pattern, fold_case=fold_case)
    texts = _plain(column)
    if fold_case and not pc.all(pc.string_is_ascii(texts), min_count=0).as_py():
        return _like_in_python(column, pattern, fold_case=fold_case)
    return pc.match_like(texts, pattern, ignore_case=fold_case)


def _like_in_python(column: Any, pattern: str, *, fold_case: bool) -> Any:
    texts = _plain(column)
    distinct = pc.unique(texts).drop_null()
    wanted = pattern.casefold() if fold_case else pattern
    matching = [text for text in distinct.to_pylist() if like(text.casefold() if fold_case else text, wanted)]
    return _where_known(texts, pc.is_in(texts, value_set=pa.array(matching, pa.string())))


def _plain(column: Any) -> Any:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _compared(compare: Callable[[Any, Any], Any], column: Any, value: Any) -> Any:
    return compare(column, value)


_COMPARE: Final[Mapping[Operator, Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        Operator.EQ: partial(_compared, pc.equal),
        Operator.NE: partial(_compared, pc.not_equal),
        Operator.GT: partial(_compared, pc.greater),
        Operator.GE: partial(_compared, pc.greater_equal),
        Operator.LT: partial(_compared, pc.less),
        Operator.LE: partial(_compared, pc.less_equal),
        Operator.LIKE: partial(_like, fold_case=False),
        Operator.ILIKE: partial(_like, fold_case=True),
    }
)
