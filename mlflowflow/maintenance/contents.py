"""Everything an experiment holds, as one value: what is folded, how far, and what is not folded yet.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mlflowflow.errors import StoreUnavailable
from mlflowflow.tracking.layout import hot_prefix, parse_segment_key
from mlflowflow.tracking.table.archive import decode_watermarks
from mlflowflow.tracking.table.attempts import ATTEMPT, numbers_of, with_attempts
from mlflowflow.tracking.table.manifest import EMPTY, Manifest, manifest_log, read_manifest
from mlflowflow.tracking.table.metrics_part import decode_metrics
from mlflowflow.tracking.table.runs_part import decode_rows, merge_rows, states_of
from mlflowflow.tracking.table.segment import LINK, METRIC_SCHEMA, decode_segment, pc, with_links

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflowflow.storage.blob import Blob, BlobStore
    from mlflowflow.tracking.table.fold import RunState
    from mlflowflow.tracking.table.manifest import Part


@dataclass(slots=True, kw_only=True)
class Contents:
    """An experiment in a store. Segments were listed before the manifest was read, so none is missed."""

    store: BlobStore
    experiment_id: str
    head: Manifest = EMPTY
    #: How far every writer is folded, those of long ago included.
    watermarks: Mapping[str, int] = field(default_factory=dict[str, int])
    #: The segments that no part holds, by writer and number.
    unfolded: Mapping[tuple[str, int], Blob] = field(default_factory=dict[tuple[str, int], "Blob"])

    @classmethod
    def read(cls, store: BlobStore, experiment_id: str) -> Contents:
        """Read what there is to know without reading points. Raises `CorruptData`, `StoreTooNew`."""
        hot = {
            place: blob
            for blob in store.list(hot_prefix(experiment_id))
            if (place := parse_segment_key(blob.key)) is not None
        }
        log = manifest_log(store, experiment_id)
        head = read_manifest(log, log.head())
        watermarks: dict[str, int] = {}
        for part in head.of_kind("writers"):
            table = decode_watermarks(_fetched(store, part.key), key=part.key)
            watermarks |= dict(zip(table["writer"].to_pylist(), table["seq"].to_pylist(), strict=True))
        watermarks |= head.watermarks
        unfolded = {
            (writer, seq): blob for (writer, seq), blob in hot.items() if seq > watermarks.get(writer, -1)
        }
        return cls(
            store=store, experiment_id=experiment_id, head=head, watermarks=watermarks, unfolded=unfolded
        )

    def runs(self) -> dict[str, RunState]:
        """Return the folded state of every run."""
        parts = self.head.of_kind("runs")
        if not parts:
            return {}
        rows = merge_rows([decode_rows(_fetched(self.store, part.key), key=part.key) for part in parts])
        return {state.run_id: state for state in states_of(rows)}

    def metrics(self) -> Iterator[tuple[Part, Any]]:
        """Yield the parts of folded points with their tables."""
        for part in self.head.of_kind("metrics"):
            yield part, decode_metrics(_fetched(self.store, part.key), key=part.key)

    def counts(self) -> Counter[str]:
        """Return the number of points of every run that has a record; 0 for a run without points."""
        counts: Counter[str] = Counter(dict.fromkeys(self.runs(), 0))
        for _, table in self.metrics():
            counts.update(_by_run(table))
        for blob in self.unfolded.values():
            body = self.store.get(blob.key)
            if body is not None:
                segment = decode_segment(body, key=blob.key)
                counts.update({fact.run_id: 0 for fact in segment.facts if fact.run_id})
                counts.update(_by_run(segment.metrics))
        return counts


def without(table: Any, others: Any) -> Any:
    """Return the points of `table` that are not among `others`: each there takes away one here.

    Values are compared bit by bit, so NaN equals NaN and -0.0 is not 0.0.
    """
    mine, theirs = _counted(table, "mine"), _counted(others, "theirs")
    joined = mine.join(theirs, keys=_KEYS, join_type="left outer")
    rest = pc.subtract(joined["mine"], pc.fill_null(joined["theirs"], 0))
    rows = [row for row, count in enumerate(rest.to_pylist()) for _ in range(max(0, count))]
    kept = joined.take(pa.array(rows, pa.int64()))
    values = pa.chunked_array([chunk.view(pa.float64()) for chunk in kept["bits"].chunks], pa.float64())
    columns = [*(kept[name] for name in _KEYS[:3]), kept["ts"].cast(METRIC_SCHEMA.field("ts").type), values]
    linked = with_links(pa.Table.from_arrays(columns, schema=METRIC_SCHEMA), kept[LINK])
    return with_attempts(linked, kept[ATTEMPT])


_KEYS = ["run_id", "key", "step", "ts", "bits", LINK, ATTEMPT]


def _counted(table: Any, name: str) -> Any:
    together = table.combine_chunks()
    bits = [chunk.view(pa.int64()) for chunk in together["value"].chunks]
    plain = together.drop_columns(["value"]).append_column("bits", pa.chunked_array(bits, pa.int64()))
    plain = plain.set_column(3, "ts", plain["ts"].cast(pa.int64()))
    links = plain[LINK] if LINK in plain.column_names else pa.nulls(len(plain), pa.string())
    numbers = numbers_of(plain)
    plain = (
        plain.select(_KEYS[:-2]).append_column(LINK, pc.fill_null(links, "")).append_column(ATTEMPT, numbers)
    )
    return plain.group_by(_KEYS).aggregate([([], "count_all")]).rename_columns({"count_all": name})


def _by_run(table: Any) -> dict[str, int]:
    return {each["values"]: each["counts"] for each in table["run_id"].value_counts().to_pylist()}


def _fetched(store: BlobStore, key: str) -> bytes:
    body = store.get(key)
    if body is None:
        raise StoreUnavailable(store.url, f"'{key}' is named by a manifest and cannot be found")
    return body
