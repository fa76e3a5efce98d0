"""The folded runs of an experiment as one table over several parts, and searching it.

Of a run that several parts have, the row in the newest part is the whole truth: a compaction writes a
run's row anew, joined with what was there. So an older part is read past the rows that newer ones
have.

A search reads only the columns it names, decides row by row in Arrow, sorts only what can be among the
first, and makes runs of those alone.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from mlflowflow.tracking.query.tree import Entity, Field, Function
from mlflowflow.tracking.record import FIRST_ATTEMPT
from mlflowflow.tracking.run import LifecycleStage, Run, RunData, RunInfo, RunStatus
from mlflowflow.tracking.table import literals
from mlflowflow.tracking.table.attempts import ATTEMPT, retried
from mlflowflow.tracking.table.first_rows import contenders, first_rows
from mlflowflow.tracking.table.fold import NAME_TAG, RunState
from mlflowflow.tracking.table.links import inputs_of, links_in, outputs_of
from mlflowflow.tracking.table.mask import mask
from mlflowflow.tracking.table.ranges import Ranges
from mlflowflow.tracking.table.runs_part import (
    latest_points_of,
    states_of,
    tells_latest,
    with_unknown_ranges,
)
from mlflowflow.tracking.table.segment import pc

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from mlflowflow.tracking.table.fold import Point
    from mlflowflow.tracking.table.manifest import Part
    from mlflowflow.tracking.table.runs_file import RunsFile
    from mlflowflow.tracking.table.search import Search

_PARENT_TAG: Final = "mlflow.parentRunId"
_FAMILIES: Final = MappingProxyType({Entity.METRIC: "metrics.", Entity.PARAM: "params.", Entity.TAG: "tags."})
_INFO: Final = frozenset({"run_id", "user", "start_time", "status", "end_time", "lifecycle_stage", "links"})
_PREFIXES: Final = tuple(_FAMILIES.values())
_END_OF: Final = MappingProxyType({Function.MIN: "metrics_min.", Function.MAX: "metrics_max."})
_ENDS: Final = tuple(_END_OF.values())


@dataclass(slots=True, kw_only=True)
class RunsTable:
    """The runs in `parts`, the oldest first. Not thread-safe; its reader holds a lock.

    `artifact_uri` gives the place of a run's artifacts and `opened` the file of a part. `visible` keeps,
    for each part, which of its rows no newer part has, and which are in some stages.
    """

    experiment_id: str
    artifact_uri: Callable[[str], str]
    parts: tuple[Part, ...]
    opened: Callable[[Part], RunsFile]
    visible: dict[str, Any] = field(default_factory=dict[str, Any])

    def states(self, run_ids: Collection[str]) -> dict[str, RunState]:
        """Return the folded states of those of `run_ids` that there are."""
        return {
            state.run_id: state
            for ranged, rows in self._rows_of(run_ids, lambda _: True)
            for state in states_of(rows if ranged else with_unknown_ranges(rows))
        }

    def latest_points(self, run_ids: Collection[str]) -> dict[str, dict[str, Point]]:
        """Return the latest point of each metric of those of `run_ids` that there are.

        A state says so too, but making one reads every column, and the whole of it where runs are scattered.
        """
        found: dict[str, dict[str, Point]] = {}
        for _, rows in self._rows_of(run_ids, tells_latest):
            found |= latest_points_of(rows)
        return found

    def _rows_of(self, run_ids: Collection[str], wanted: Callable[[str], bool]) -> Iterator[tuple[bool, Any]]:
        """Yield for each part its rows of `run_ids`, with the `wanted` columns, and whether it knows ranges."""
        left = set(run_ids)
        for part in reversed(self.parts):
            within = [run_id for run_id in left if part.min_run <= run_id <= part.max_run]
            if within:
                file = self.opened(part)
                places = file.find(within)
                left -= places.keys()
                yield (
                    file.ranged,
                    file.take(list(places.values()), sorted(name for name in file.names if wanted(name))),
                )

    def attempts(self, run_ids: Collection[str] | None = None) -> dict[str, int]:
        """Return the attempts of those of `run_ids`, or of all runs, that are beyond their first.

        Only parts are opened in which there are such runs.
        """
        found: dict[str, int] = {}
        for part in self.parts:
            if part.attempt == FIRST_ATTEMPT or not (run_ids is None or _spans(part, run_ids)):
                continue
            for run_id, attempt in retried(pa.table(self.opened(part).columns(["run_id", ATTEMPT]))).items():
                if run_ids is None or run_id in run_ids:
                    found[run_id] = max(attempt, found.get(run_id, attempt))
        return found

    def run(self, run_id: str) -> Run | None:
        """Return one run, or None if it is in no part or was never begun."""
        state = self.states([run_id]).get(run_id)
        if state is None or not state.exists:
            return None
        return state.to_run(experiment_id=self.experiment_id, artifact_uri=self.artifact_uri(run_id))

    def search(self, search: Search, *, hidden: Collection[str]) -> list[Run]:
        """Return the first runs in the order looked for, in no particular order; none of `hidden`."""
        files = [self.opened(part) for part in self.parts]
        matches = [self._matches(number, files, search, hidden) for number in range(len(files))]
        chosen = matches
        if sum(map(len, matches)) > search.limit:
            first = search.order.keys[0]
            heads = [
                _first_key(self._column(file, first.field), rows)
                for file, rows in zip(files, matches, strict=True)
            ]
            matches = contenders(matches, heads, search.limit, descending=first.descending)
            keys = [self._keys(file, rows, search) for file, rows in zip(files, matches, strict=True)]
            chosen = first_rows(matches, keys, [key.descending for key in search.order.keys], search.limit)
        return [run for file, rows in zip(files, chosen, strict=True) for run in self._runs(file, rows)]

    def matching(self, search: Search, *, hidden: Collection[str]) -> list[str]:
        """Return the ids of all runs that are looked for, in no particular order; none of `hidden`."""
        files = [self.opened(part) for part in self.parts]
        rows = [self._matches(number, files, search, hidden) for number in range(len(files))]
        return [
            run_id
            for file, found in zip(files, rows, strict=True)
            for run_id in file.run_ids.take(found).to_pylist()
        ]

    def rows(self, *, hidden: Collection[str]) -> tuple[tuple[RunsFile, Any], ...]:
        """Return the files, each with the numbers of its rows that are runs; none of `hidden`."""
        files = [self.opened(part) for part in self.parts]
        return tuple((file, self._visible(number, files, hidden)) for number, file in enumerate(files))

    def _matches(
        self, number: int, files: Sequence[RunsFile], search: Search, hidden: Collection[str]
    ) -> Any:
        """Return the rows of a part that are wanted, as an array of row numbers."""
        file = files[number]
        wanted = mask(search.wanted.expression, lambda field: self._column(file, field))
        return self._visible(number, files, hidden, wanted, self._staged(number, file, search.stages))

    def _staged(self, number: int, file: RunsFile, stages: Collection[LifecycleStage]) -> Any:
        """Return which rows of a part are in one of `stages`."""
        place = " ".join([self.parts[number].key, *sorted(stages)])
        found = self.visible.get(place)
        if found is None:
            texts = literals.texts(text for stage in stages for text in _stored_as(stage))
            found = pc.is_in(file.columns(["lifecycle_stage"])["lifecycle_stage"], value_set=texts)
            self.visible[place] = found
        return found

    def _visible(self, number: int, files: Sequence[RunsFile], hidden: Collection[str], *truths: Any) -> Any:
        """Return the rows of a part that are runs, and in no newer part or `hidden`, and of which `truths` hold."""
        file = files[number]
        all_of = [*truths, file.exists, *self._unshadowed(number, files)]
        rows = pc.indices_nonzero(
            pc.fill_null(reduce(pc.and_kleene, all_of), fill_value=literals.truth(value=False))
        )
        if hidden and len(rows):
            kept = pc.is_in(file.run_ids.take(rows), value_set=literals.texts(hidden))
            rows = rows.filter(pc.invert(kept))
        return rows

    def _unshadowed(self, number: int, files: Sequence[RunsFile]) -> list[Any]:
        """Return, at most once, which rows of a part no newer part has."""
        part = self.parts[number]
        if part.key not in self.visible:
            newer = [
                file.run_ids
                for file, later in zip(files[number + 1 :], self.parts[number + 1 :], strict=True)
                if later.min_run <= part.max_run and later.max_run >= part.min_run
            ]
            self.visible[part.key] = (
                pc.invert(pc.is_in(files[number].run_ids, value_set=pa.concat_arrays(newer)))
                if newer
                else None
            )
        found = self.visible[part.key]
        return [] if found is None else [found]

    def _keys(self, file: RunsFile, rows: Any, search: Search) -> list[Any]:
        """Return what `rows` of a part are sorted by."""
        return [_sortable(self._column(file, key.field).take(rows)) for key in search.order.keys]

    def _column(self, file: RunsFile, field: Field) -> Any:
        """Return the column of `field`, null where a run has no value."""
        if field.entity is Entity.DATASET:
            return file.columns(["datasets"]).get("datasets", _nulls(file, pa.string()))
        if field.function in _END_OF:
            return _range_end(file, field)
        if field.entity is not Entity.ATTRIBUTE:
            name = _FAMILIES[field.entity] + field.key
            kind = pa.float64() if field.entity is Entity.METRIC else pa.string()
            return file.columns([name]).get(name, _nulls(file, kind))
        return _ATTRIBUTES[field.key](self, file)

    def _runs(self, file: RunsFile, rows: Any) -> Iterator[Run]:
        if len(rows) == 0:
            return iter(())
        wanted = (*_PREFIXES, *_ENDS)
        names = [name for name in sorted(file.names) if name in _INFO or name.startswith(wanted)]
        table = file.take(rows.to_pylist(), names)
        if not file.ranged and any(name.startswith(_ENDS) for name in names):
            return self._made_of(with_unknown_ranges(table), ranged=True)
        return self._made_of(table, ranged=file.ranged)

    def _made_of(self, table: Any, *, ranged: bool) -> Iterator[Run]:
        metrics, params, tags, lows, highs = (_family(table, prefix) for prefix in (*_PREFIXES, *_ENDS))
        links = table["links"].to_pylist() if "links" in table.column_names else [None] * table.num_rows
        starts, ends = (table[name].cast(pa.int64()).to_pylist() for name in ("start_time", "end_time"))
        others = [table[name].to_pylist() for name in ("run_id", "user", "status", "lifecycle_stage")]
        for row, (run_id, user, status, stage) in enumerate(zip(*others, strict=True)):
            words = {key: column[row] for key, column in tags.items() if column[row] is not None}
            info = RunInfo(
                run_id=run_id,
                experiment_id=self.experiment_id,
                run_name=words.get(NAME_TAG, ""),
                user_id=user,
                status=RunStatus(status or RunStatus.RUNNING),
                start_time=starts[row],
                end_time=ends[row] or None,
                lifecycle_stage=LifecycleStage(stage or LifecycleStage.ACTIVE),
                artifact_uri=self.artifact_uri(run_id),
            )
            latest = {key: column[row] for key, column in metrics.items() if column[row] is not None}
            data = RunData(
                metrics=latest,
                params={key: column[row] for key, column in params.items() if column[row] is not None},
                tags=words,
                metric_ranges=Ranges(latest if ranged else {}, lows, highs, row=row),
            )
            cells = links_in(links[row])
            yield Run(info, data, inputs_of(cells), outputs_of(cells)) if cells else Run(info, data)


def _spans(part: Part, run_ids: Collection[str]) -> bool:
    return any(part.min_run <= run_id <= part.max_run for run_id in run_ids)


def _range_end(file: RunsFile, field: Field) -> Any:
    """Return the column of the least or the greatest values of a metric, null where that is not known."""
    metric, end = f"metrics.{field.key}", f"{_END_OF[field.function]}{field.key}"
    columns = file.columns([metric, end])
    nothing = _nulls(file, pa.float64())
    found = columns.get(end, nothing)
    if file.ranged:
        found = pc.coalesce(found, columns.get(metric, nothing))
    return pc.if_else(pc.is_nan(found), literals.nothing(pa.float64()), found)


def _family(table: Any, prefix: str) -> dict[str, list[Any]]:
    names = [name for name in table.column_names if name.startswith(prefix)]
    return {name.removeprefix(prefix): _values(table[name]) for name in names}


def _values(column: Any) -> list[Any]:
    """Return a column as Python values; those of a dictionary several times faster as plain text."""
    plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    values: list[Any] = plain.to_pylist()
    return values


def _first_key(column: Any, rows: Any) -> Any:
    found = column.take(rows)
    return _sortable(literals.in_one_piece(found) if isinstance(found, pa.ChunkedArray) else found)


def _sortable(column: Any) -> Any:
    """Return a column with NaN as null, because both come last, and with plain text."""
    if pa.types.is_dictionary(column.type):
        return column.cast(pa.string())
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_nan(column), literals.nothing(column.type), column)
    return column


def _nulls(file: RunsFile, kind: Any) -> Any:
    return pa.nulls(file.rows, kind)


def _stored_as(stage: LifecycleStage) -> tuple[str, ...]:
    """Return the texts that stand for a stage; of a run that nobody deleted nothing is stored."""
    return (str(stage), "") if stage is LifecycleStage.ACTIVE else (str(stage),)


def _or_else(column: Any, default: str) -> Any:
    """Return a column of words in which an empty one stands for `default`."""
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, _or_else(column.dictionary, default))
    return pc.if_else(pc.not_equal(column, literals.text("")), column, literals.text(default))


def _milliseconds(file: RunsFile, name: str) -> Any:
    """Return times as the numbers they are compared with; beyond the year 287000 they are rounded."""
    return file.columns([name])[name].cast(pa.int64()).cast(pa.float64(), safe=False)


def _tag(file: RunsFile, key: str) -> Any:
    name = _FAMILIES[Entity.TAG] + key
    return file.columns([name]).get(name, _nulls(file, pa.string()))


def _ended(_: RunsTable, file: RunsFile) -> Any:
    times = _milliseconds(file, "end_time")
    return pc.if_else(pc.equal(times, literals.number(0.0)), literals.nothing(pa.float64()), times)


def _artifact_uris(table: RunsTable, file: RunsFile) -> Any:
    return literals.texts(table.artifact_uri(run_id) for run_id in file.run_ids.to_pylist())


#: How each attribute of the search language is had.
_ATTRIBUTES: Final[Mapping[str, Callable[[RunsTable, RunsFile], Any]]] = MappingProxyType(
    {
        "run_id": lambda _, file: file.run_ids,
        "run_name": lambda _, file: pc.fill_null(
            _tag(file, NAME_TAG).cast(pa.string()), fill_value=literals.text("")
        ),
        "experiment_id": lambda table, file: pa.repeat(literals.text(table.experiment_id), file.rows),
        "status": lambda _, file: _or_else(file.columns(["status"])["status"], RunStatus.RUNNING),
        "user_id": lambda _, file: file.columns(["user"])["user"],
        "artifact_uri": _artifact_uris,
        "parent_run_id": lambda _, file: _tag(file, _PARENT_TAG),
        "start_time": lambda _, file: _milliseconds(file, "start_time"),
        "end_time": _ended,
    }
)
