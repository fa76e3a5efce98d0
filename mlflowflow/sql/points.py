"""The points of metrics as one Arrow dataset: part files that are read in pieces, and the small rest.

A part is a fragment of the dataset, with what the manifest knows of it: the experiment and the range
of runs. So a statement about one run opens the one or two parts that may hold it, and of those the
row groups whose statistics fit. Files are read through the store, like everything else; a page whose
checksum is wrong fails the statement instead of changing its result.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.dataset as ds

from mlflowflow.errors import CorruptData, MlflowflowError
from mlflowflow.storage.blob import Span
from mlflowflow.tracking.table.attempts import ATTEMPT, KIND, condition, numbers_of
from mlflowflow.tracking.table.pieces import Pieces
from mlflowflow.tracking.table.segment import decode_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.table.manifest import Part
    from mlflowflow.tracking.table.points import Points

#: As the files have it, but for `ts`: as a number any int64 fits, as a time few of them do.
POINTS_SCHEMA: Final = pa.schema(
    [
        pa.field("experiment_id", pa.string()),
        pa.field("run_id", pa.string()),
        pa.field("key", pa.string()),
        pa.field("step", pa.int64()),
        pa.field("ts", pa.int64()),
        pa.field("value", pa.float64()),
    ]
)


#: The same with the attempt, for leaving out points that do not count.
_WITH_ATTEMPTS: Final = POINTS_SCHEMA.append(pa.field(ATTEMPT, KIND))


class PointsDataset:
    """The points of some experiments as an Arrow dataset: those of each run's present attempt."""

    def __init__(self, store: BlobStore, points: Iterable[Points]) -> None:
        """Prepare the files for reading; none is opened yet."""
        self._store = store
        self._files: list[_Part] = []
        found = list(points)
        attempts = {run_id: attempt for each in found for run_id, attempt in each.attempts.items()}
        schema = _WITH_ATTEMPTS if attempts else POINTS_SCHEMA
        fragments: list[Any] = []
        rest: list[Any] = [schema.empty_table()]
        for each in found:
            fragments.extend(self._fragment(each.experiment_id, part) for part in each.parts)
            rest.extend(_labelled(table, each.experiment_id, schema) for table in each.loose)
        self.dataset: Any = ds.InMemoryDataset(pa.concat_tables(rest))
        if fragments:
            folded = ds.FileSystemDataset(fragments, schema, _parquet())
            self.dataset = ds.UnionDataset(schema, [folded, self.dataset])
        if attempts:
            self.dataset = _Counting(self.dataset, condition(attempts))

    def failure(self) -> MlflowflowError | None:
        """Return why a scan failed, if a file is to blame: the store's own error, or `CorruptData` with its key.

        Called after an error; it reads the files that were opened once more, whole.
        """
        for file in self._files:
            if file.failure is not None:
                return file.failure
            if file.opened and (damage := self._damage(file.key)) is not None:
                return damage
        return None

    def _fragment(self, experiment_id: str, part: Part) -> Any:
        fetch = _Part(self._store, part.key)
        self._files.append(fetch)
        known = ds.field("experiment_id") == experiment_id
        if part.min_run or part.max_run:
            known = known & (ds.field("run_id") >= part.min_run) & (ds.field("run_id") <= part.max_run)
        file = pa.PythonFile(Pieces(fetch, part.size), mode="r")
        return _parquet().make_fragment(file, partition_expression=known)

    def _damage(self, key: str) -> MlflowflowError | None:
        try:
            body = self._store.get(key)
            if body is None:
                return CorruptData(key, "it is named in the manifest and is not there")
            decode_table(body, key=key)
        except MlflowflowError as error:
            return error
        return None


class _Counting:
    """What a scan asks of a dataset, over one of which not all rows count."""

    def __init__(self, dataset: Any, counts: Any) -> None:
        self._dataset = dataset
        self._counts = counts

    def scanner(self, columns: Any = None, filter: Any = None, **options: Any) -> Any:  # noqa: A002 - pyarrow's name
        wanted = self._counts if filter is None else filter & self._counts
        names = POINTS_SCHEMA.names if columns is None else columns
        return self._dataset.scanner(columns=names, filter=wanted, **options)


class _Part:
    """Fetch ranges of a part, and know whether it was opened and why that failed."""

    def __init__(self, store: BlobStore, key: str) -> None:
        self.key = key
        self.opened = False
        self.failure: MlflowflowError | None = None
        self._store = store

    def __call__(self, start: int, stop: int) -> bytes:
        self.opened = True
        try:
            found = self._store.get(self.key, Span(start=start, stop=stop))
        except MlflowflowError as error:
            self.failure = error
            raise
        if found is None:
            self.failure = CorruptData(self.key, "it is named in the manifest and is not there")
            raise self.failure
        return found


def _parquet() -> Any:
    return ds.ParquetFileFormat(
        default_fragment_scan_options=ds.ParquetFragmentScanOptions(page_checksum_verification=True)
    )


def _labelled(table: Any, experiment_id: str, schema: Any) -> Any:
    named = {"experiment_id": pa.repeat(pa.scalar(experiment_id, pa.string()), table.num_rows)}
    for field in list(POINTS_SCHEMA)[1:]:
        named[field.name] = table[field.name].cast(field.type)
    if ATTEMPT in schema.names:
        named[ATTEMPT] = numbers_of(table)
    return pa.table(named, schema=schema)
