"""One runs part, opened for questions: its columns when they are asked for, and rows by run id.

The part is held as it was fetched, compressed; what has been decoded of it is kept beside it. Text
is decoded as dictionaries, which takes half the time and a fraction of the memory, because params
and tags repeat.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from mlflowflow.errors import CorruptData
from mlflowflow.tracking.table import literals
from mlflowflow.tracking.table.footer import check_footer
from mlflowflow.tracking.table.runs_part import UNSTARTED_AT, is_ranged
from mlflowflow.tracking.table.segment import check_format, pc, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: From this share of the row groups on, columns are decoded whole and kept.
_WHOLE: Final = 0.3
#: Texts that differ in more than this share of the rows are not worth a dictionary.
_REPEATING: Final = 0.25
#: So many run ids are looked up one by one, more of them by hashing the part's.
_FEW: Final = 64


class RunsFile:
    """The rows of one runs part. Not thread-safe; its reader holds a lock."""

    def __init__(self, data: bytes, *, key: str) -> None:
        """Read the footer of the part `key`. Raises `CorruptData` or `StoreTooNew`."""
        self.key = key
        self._size = len(data)
        self._decoded = 0
        self._columns: dict[str, Any] = {}
        source = pa.BufferReader(data)
        check_footer(data, key=key)
        with reading(key):
            schema = pq.read_schema(source)
            texts = [field.name for field in schema if pa.types.is_string(field.type)]
            self._file = pq.ParquetFile(
                source,
                page_checksum_verification=True,
                read_dictionary=[name for name in texts if name != "run_id"],
            )
        check_format(self._file, key=key)
        self.ranged = is_ranged(self._file)
        footer = self._file.metadata
        self.rows: int = footer.num_rows
        self.names = frozenset(schema.names)
        lonely = next((name for name in schema.names if _companion(name) not in self.names), None)
        if lonely is not None:  # a name that was damaged; only footers of earlier releases may be
            raise CorruptData(key, f"it lacks the column '{_companion(lonely)}'")
        sizes = [footer.row_group(number).num_rows for number in range(footer.num_row_groups)]
        self._starts = list(accumulate(sizes, initial=0))[:-1]

    @property
    def weight(self) -> int:
        """Bytes of memory this takes, as a cache counts them."""
        return self._size + self._decoded

    @property
    def run_ids(self) -> Any:
        """The run ids, in ascending order."""
        return self.columns(["run_id"])["run_id"]

    @property
    def exists(self) -> Any:
        """Whether each run was begun; records of one may arrive before its beginning does."""
        found = self._columns.get("")
        if found is None:
            with reading(self.key):
                began = self._file.read(columns=["started_at.at"])["started_at"]
            times = [pc.struct_field(chunk, "at") for chunk in began.chunks]
            found = self._kept(
                "", pc.not_equal(pa.chunked_array(times, pa.int64()), literals.whole(UNSTARTED_AT))
            )
        return found

    def columns(self, names: Iterable[str]) -> dict[str, Any]:
        """Return whole columns; those that the part does not have are left out. Raises `CorruptData`."""
        wanted = [name for name in names if name in self.names]
        news = [name for name in wanted if name not in self._columns]
        if news:
            with reading(self.key):
                table = self._file.read(columns=news)
            for name in news:
                self._kept(name, table[name])
        return {name: self._columns[name] for name in wanted}

    def find(self, run_ids: Sequence[str]) -> dict[str, int]:
        """Return the row of each run that the part has."""
        ids = self.run_ids
        if len(run_ids) <= _FEW:
            places = {run_id: bisect_left(_Texts(ids), run_id) for run_id in run_ids}
            return {
                run_id: row
                for run_id, row in places.items()
                if row < self.rows and ids[row].as_py() == run_id
            }
        wanted = literals.texts(run_ids)
        rows = pc.index_in(wanted, value_set=ids).to_pylist()
        return {run_id: row for run_id, row in zip(run_ids, rows, strict=True) if row is not None}

    def take(self, rows: Sequence[int], names: Sequence[str]) -> Any:
        """Return some rows of some columns, in the order of `rows`. Raises `CorruptData`."""
        present = [name for name in names if name in self.names]
        groups = sorted({self._group_of(row) for row in rows})
        known = all(name in self._columns for name in present)
        if known or len(self._starts) == 1 or len(groups) > _WHOLE * len(self._starts) > 1:
            columns = self.columns(present)
            places = literals.wholes(rows)
            return pa.table({name: columns[name].take(places) for name in present})
        return self._some(groups, rows, present)

    def _some(self, groups: list[int], rows: Sequence[int], names: list[str]) -> Any:
        with reading(self.key):
            table = self._file.read_row_groups(groups, columns=names, use_threads=False)
            for column in table.columns:
                _check_words(column)
        sizes = [self._file.metadata.row_group(group).num_rows for group in groups]
        if table.num_rows != sum(sizes):
            raise CorruptData(self.key, f"{table.num_rows} rows are left of {sum(sizes)}")
        moved = dict(zip(groups, accumulate(sizes, initial=0), strict=False))
        places = [moved[group] + row - self._starts[group] for row in rows for group in [self._group_of(row)]]
        return table.take(literals.wholes(places))

    def _group_of(self, row: int) -> int:
        return bisect_right(self._starts, row) - 1

    def _kept(self, name: str, column: Any) -> Any:
        if len(column) != self.rows:  # the header of a page has no checksum, and it says how long the page is
            told = f"the column '{name}' has {len(column)} rows, and {self.rows} were written"
            raise CorruptData(self.key, told)
        with reading(self.key):
            found = self._columns[name] = _in_one_piece(column)
        self._decoded += found.nbytes
        return found


def _in_one_piece(column: Any) -> Any:
    """Return a column as one array; a dictionary that saves nothing, because texts differ, is given up."""
    if pa.types.is_dictionary(column.type):
        distinct = sum(len(chunk.dictionary) for chunk in column.chunks)
        if distinct > _REPEATING * len(column):
            column = column.cast(pa.string())
        else:
            column = column.unify_dictionaries()
    whole = literals.in_one_piece(column)
    _check_words(whole)
    return whole


def _check_words(column: Any) -> None:
    """Look whether a dictionary still has the words that are used: the header of its page has no checksum."""
    if pa.types.is_dictionary(column.type):
        column.validate(full=True)


def _companion(name: str) -> str:
    """Return the column that must stand beside a column; columns that stand alone are their own."""
    family, dot, metric = name.partition(".")
    return f"{family}_at.{metric}" if dot and family in {"metrics", "params", "tags"} else name


class _Texts:
    """A column of text as the sequence that bisection wants."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, place: int) -> str:
        text: str = self._column[place].as_py()
        return text
