"""Records as columns: the fast way and the plain way say the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.record import Kind, Record, Whose
from mlflowflow.tracking.table.segment import encode_frames, encode_segment
from mlflowflow.tracking.writing.columns import columns_of, unpack_columns
from mlflowflow.tracking.writing.frame import frame_record
from tests.tracking.stores import records


@given(st.lists(records(), max_size=6))
def test_columns_say_the_same_as_single_records(logged: list[Record]) -> None:
    """The fast way and the plain way of reading frames agree, segment file by segment file."""
    runs = sorted({Whose(record.run_id, record.attempt) for record in logged})
    frames = [frame_record(runs.index(Whose(record.run_id, record.attempt)), record) for record in logged]
    one, other = unpack_columns(frames, runs), columns_of(logged)
    assert one.value.tobytes() == other.value.tobytes()  # numbers that are none are unequal to themselves
    assert [column for column in one if column is not one.value] == [
        column for column in other if column is not other.value
    ]
    assert encode_frames(frames, runs, writer="w", seq=0) == encode_segment(logged, writer="w", seq=0)


def test_first_attempts_need_no_column() -> None:
    """What nearly all records say costs nothing."""
    first, later = (Record(run_id="r", kind=Kind.METRIC, key="m", at=1, attempt=each) for each in (1, 2))
    assert columns_of([first]).attempt is None
    assert list(columns_of([first, later]).attempt or ()) == [1, 2]
    frames = [frame_record(0, first), frame_record(1, first)]
    assert unpack_columns(frames[:1], [Whose("r"), Whose("r", 2)]).attempt is None
    assert list(unpack_columns(frames, [Whose("r"), Whose("r", 2)]).attempt or ()) == [1, 2]
