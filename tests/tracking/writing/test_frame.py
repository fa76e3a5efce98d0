"""Frames: exact there and back, and safe against any cut or flipped bit."""

from __future__ import annotations

import math
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.record import Kind, Record, Whose
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.writing.frame import (
    Binding,
    Bound,
    Header,
    Seal,
    Stored,
    Unknown,
    frame_binding,
    frame_header,
    frame_mark,
    frame_metric,
    frame_metrics,
    frame_record,
    next_frame,
    payload_of,
    scan,
    status_in,
    time_in,
    unpack_record,
    whole_or_not,
)
from tests.tracking.stores import records

if TYPE_CHECKING:
    from mlflowflow.tracking.writing.frame import Entry

_ENTRIES = (
    (
        frame_header(Header(writer="w", host="h", store="s3://b")),
        Header(writer="w", host="h", store="s3://b"),
    ),
    (
        frame_binding(Binding(number=7, experiment_id="0", run_id="é")),
        Binding(number=7, experiment_id="0", run_id="é"),
    ),
    (
        frame_binding(Binding(number=8, experiment_id="0", run_id="é", attempt=2**31 - 1)),
        Binding(number=8, experiment_id="0", run_id="é", attempt=2**31 - 1),
    ),
    (frame_mark(Seal(experiment_id="0", seq=2**40)), Seal(experiment_id="0", seq=2**40)),
    (frame_mark(Stored(experiment_id="12", seq=0)), Stored(experiment_id="12", seq=0)),
)


def read(data: bytes) -> list[Entry]:
    """Return what whole frames say."""
    return [place.entry for place in scan(data)]


def bits(value: float) -> bytes:
    """Return a double's bytes, which tell NaN and -0.0 apart where == does not."""
    return struct.pack("<d", value)


@given(records())
def test_a_record_is_the_same_after_framing(record: Record) -> None:
    """Every field comes back, doubles bit for bit."""
    frame = frame_record(5, record)
    (found,) = read(frame)
    assert isinstance(found, Bound)
    back = unpack_record(found.payload, Whose(record.run_id, record.attempt))
    assert (back.kind, back.at, back.key, back.text) == (record.kind, record.at, record.key, record.text)
    assert (back.step, back.timestamp, found.number) == (record.step, record.timestamp, 5)
    assert bits(back.value) == bits(record.value)


@pytest.mark.parametrize(("frame", "entry"), _ENTRIES)
def test_marks_are_the_same_after_framing(frame: bytes, entry: object) -> None:
    """Headers, bindings, seals and arrivals come back as they were."""
    assert read(frame) == [entry]


def test_the_short_way_writes_the_same_frame() -> None:
    """The hot path for metrics and the general path agree byte for byte."""
    record = Record(run_id="r", kind=Kind.METRIC, at=1, key="loss", value=math.inf, step=2, timestamp=3)
    assert frame_metric(4, b"loss", at=1, value=math.inf, step=2, timestamp=3) == frame_record(4, record)


@given(st.integers(0, 10_000))
def test_a_cut_file_yields_its_whole_frames(cut: int) -> None:
    """Whatever the length a file is cut to, exactly the frames before the cut are read."""
    frames = [frame for frame, _ in _ENTRIES]
    data = b"".join(frames)
    length = cut % (len(data) + 1)
    whole = sum(1 for end in range(1, len(frames) + 1) if len(b"".join(frames[:end])) <= length)
    assert read(data[:length]) == [entry for _, entry in _ENTRIES[:whole]]


@given(st.integers(0, 10_000))
def test_a_flipped_bit_is_noticed(place: int) -> None:
    """No single flipped bit changes what a frame says; it ends the reading instead."""
    frame = _ENTRIES[1][0]
    damaged = bytearray(frame)
    damaged[place // 8 % len(frame)] ^= 1 << place % 8
    assert read(bytes(damaged)) == []


def test_what_does_not_fit_is_refused() -> None:
    """A step beyond 64 bits is an error of the caller, with the key in its words."""
    record = Record(run_id="r", kind=Kind.METRIC, at=0, key="loss", step=2**63)
    with pytest.raises(InvalidInput, match="'loss' cannot be logged"):
        frame_record(0, record)


def test_a_metric_costs_few_bytes() -> None:
    """One point takes about 60 bytes of spool."""
    assert len(frame_metric(0, b"loss", at=0, value=0.1, step=0, timestamp=0)) <= 60


@given(points=st.lists(st.tuples(st.text(max_size=3), st.integers(0, 9), st.floats()), max_size=9))
def test_many_points_are_framed_like_one(points: list[tuple[str, int, float]]) -> None:
    """The frames of a batch are those of its points, one moment after the other."""
    batch = [Metric(key=key, value=value, timestamp=7, step=step) for key, step, value in points]
    one_by_one = [
        frame_metric(3, point.key.encode(), at=50 + number, value=point.value, step=point.step, timestamp=7)
        for number, point in enumerate(batch)
    ]
    assert frame_metrics(3, batch, at=50) == one_by_one


def test_the_first_bad_point_of_many_is_named() -> None:
    """So that the caller finds it."""
    batch = [
        Metric(key="good", value=1.0, timestamp=0),
        Metric(key="bad", value=1.0, timestamp=2**70),
        Metric(key="worse", value=1.0, timestamp=2**70),
    ]
    with pytest.raises(InvalidInput, match="'bad' cannot be logged"):
        frame_metrics(0, batch, at=1)


def test_times_and_statuses_are_read_without_unpacking_the_rest() -> None:
    """A recovery looks at every record, and wants only these."""
    status = payload_of(frame_record(0, Record(run_id="r", kind=Kind.STATUS, at=5, text="KILLED")))
    point = payload_of(frame_record(0, Record(run_id="r", kind=Kind.METRIC, at=6, key="STATUS")))
    assert (status_in(status), status_in(point)) == ("KILLED", None)
    assert (time_in(status), time_in(point)) == (5, 6)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_the_next_frame_is_found_behind_any_rubbish(before: bytes, after: bytes) -> None:
    """By its checksum; what looks like one and is none is passed over."""
    frame = frame_mark(Seal(experiment_id="0", seq=3))
    place = next_frame(before + frame + after, 0)
    assert place is not None
    assert place <= len(before)
    assert next_frame(before, 0) is None or next_frame(before, 0) == place


@pytest.mark.parametrize("code", [6, 15, 16 + len(Kind), 255])
def test_a_frame_of_a_later_release_is_told_from_what_is_known(code: int) -> None:
    """Its payload is not looked into: what it means, and how long it is, nobody here knows."""
    payload = bytes([code])
    frame = struct.pack("<II", len(payload), zlib.crc32(payload)) + payload
    known = _ENTRIES[3][0]
    assert [type(entry) for entry in read(known + frame + known)] == [Seal, Unknown, Seal]
    assert Unknown(code) in read(frame)


def test_a_header_of_a_later_release_says_its_format() -> None:
    """It may say more than this release knows, and less."""
    payload = bytes([1]) + b'{"format": 7, "region": "moon"}'
    frame = struct.pack("<II", len(payload), zlib.crc32(payload)) + payload
    assert read(frame) == [Header(writer="", host="", store="", format=7)]


def test_a_call_without_records_leaves_nothing() -> None:
    """What says that no records follow would say that a successor writes on."""
    assert whole_or_not([]) == b""
