"""A spool written anew says what the old one said, of what is not stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.writing.frame import Header, frame_header, frame_record
from mlflowflow.tracking.writing.queues import BoundRun, Queue
from mlflowflow.tracking.writing.replay import replay
from mlflowflow.tracking.writing.rewriting import Rewriting
from mlflowflow.tracking.writing.sealed import Sealed

if TYPE_CHECKING:
    from mlflowflow.tracking.writing.writer import Writer


def frame(number: int, step: int) -> bytes:
    """Return the frame of a point."""
    return frame_record(number, Record(run_id="", kind=Kind.METRIC, at=step, key="m", step=step))


def test_segments_keep_their_numbers_and_places_are_told() -> None:
    """Stored segments are left out, and the next number is still the next."""
    queues = [
        Queue(experiment_id="0", start=0, seq=5, frames=[frame(0, 6)]),
        Queue(experiment_id="1", start=0, seq=2),
    ]
    writer = cast("Writer", None)
    runs = [
        BoundRun(writer=writer, run_id="r", number=0, queue=queues[0], attempt=3),
        BoundRun(writer=writer, run_id="s", number=1, queue=queues[1]),
    ]
    sealed = Sealed(experiment_id="0", seq=4, count=1, start=0, stop=0, numbers={0}, frames=(frame(0, 4),))
    news = Rewriting(runs, queues, [sealed], load=lambda each: each.frames or (), relieved=True)
    data = frame_header(Header(writer="w", host="h", store="s")) + b"".join(news.frames())
    found = replay(data)
    assert {(each.experiment_id, each.seq): [r.step for r in each.records] for each in found.batches} == {
        ("0", 4): [4],
        ("0", 5): [6],
    }
    assert found.following == {"0": 5, "1": 2}
    assert {each.attempt for batch in found.batches for each in batch.records} == {3}
    news.settle(len(data))
    assert data[sealed.start : sealed.stop].startswith(frame(0, 4))
    assert data[queues[0].start :].startswith(frame(0, 6))
