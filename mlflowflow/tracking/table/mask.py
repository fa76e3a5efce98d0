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
    Entity,
    Expression,
    Field,
    Membership,
    Not,
    Operator,
    Presence,
    compiled,
    like,
)
from mlflowflow.tracking.query.vocabulary import DATASET_KEYS
from mlflowflow.tracking.table import literals
from mlflowflow.tracking.table.links import datasets_in
from mlflowflow.tracking.table.segment import pc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.tracking.query.tree import Value

#: How the column of a field is had: an Arrow array, null where a row has no value.
Columns: TypeAlias = Callable[[Field], Any]


def mask(expression: Expression, columns: Columns) -> Any:
    """Return for every row whether `expression` is true of it, null where it cannot be known.

    An expression that names no field gives one scalar for all rows.
    """
    match expression:
        case Comparison(field=field) | Membership(field=field) | Presence(field=field):
            column = columns(field)
            return (_of_datasets if field.entity is Entity.DATASET else _clause)(expression, column)
        case AllOf(parts=parts):
            return reduce(pc.and_kleene, (mask(part, columns) for part in parts), literals.truth(value=True))
        case AnyOf(parts=parts):
            return reduce(pc.or_kleene, (mask(part, columns) for part in parts), literals.truth(value=False))
        case Not(part=part):
            return pc.invert(mask(part, columns))


def _clause(clause: Comparison | Membership | Presence, column: Any) -> Any:
    match clause:
        case Comparison(operator=op, value=value):
            return _by_word(lambda texts: _COMPARE[op](texts, value), column)
        case Membership(values=values, negated=negated):
            found = _by_word(partial(pc.is_in, value_set=literals.texts(values)), column)
            return _where_known(column, pc.invert(found) if negated else found)
        case Presence(present=present):
            return pc.is_valid(column) if present else pc.is_null(column)


def _by_word(test: Callable[[Any], Any], column: Any) -> Any:
    """Return the truth of a `test` of texts for each row, deciding once for each word of a dictionary."""
    if not pa.types.is_dictionary(column.type) or isinstance(column, pa.ChunkedArray):
        return test(column)
    return test(column.dictionary).take(column.indices)


def _of_datasets(clause: Comparison | Membership | Presence, column: Any) -> Any:
    """Return what is true of the datasets in a column of `datasets_text`, deciding once for each distinct text."""
    test = compiled(clause, _dataset_reader)
    plain = _plain(column)
    distinct = pc.unique(plain)
    truths = literals.truths(test(text) for text in distinct.to_pylist())
    return truths.take(pc.index_in(plain, value_set=distinct))


def _dataset_reader(field: Field) -> Callable[[str | None], tuple[str, ...] | None]:
    place = DATASET_KEYS.index(field.key)

    def read(text: str | None) -> tuple[str, ...] | None:
        return tuple(found for each in datasets_in(text) if (found := each[place]) is not None) or None

    return read


def _where_known(column: Any, truth: Any) -> Any:
    return pc.if_else(pc.is_valid(column), truth, literals.nothing(pa.bool_()))


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
    return _where_known(texts, pc.is_in(texts, value_set=literals.texts(matching)))


def _plain(column: Any) -> Any:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _compared(compare: Callable[[Any, Any], Any], column: Any, value: Value) -> Any:
    return compare(column, literals.text(value) if isinstance(value, str) else literals.number(value))


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
