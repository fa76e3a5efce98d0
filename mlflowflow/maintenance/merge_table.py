"""Bringing what one experiment holds into an experiment of another store, exactly once.

Every record belongs to a writer's numbered segment, and a manifest says how far each writer is folded.
So the target's next manifest takes over the source's parts together with the source's watermarks, in
one step that either happens or does not; and segments that no part holds are copied under their own
names. Whoever repeats it finds the watermarks there and does nothing.

If the target knows some of the writers already, from an earlier merge, the source's parts hold points
that the target has. Parts do not say whose their points are, so those are compared one by one.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from mlflowflow.errors import Conflict, StoreUnavailable
from mlflowflow.ids import digest
from mlflowflow.maintenance.contents import Contents, without
from mlflowflow.storage.blob import Blob, Created
from mlflowflow.tracking.layout import metrics_part_key, runs_part_key, segment_key
from mlflowflow.tracking.table.attempts import greatest
from mlflowflow.tracking.table.fold import join, join_run
from mlflowflow.tracking.table.manifest import (
    Manifest,
    Part,
    experiment_from_json,
    experiment_to_json,
    manifest_log,
    manifest_to_json,
)
from mlflowflow.tracking.table.metrics_part import encode_metrics, sort_metrics
from mlflowflow.tracking.table.runs_part import encode_rows, rows_of
from mlflowflow.tracking.table.segment import METRIC_SCHEMA, decode_table, encode_table, pc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.maintenance.copying import Copier
    from mlflowflow.tracking.table.fold import ExperimentState

_ATTEMPTS: Final = 10
_INPUTS: Final = "merged from another store"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMerge:
    """What was brought over: parts and segments; none of either if the target had it all."""

    parts: int = 0
    segments: int = 0


def merge_table(
    copier: Copier, source_id: str, target_id: str, *, same: bool, clock: Clock, ids: Ids
) -> TableMerge:
    """Bring the experiment `source_id` of the source into `target_id` of the target.

    Are they the `same` experiment, its name, tags and stage come along; of another one only tags that
    the target lacks do. Raises `Conflict` if others publish first again and again.
    """
    for _ in range(_ATTEMPTS):
        source = Contents.read(copier.source, source_id)
        target = Contents.read(copier.target, target_id)
        news = {
            writer: seq
            for writer, seq in source.watermarks.items()
            if seq > target.watermarks.get(writer, -1)
        }
        parts = _Parts(copier, source, target, clock=clock, ids=ids)
        if news and not _published(copier, parts.manifest(news, same=same), target):
            continue
        known = dict(target.watermarks) | news
        segments = _segments(copier, source, target, known, same=same)
        return TableMerge(parts=parts.written, segments=segments)
    raise Conflict(
        f"Others compacted experiment '{target_id}' first {_ATTEMPTS} times; repeat the merge later."
    )


def _published(copier: Copier, fresh: Manifest, target: Contents) -> bool:
    log = manifest_log(copier.target, target.experiment_id)
    return copier.dry_run or log.append(fresh.number, manifest_to_json(fresh)) is Created.CREATED


class _Parts:
    """The next manifest of the target and the parts it adds."""

    def __init__(self, copier: Copier, source: Contents, target: Contents, *, clock: Clock, ids: Ids) -> None:
        self._copier = copier
        self._source = source
        self._target = target
        self._clock = clock
        self._ids = ids
        self._name = f"{clock.now_us():016x}-{ids.token()}"
        self.written = 0

    def manifest(self, news: Mapping[str, int], *, same: bool) -> Manifest:
        head = self._target.head
        met = self._target.watermarks.keys() & self._source.watermarks.keys()
        metrics = self._rest() if met else self._copies()
        return Manifest(
            number=head.number + 1,
            created_us=self._clock.now_us(),
            parent=head.sha256,
            token=self._ids.token(),
            parts=(*head.parts, *metrics, *self._runs()),
            watermarks=MappingProxyType({**head.watermarks, **news}),
            experiment=MappingProxyType(experiment_to_json(self._cells(same=same))),
        )

    def _copies(self) -> list[Part]:
        """Copy the parts of points as they are, under the same names."""
        there = self._copier.listed(metrics_part_key(self._target.experiment_id, "").removesuffix(".parquet"))
        copies: list[Part] = []
        for part in self._source.head.of_kind("metrics"):
            name = part.key.rpartition("/")[2].removesuffix(".parquet")
            key = metrics_part_key(self._target.experiment_id, name)
            self._copier.demand(Blob(key=part.key, size=part.size), key, there=there)
            copies.append(replace(part, key=key))
        self.written += len(copies)
        return copies

    def _rest(self) -> list[Part]:
        """Write the points that the target does not have as one part."""
        mine = _together([table for _, table in self._source.metrics()])
        runs = mine["run_id"].unique()
        theirs = [
            table.filter(pc.is_in(table["run_id"], value_set=runs)) for _, table in self._target.metrics()
        ]
        rest = sort_metrics([without(mine, _together(theirs))])
        if rest.num_rows == 0:
            return []
        key = metrics_part_key(self._target.experiment_id, self._name)
        return [self._put("metrics", key, encode_metrics(rest, inputs=_INPUTS), rest["run_id"])]

    def _runs(self) -> list[Part]:
        """Write the runs of the source as one part, joined with what the target knows of them."""
        states, known = self._source.runs(), self._target.runs()
        for run_id in states.keys() & known.keys():
            join_run(states[run_id], known[run_id])
        news = [state for run_id, state in states.items() if state != known.get(run_id)]
        if not news:
            return []
        rows = rows_of(news)
        key = runs_part_key(self._target.experiment_id, self._name)
        part = self._put("runs", key, encode_rows(rows, inputs=_INPUTS), rows["run_id"])
        return [replace(part, attempt=greatest(rows))]

    def _put(self, kind: Any, key: str, body: bytes, run_ids: Any) -> Part:
        self._copier.write(key, body)
        self.written += 1
        return Part(
            kind=kind,
            key=key,
            rows=len(run_ids),
            size=len(body),
            sha256=digest(body),
            min_run=run_ids[0].as_py(),
            max_run=run_ids[-1].as_py(),
        )

    def _cells(self, *, same: bool) -> ExperimentState:
        state = experiment_from_json(self._target.head.experiment)
        other = experiment_from_json(self._source.head.experiment)
        if same:
            join(state, other)
        else:
            state.tags |= {key: tag for key, tag in other.tags.items() if key not in state.tags}
        return state


def _segments(
    copier: Copier, source: Contents, target: Contents, known: Mapping[str, int], *, same: bool
) -> int:
    """Copy the segments that no part holds and the target has not; return how many."""
    count = 0
    for (writer, seq), blob in sorted(source.unfolded.items()):
        if seq <= known.get(writer, -1) or (writer, seq) in target.unfolded:
            continue
        body = copier.source.get(blob.key)
        if body is None:
            raise StoreUnavailable(
                copier.source.url, f"'{blob.key}' was folded meanwhile; repeat the merge for what is left"
            )
        kept = body if same else _without_own_cells(body, key=blob.key)
        copier.write(segment_key(target.experiment_id, writer=writer, seq=seq), kept)
        count += 1
    return count


def _without_own_cells(body: bytes, *, key: str) -> bytes:
    """Return a segment without what it says of its experiment, which is another one than the target."""
    table = decode_table(body, key=key)
    of_runs = table.filter(pc.not_equal(table["run_id"], ""))
    if of_runs.num_rows == table.num_rows:
        return body
    return encode_table(of_runs, metadata=_label(body))


def _label(body: bytes) -> dict[str, str]:
    import pyarrow.parquet as pq

    found = pq.read_metadata(pa.BufferReader(body)).metadata or {}
    prefix = b"mlflowflow."
    own = {name.removeprefix(prefix): text for name, text in found.items() if name.startswith(prefix)}
    return {name.decode(): text.decode() for name, text in own.items() if name != b"format"}


def _together(tables: list[Any]) -> Any:
    return pa.concat_tables([METRIC_SCHEMA.empty_table(), *tables], promote_options="default")
