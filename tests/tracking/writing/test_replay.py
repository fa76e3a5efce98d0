"""Replay: the same bytes are the same segments, whoever reads them and in however many pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.record import Kind, Record, Whose
from mlflowflow.tracking.writing.frame import (
    RELIEVED,
    Binding,
    Header,
    Seal,
    Stored,
    frame_binding,
    frame_header,
    frame_mark,
    frame_record,
    frame_together,
)
from mlflowflow.tracking.writing.replay import Ledger, replay, unpacked

_HEADER = Header(writer="w", host="h", store="s")


def point(step: int) -> bytes:
    """Return the frame of a point of the run with number 0."""
    return frame_record(0, Record(run_id="r", kind=Kind.METRIC, at=step, key="m", step=step))


def status(text: str, *, number: int = 0) -> bytes:
    """Return the frame that sets the status of the run with a number."""
    return frame_record(number, Record(run_id="r", kind=Kind.STATUS, at=9, text=text))


def seal(seq: int) -> bytes:
    """Return the seal of a segment of the experiment 0."""
    return frame_mark(Seal(experiment_id="0", seq=seq))


_BOUND = frame_header(_HEADER) + frame_binding(Binding(number=0, experiment_id="0", run_id="r"))
_SEALED = seal(0)
_STORED = frame_mark(Stored(experiment_id="0", seq=0))


def steps(data: bytes) -> dict[int, list[int]]:
    """Return the steps in each segment that a replay finds."""
    return {batch.seq: [record.step for record in batch.records] for batch in replay(data).batches}


def test_records_without_a_seal_are_the_next_segment() -> None:
    """What came after the last seal is numbered after it, and the first segment is 0."""
    assert steps(_BOUND + point(1)) == {0: [1]}
    assert steps(_BOUND + point(1) + _SEALED + point(2)) == {0: [1], 1: [2]}


def test_stored_segments_are_not_replayed() -> None:
    """What is known to be in the store need not be sent again, and its number is not reused."""
    assert steps(_BOUND + point(1) + _SEALED + _STORED) == {}
    assert steps(_BOUND + point(1) + _SEALED + _STORED + point(2)) == {1: [2]}


def test_a_torn_tail_is_left_out() -> None:
    """Half a frame was never acknowledged."""
    assert steps(_BOUND + point(1) + point(2)[:-1]) == {0: [1]}


def test_a_file_of_another_format_is_not_read() -> None:
    """Frames after a header of a later release mean nothing here."""
    later = frame_header(Header(writer="w", host="h", store="s", format=99))
    found = replay(later + _BOUND + point(1))
    assert found.batches == ()
    assert found.header is not None
    assert found.header.format == 99


def damaged(data: bytes, place: int) -> bytes:
    """Return `data` with one bit flipped."""
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


def together(*steps: int) -> bytes:
    """Return the frames of points that are all or nothing."""
    return frame_together(len(steps)) + b"".join(map(point, steps))


def test_a_torn_batch_is_not_there_in_part() -> None:
    """Wherever its write was cut; what was logged before it is there."""
    before = _BOUND + point(1)
    batch = together(2, 3, 4)
    for length in range(len(batch)):
        assert steps(before + batch[:length]) == {0: [1]}
        assert not replay(before + batch[:length]).damaged
    assert steps(before + batch + together(5)) == {0: [1, 2, 3, 4, 5]}


def test_damage_in_a_batch_costs_only_what_is_damaged() -> None:
    """It was acknowledged whole, so the rest of it is not given up."""
    data = _BOUND + together(1, 2, 3)
    place = len(data) - len(point(3)) - 9
    assert steps(damaged(data + point(4), place)) == {0: [1, 3, 4]}
    assert steps(damaged(data, len(data) - 1)) == {0: [1, 2]}
    assert replay(damaged(data, len(data) - 1)).damaged


def test_a_damaged_record_costs_only_itself() -> None:
    """What follows a damaged place is found again, and the damage is told."""
    data = _BOUND + point(1) + point(2) + point(3)
    found = replay(damaged(data, len(_BOUND + point(1)) + 20))
    assert found.damaged
    assert [record.step for batch in found.batches for record in batch.records] == [1, 3]
    assert [batch.doubtful for batch in found.batches] == [1]


def test_a_damaged_seal_parts_what_it_parted() -> None:
    """The next seal's number says that one is missing, and it can only be where the damage is."""
    data = _BOUND + point(1) + seal(0) + point(2) + seal(1)
    assert steps(damaged(data, len(_BOUND + point(1)) + 9)) == {0: [1], 1: [2]}


def test_what_is_not_in_the_file_is_no_empty_segment() -> None:
    """A spool that was written anew begins with its last stored segment; an empty one would overwrite the first."""
    stored = frame_mark(Stored(experiment_id="0", seq=3))
    assert steps(_BOUND + seal(3) + stored + point(9)) == {4: [9]}
    lost = point(1) + seal(0)
    assert steps(_BOUND + b"?" * len(lost) + point(2) + seal(1)) == {1: [2]}


def test_records_of_a_run_whose_binding_is_damaged_are_counted() -> None:
    """Nobody knows whose they are, so they are not uploaded as somebody's."""
    found = replay(damaged(_BOUND + point(1) + point(2), len(frame_header(_HEADER)) + 12))
    assert (found.batches, found.lost, found.damaged) == ((), 2, True)


def test_a_damaged_length_at_the_end_is_no_torn_tail() -> None:
    """A frame that is whole but for its length was acknowledged; half a frame was not."""
    data = _BOUND + point(1)
    flipped = len(_BOUND)
    assert replay(damaged(data, flipped + 1)).damaged
    assert not replay(data[:-1]).damaged
    assert not replay(data + bytes(4096)).damaged


def test_homes_are_those_of_all_runs_that_were_heard_of() -> None:
    """Also where everything is stored; the experiment itself is no run."""
    itself = frame_binding(Binding(number=1, experiment_id="0", run_id=""))
    assert replay(_BOUND + itself + point(1) + seal(0) + _STORED).homes == {"r": "0"}


def test_open_runs_are_those_set_running_and_not_ended() -> None:
    """Also if that is stored already; a writer that was relieved leaves them to its successor."""
    assert replay(_BOUND + status("RUNNING") + seal(0) + _STORED).open_runs == {Whose("r"): "0"}
    assert replay(_BOUND + status("RUNNING") + status("KILLED")).open_runs == {}
    assert replay(_BOUND + status("RUNNING") + frame_mark(RELIEVED)).open_runs == {}
    assert replay(_BOUND + point(1)).open_runs == {}


@given(cuts=st.lists(st.integers(0, 600), max_size=8))
def test_a_ledger_fed_in_pieces_says_the_same(cuts: list[int]) -> None:
    """However a file grew under the reader's eyes, it means what it means as a whole."""
    data = (
        _BOUND
        + point(1)
        + status("RUNNING")
        + seal(0)
        + point(2)
        + _STORED
        + together(3, 4)
        + seal(1)
        + point(5)
    )
    ledger, place = Ledger(), 0
    for cut in sorted({min(cut, len(data)) for cut in cuts} | {len(data)}):
        place += ledger.read(data[place:cut]) if cut > place else 0
    assert place == len(data)
    assert [batch.records for batch in ledger.of("0")] == [batch.records for batch in replay(data).batches]
    assert ledger.result() == replay(data)


def test_frames_are_unpacked_with_their_runs() -> None:
    """The numbers in the frames are turned into ids."""
    (record,) = unpacked((point(5),), {0: Whose("r", 2)})
    assert (record.run_id, record.attempt, record.step) == ("r", 2, 5)


def test_the_last_attempt_of_an_open_run_is_the_one_that_is_open() -> None:
    """Its process may have begun several; the end of an earlier one ends no later one."""
    later = frame_binding(Binding(number=1, experiment_id="0", run_id="r", attempt=2))
    data = _BOUND + later + status("RUNNING") + status("RUNNING", number=1)
    assert replay(data).open_runs == {Whose("r", 2): "0"}
    assert replay(data + status("KILLED")).open_runs == {Whose("r", 2): "0"}
    assert replay(data + status("RUNNING")).open_runs == {Whose("r", 2): "0"}
    assert replay(data + status("KILLED", number=1)).open_runs == {}
