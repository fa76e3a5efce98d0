"""Parts: states and points are the same after being folded away, small, and laid out for look-ups."""

from __future__ import annotations

import io
import random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table import metrics_part
from mlflowflow.tracking.table.footer import tail_bytes
from mlflowflow.tracking.table.metrics_part import (
    METRIC_ROWS_PER_GROUP,
    MetricsFile,
    decode_metrics,
    encode_metrics,
    points_of,
    sort_metrics,
)
from mlflowflow.tracking.table.segment import METRIC_SCHEMA, metrics_table
from tests.tracking.stores import records


def points(*rows: tuple[str, str, int, float]) -> list[Record]:
    """Return points given as run, metric, step and value."""
    return [
        Record(run_id=run, kind=Kind.METRIC, key=key, step=step, value=value, at=at)
        for at, (run, key, step, value) in enumerate(rows)
    ]


def plain(table: Any) -> str:
    """Return a table's columns in words; times as integers, since they may lie beyond the calendar."""
    number = table.column_names.index("ts")
    return repr(table.set_column(number, "ts", table["ts"].cast(pa.int64())).to_pydict())


def test_points_are_sorted_and_equals_stay_as_logged() -> None:
    """By run, metric and step; two points of the same moment keep their order."""
    table = sort_metrics(
        [
            metrics_table(points(("b", "m", 0, 1.0), ("a", "m", 1, 2.0), ("a", "m", 0, 9.0))),
            metrics_table(points(("a", "m", 0, 3.0), ("a", "k", 5, 4.0))),
        ]
    )
    assert table["value"].to_pylist() == [4.0, 9.0, 3.0, 2.0, 1.0]


@given(st.lists(records(kinds=(Kind.METRIC,)), max_size=10))
def test_points_are_the_same_after_being_stored(logged: list[Record]) -> None:
    """Every point comes back exactly."""
    table = sort_metrics([metrics_table(logged)])
    back = decode_metrics(encode_metrics(table, inputs=""), key="k")
    assert plain(back) == plain(table)


def test_a_look_up_finds_one_metric_of_one_run() -> None:
    """Values, times and steps of just that."""
    table = sort_metrics([metrics_table(points(("a", "m", 1, 2.0), ("a", "k", 1, 3.0), ("b", "m", 1, 4.0)))])
    assert points_of(table, run_ids=["a"], metric="m") == (["a"], [2.0], [0], [1], [None])


def test_points_cost_few_bytes_and_prune() -> None:
    """Noisy single-precision values take at most 4 bytes per point, in groups of 32 768 rows."""
    chance = random.Random(1)
    count = 50_000
    columns = {
        "run_id": pa.array(["0" * 32] * count),
        "key": pa.array([f"m{index % 5}" for index in range(count)]),
        "step": pa.array([index // 5 for index in range(count)]),
        "ts": pa.array(range(1_700_000_000_000, 1_700_000_000_000 + count)).cast(
            pa.timestamp("ms", tz="UTC")
        ),
        "value": pa.array([chance.random() for _ in range(count)], pa.float32()).cast(pa.float64()),
    }
    body = encode_metrics(sort_metrics([pa.table(columns).cast(metrics_table([]).schema)]), inputs="")
    metadata = pq.read_metadata(io.BytesIO(body))
    assert len(body) / count <= 5.0
    assert metadata.row_group(0).num_rows == METRIC_ROWS_PER_GROUP
    assert [column.column_index for column in metadata.row_group(0).sorting_columns] == [0, 1, 2, 3]


def two_thousand_runs() -> tuple[bytes, Any]:
    """Return a part of 200 000 points in seven row groups, and its table."""
    chance = random.Random(0)
    rows = [
        (f"{run:05d}", f"m{metric}", step, chance.random())
        for run in range(2000)
        for metric in range(4)
        for step in range(25)
    ]
    table = sort_metrics([metrics_table(points(*rows))])
    return encode_metrics(table, inputs=""), table


def test_a_look_up_fetches_the_footer_and_one_row_group() -> None:
    """Of a large part, one metric of one run costs two requests and a fraction of the bytes."""
    body, _ = two_thousand_runs()
    fetched: list[int] = []

    def fetch(start: int, stop: int) -> bytes:
        fetched.append(stop - start)
        return body[start:stop]

    file = MetricsFile(fetch, size=len(body), key="k")
    (group,) = file.groups_with(run_ids=["00700"], metric="m2")
    assert points_of(file.group(group), run_ids=["00700"], metric="m2")[3] == list(range(25))
    assert len(fetched) == 2
    assert sum(fetched) < len(body) / 3
    assert file.groups_with(run_ids=["99999"], metric="m2") == []


def test_pieces_hold_the_same_as_the_whole() -> None:
    """All row groups together are the table."""
    body, table = two_thousand_runs()
    file = MetricsFile(lambda start, stop: body[start:stop], size=len(body), key="k")
    groups = (
        file.groups_with(run_ids=["00000"], metric="m0"),
        file.groups_with(run_ids=["01999"], metric="m3"),
    )
    every = [file.group(number) for number in range(groups[0][0], groups[1][-1] + 1)]
    assert pa.concat_tables(every).equals(table.cast(METRIC_SCHEMA))


def test_damage_in_a_piece_is_noticed() -> None:
    """A flipped bit in a row group is an error that names the part."""
    body, _ = two_thousand_runs()
    damaged = bytearray(body)
    damaged[100] ^= 1
    file = MetricsFile(lambda start, stop: bytes(damaged[start:stop]), size=len(damaged), key="the part")
    with pytest.raises(CorruptData, match="'the part' cannot be read"):
        file.group(0)


@pytest.mark.parametrize("at_once", [64, 64 * 1024])
def test_damage_in_the_footer_is_noticed(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """A part that is read in pieces has its footer checked first, however large that is."""
    monkeypatch.setattr(metrics_part, "_TAIL_BYTES", at_once)
    body, _ = two_thousand_runs()
    damaged = bytearray(body)
    damaged[-tail_bytes(body) + 20] ^= 1
    assert MetricsFile(lambda start, stop: body[start:stop], size=len(body), key="k").group(0).num_rows
    with pytest.raises(CorruptData, match="'the part' cannot be read: its footer is damaged"):
        MetricsFile(lambda start, stop: bytes(damaged[start:stop]), size=len(damaged), key="the part")
