"""Segments: exact, checked, and readable by anything that reads Parquet."""

from __future__ import annotations

import io
import math
import random
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, StoreTooNew
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table.attempts import numbers_of
from mlflowflow.tracking.table.fold import ExperimentState, fold
from mlflowflow.tracking.table.segment import decode_segment, decode_table, encode_segment, records_of
from tests.tracking.stores import records

_FEW = [Record(run_id="r", kind=Kind.METRIC, key="m", value=0.5 * i, step=i, at=i) for i in range(20)]


@given(st.lists(records(), max_size=8))
def test_a_segment_gives_back_its_records(logged: list[Record]) -> None:
    """Every record comes back in its order with every field."""
    table = decode_table(encode_segment(logged, writer="w", seq=0), key="k")
    assert repr(records_of(table)) == repr(logged)


@given(st.lists(records(), max_size=8))
def test_its_facts_fold_to_the_same_state(logged: list[Record]) -> None:
    """Leaving out all but the latest point of each metric does not change what is folded."""
    every, latest = ExperimentState(), ExperimentState()
    fold(every, logged, writer="w")
    fold(latest, decode_segment(encode_segment(logged, writer="w", seq=0), key="k").facts, writer="w")
    assert latest == every


_POINTS = st.builds(
    Record,
    run_id=st.sampled_from(["a", "b"]),
    kind=st.just(Kind.METRIC),
    at=st.just(1),
    key=st.just("x"),
    value=st.sampled_from([0.0, 1.0, 2.0, math.nan]),
    step=st.integers(0, 2),
    attempt=st.integers(1, 3),
)


@given(st.lists(_POINTS, max_size=8))
def test_of_each_run_the_facts_are_those_of_its_greatest_attempt(logged: list[Record]) -> None:
    """The latest point and the ends of the range, while the table keeps the points of all attempts."""
    every, latest = ExperimentState(), ExperimentState()
    fold(every, logged, writer="w")
    segment = decode_segment(encode_segment(logged, writer="w", seq=0), key="k")
    fold(latest, segment.facts, writer="w")
    assert latest == every
    assert {(fact.run_id, fact.attempt) for fact in segment.facts} == {
        (run_id, state.attempt) for run_id, state in every.runs.items()
    }
    assert numbers_of(segment.metrics).to_pylist() == [record.attempt for record in logged]


def test_nan_is_no_latest_fact_beside_a_number() -> None:
    """The order that picks the latest point puts NaN below every number, as the fold does."""
    logged = [
        Record(run_id="r", kind=Kind.METRIC, key="m", value=value, at=at)
        for at, value in enumerate([1.0, math.nan, -math.inf])
    ]
    latest, least = decode_segment(encode_segment(logged, writer="w", seq=0), key="k").facts
    assert (latest.value, least.value) == (1.0, -math.inf)


def test_points_stay_in_the_order_logged() -> None:
    """The table of metrics has every point, none sorted away."""
    logged = [*reversed(_FEW)]
    table = decode_segment(encode_segment(logged, writer="w", seq=0), key="k").metrics
    assert table["step"].to_pylist() == [record.step for record in logged]


def test_a_flipped_bit_is_an_error_and_never_a_wrong_number() -> None:
    """Damage anywhere either raises or leaves every record as it was."""
    body = encode_segment(_FEW, writer="w", seq=0)
    chance = random.Random(1)
    for _ in range(200):
        damaged = bytearray(body)
        damaged[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        try:
            found = records_of(decode_table(bytes(damaged), key="k"))
        except (CorruptData, KeyError):
            continue
        assert found == _FEW


def test_a_foreign_file_is_named() -> None:
    """What is no Parquet file, or not ours, is reported with its key."""
    with pytest.raises(CorruptData, match="'hot/x' cannot be read"):
        decode_segment(b"PAR1 no", key="hot/x")


def test_the_file_says_whose_it_is() -> None:
    """Writer and number are in the metadata, and no Arrow schema is."""
    metadata = pq.read_metadata(io.BytesIO(encode_segment(_FEW, writer="w", seq=3))).metadata
    assert metadata[b"mlflowflow.writer"] == b"w"
    assert metadata[b"mlflowflow.seq"] == b"3"
    assert b"ARROW:schema" not in metadata


def test_kinds_of_later_releases_are_left_out() -> None:
    """A record of an unknown kind does not keep the others from being read."""
    body = encode_segment(_FEW, writer="w", seq=0)
    table = decode_table(body, key="k")
    kinds = ["future", *table["kind"].to_pylist()[1:]]
    changed = table.set_column(table.column_names.index("kind"), table.schema.field("kind"), [kinds])
    assert records_of(changed) == _FEW[1:]


def test_writing_a_segment_imports_no_pandas() -> None:
    """A process that only logs would grow by 30 MB, and wait for it at its first flush."""
    code = (
        "import sys; from mlflowflow.tracking.table.segment import encode_frames;"
        "from mlflowflow.tracking.record import Whose;"
        "from mlflowflow.tracking.writing.frame import frame_metric;"
        "frame = frame_metric(0, b'm', at=1, value=0.5, step=1, timestamp=1);"
        "encode_frames([frame] * 10_000, [Whose('r', 2)], writer='w', seq=0); sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("record", "needed"),
    [
        (Record(run_id="r", kind=Kind.METRIC, key="m", at=1), b"1"),
        (Record(run_id="r", kind=Kind.TAG, key="t", text="x", at=1), b"1"),
        (Record(run_id="r", kind=Kind.METRIC, key="m", text="{}", at=1), b"2"),
        (Record(run_id="r", kind=Kind.INPUT, key="[]", at=1), b"2"),
        (Record(run_id="r", kind=Kind.MODEL_OUTPUT, key="m-1", at=1), b"2"),
        (Record(run_id="r", kind=Kind.TAG, key="t", at=1, attempt=2), b"2"),
    ],
)
def test_a_file_says_the_oldest_release_that_loses_nothing_of_it(record: Record, needed: bytes) -> None:
    """An older one would leave out what it does not know and fold the rest; it must refuse instead."""
    body = encode_segment([*_FEW, record], writer="w", seq=0)
    assert (pq.read_metadata(io.BytesIO(body)).metadata or {})[b"mlflowflow.format"] == needed


def test_a_file_of_a_later_release_is_refused() -> None:
    """That is what this release does with format 3, and earlier ones with format 2."""
    body = encode_segment(_FEW, writer="w", seq=0).replace(
        b"mlflowflow.format\x18\x011", b"mlflowflow.format\x18\x013"
    )
    with pytest.raises((StoreTooNew, CorruptData)):
        decode_segment(body, key="k")


def test_the_least_and_greatest_values_are_facts_beside_the_latest() -> None:
    """They fold to the same ranges, and cannot become the latest point."""
    logged = [
        Record(run_id="r", kind=Kind.METRIC, key="m", value=value, step=step, at=step)
        for step, value in enumerate([3.0, -1.0, math.nan, 2.0])
    ]
    state = ExperimentState()
    fold(state, decode_segment(encode_segment(logged, writer="w", seq=0), key="k").facts, writer="w")
    assert (state.run("r").metrics["m"].value, state.run("r").ranges["m"][:2]) == (2.0, (-1.0, 3.0))
