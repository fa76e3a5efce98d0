"""Of a damaged part everything is kept whose checksums fit."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflowflow.maintenance.salvage import Salvage, encoded
from mlflowflow.maintenance.salvage import salvaged as tried
from mlflowflow.tracking.table.archive import encode_watermarks, watermark_rows
from mlflowflow.tracking.table.fold import Point, RunState, Stamp
from mlflowflow.tracking.table.links import Text
from mlflowflow.tracking.table.metrics_part import encode_metrics
from mlflowflow.tracking.table.ranges import Range
from mlflowflow.tracking.table.runs_part import encode_runs, rows_of, states_of
from mlflowflow.tracking.table.segment import METRIC_SCHEMA, decode_table, encode_table


def salvaged(body: bytes, kind: Any, *, key: str) -> Any:
    """Return the rows that can be read, or None."""
    found = tried(body, kind, key=key)
    return None if found is None else found.table


def points(count: int) -> Any:
    """Return so many points of one series, with values that do not compress."""
    chance = random.Random(1)
    columns = {
        "run_id": ["a"] * count,
        "key": ["loss"] * count,
        "step": list(range(count)),
        "ts": pa.array(range(count), pa.int64()).cast(METRIC_SCHEMA.field("ts").type),
        "value": [chance.random() for _ in range(count)],
    }
    return pa.table(columns).cast(METRIC_SCHEMA)


def spoiled(body: bytes, *, group: int, column: str) -> bytes:
    """Flip two bits in a page of one column of one row group: a single one could be mended."""
    footer = pq.read_metadata(pa.BufferReader(body)).row_group(group)
    chunks = [footer.column(number) for number in range(footer.num_columns)]
    chunk = next(each for each in chunks if each.path_in_schema == column)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    changed = bytearray(body)
    changed[start + chunk.total_compressed_size - 2] ^= 0b11
    return bytes(changed)


def states() -> list[RunState]:
    """Return two runs with a param, a tag and a metric each."""
    return [
        RunState(
            run_id=run_id,
            started=Stamp(1, "w", "ada", 5),
            params={"C": Text(2, "w", False, "10")},
            tags={"C": Text(3, "w", False, "x")},
            metrics={"loss": Point(1, 2, True, 0.5), "loss.val": Point(1, 2, True, 0.25)},
        )
        for run_id in ("a", "b")
    ]


def test_of_points_only_the_damaged_row_group_is_lost() -> None:
    """The other groups are kept as they are, in their order."""
    table = points(70_000)
    body = spoiled(encode_metrics(table, inputs=""), group=1, column="value")
    kept = salvaged(body, "metrics", key="k")
    assert kept.num_rows == 70_000 - 32_768
    assert kept["step"].to_pylist() == [*range(32_768), *range(65_536, 70_000)]
    assert decode_table(encoded(kept, "metrics", inputs="x"), key="k").num_rows == kept.num_rows


def test_of_runs_only_the_damaged_column_is_lost() -> None:
    """Every run is kept, without the param nobody can read; its namesakes are kept too."""
    body = spoiled(encode_runs(states(), inputs=""), group=0, column="params.C")
    found = tried(body, "runs", key="k")
    assert isinstance(found, Salvage)
    assert found.lost_columns == {"params.C", "params_at.C"}
    kept = states_of(found.table)
    assert [(run.params, run.tags, run.metrics) for run in kept] == [
        ({}, run.tags, run.metrics) for run in states()
    ]


def test_a_column_that_is_lost_in_one_row_group_stays_in_the_others() -> None:
    """It counts as lost all the same: some runs are without it now."""
    body = encode_table(rows_of(states()), metadata={}, row_group_size=1)
    found = tried(spoiled(body, group=1, column="params.C"), "runs", key="k")
    assert isinstance(found, Salvage)
    assert found.lost_columns == {"params.C", "params_at.C"}
    assert [list(run.params) for run in states_of(found.table)] == [["C"], []]


def test_a_name_that_begins_like_another_is_told_apart() -> None:
    """Metrics may be called ``loss`` and ``loss.val``."""
    body = spoiled(encode_runs(states(), inputs=""), group=0, column="metrics.loss.val")
    kept = states_of(salvaged(body, "runs", key="k"))
    assert all("loss.val" not in run.metrics for run in kept)
    assert [run.params for run in kept] == [run.params for run in states()]


@pytest.mark.parametrize("column", ["run_id", "started_at.at"])
def test_runs_are_lost_whose_identity_or_beginning_is(column: str) -> None:
    """Without these a row is no run."""
    body = spoiled(encode_runs(states(), inputs=""), group=0, column=column)
    assert salvaged(body, "runs", key="k") is None


def test_of_watermarks_the_rest_is_kept() -> None:
    """They are one row group here, so nothing is."""
    body = encode_watermarks(watermark_rows({"a": 1}), inputs="")
    assert salvaged(body, "writers", key="k").num_rows == 1
    assert salvaged(spoiled(body, group=0, column="seq"), "writers", key="k") is None


def test_without_a_footer_nothing_can_be_told() -> None:
    """Where the pages are stands there."""
    body = bytearray(encode_metrics(points(10), inputs=""))
    body[-20] ^= 1
    assert salvaged(bytes(body), "metrics", key="k") is None
    assert salvaged(b"nonsense", "metrics", key="k") is None


@pytest.mark.parametrize("end", ["metrics_min.loss", "metrics_max.loss"])
def test_the_end_of_a_range_that_is_lost_is_not_known(end: str) -> None:
    """Without its column it would seem to be the latest value."""
    runs = [replace(run, ranges={"loss": Range(0.25, 0.75)}) for run in states()]
    kept = states_of(salvaged(spoiled(encode_runs(runs, inputs=""), group=0, column=end), "runs", key="k"))
    assert [run.ranges["loss"].known for run in kept] == [False, False]
    assert [run.metrics for run in kept] == [run.metrics for run in runs]
