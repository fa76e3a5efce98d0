"""A small store in memory, for looking at what files are like."""

from __future__ import annotations

from dataclasses import dataclass

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.layout import hot_prefix
from mlflowflow.tracking.run import Dataset, DatasetInput, Metric
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.manifest import head_number, manifest_log, read_manifest
from mlflowflow.tracking.tracker import Tracker

_EXPERIMENT = "0"
_POINTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One file of each kind, as it is stored."""

    segment: bytes
    metrics: bytes
    runs: bytes
    writers: bytes
    manifest: bytes

    @staticmethod
    def sorted_by(body: bytes) -> list[str]:
        """Return the columns by which a file says that it is sorted."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = pq.ParquetFile(pa.BufferReader(body))
        order = file.metadata.row_group(0).sorting_columns
        return [file.schema_arrow.names[each.column_index] for each in order]


def sample() -> Sample:
    """Return files of a store that holds one run, tried again, with a metric, a param, a tag and an input."""
    from mlflowflow.tracking.table.archive import encode_watermarks, watermark_rows

    store, clock, ids = MemoryBlobStore(), ManualClock(), SequentialIds()
    with Tracker(store, clock=clock, ids=ids, user="ada", flush_intervals=()) as tracker:
        run_id = tracker.create_run(_EXPERIMENT, attempt=2).info.run_id
        model_id = tracker.logged_models.create(_EXPERIMENT, name="model").model_id
        points = [Metric("loss", abs(n - 9.0), n, n, model_id) for n in range(_POINTS - 1)]
        tracker.log_batch(
            run_id,
            metrics=[*points, Metric("loss", 7.0, _POINTS, _POINTS, model_id)],
            params={"depth": "3"},
            tags={"team": "vision"},
        )
        tracker.log_inputs(run_id, datasets=[DatasetInput(Dataset("wine", "f9a1", "local", "{}"))])
        tracker.flush()
        segments = sorted(blob.key for blob in store.list(hot_prefix(_EXPERIMENT)))
        compact(store, _EXPERIMENT, clock=clock, ids=ids)
    log = manifest_log(store, _EXPERIMENT)
    head = head_number(store, _EXPERIMENT)
    manifest = read_manifest(log, head)
    parts = {part.kind: _body(store, part.key) for part in manifest.parts}
    return Sample(
        segment=_body(store, segments[-1]),
        metrics=parts["metrics"],
        runs=parts["runs"],
        writers=encode_watermarks(watermark_rows({"a": 1}), inputs=""),
        manifest=_body(store, log.key(head)),
    )


def _body(store: MemoryBlobStore, key: str) -> bytes:
    body = store.get(key)
    assert body is not None
    return body
