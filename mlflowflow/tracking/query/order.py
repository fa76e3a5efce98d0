"""How search results are put in order: ``["metrics.rmse ASC", "start_time DESC"]``.

What a record does not have, and NaN, comes last in either direction, as MLflow orders it.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Generic

from mlflowflow.tracking.query.parser import Cursor
from mlflowflow.tracking.query.tree import Entity, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlflowflow.tracking.query.tree import Field, Found
    from mlflowflow.tracking.query.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """One field to sort by."""

    field: Field
    descending: bool = False

    def __str__(self) -> str:
        """Write it as a clause."""
        return f"{self.field} {'DESC' if self.descending else 'ASC'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Generic[Record]):
    """Fields to sort by, the most significant first."""

    keys: tuple[SortKey, ...]
    vocabulary: Vocabulary[Record]

    def sort(self, records: Iterable[Record]) -> list[Record]:
        """Return the records in this order; those that tie keep theirs."""
        ordered = list(records)
        for key in reversed(self.keys):
            ordered = self._sorted_by(key, ordered)
        return ordered

    def _sorted_by(self, key: SortKey, records: list[Record]) -> list[Record]:
        present: list[tuple[Found, Record]] = []
        absent: list[Record] = []
        read = self.vocabulary.reader(key.field)
        for record in records:
            value = read(record)
            if value is None or value != value:  # noqa: PLR0124 - NaN alone differs from itself
                absent.append(record)
            else:
                present.append((value, record))
        present.sort(key=itemgetter(0), reverse=key.descending)
        return [record for _, record in present] + absent


def parse_order(
    clauses: Sequence[str], vocabulary: Vocabulary[Record], *, then: Sequence[str]
) -> Order[Record]:
    """Read the `clauses`, with those of `then` behind them to break ties.

    Raises `InvalidFilter` for a clause that cannot be read or a field that is named twice.
    """
    keys = [_sort_key(clause, vocabulary) for clause in clauses]
    named: set[Field] = set()
    for clause, key in zip(clauses, keys, strict=True):
        if key.field.entity is Entity.DATASET:
            Cursor(clause, vocabulary).fail_at_start(
                "A run may have several datasets; sort by something else."
            )
        if key.field in named:
            Cursor(clause, vocabulary).fail_at_start(f"{key.field} is named twice in the order.")
        named.add(key.field)
    last = [_sort_key(clause, vocabulary) for clause in then]
    return Order(keys=(*keys, *(key for key in last if key.field not in named)), vocabulary=vocabulary)


def _sort_key(clause: str, vocabulary: Vocabulary[Record]) -> SortKey:
    cursor = Cursor(clause, vocabulary)
    field = cursor.field()
    descending = cursor.peek.is_word("DESC")
    cursor.accept("ASC", "DESC")
    cursor.expect_end("Expected ASC, DESC or the end here")
    return SortKey(field=field, descending=descending)
