"""Queues begin empty."""

from __future__ import annotations

from mlflowflow.tracking.writing.queues import Queue


def test_queues_share_nothing() -> None:
    """Each experiment has frames and numbers of its own."""
    one, other = Queue(experiment_id="0", start=0), Queue(experiment_id="1", start=0)
    one.frames.append(b"frame")
    one.numbers.add(3)
    assert (other.frames, other.numbers, other.seq) == ([], set(), 0)
