"""What a worker and a pool say to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.orchestration.contact import (
    BEGAN,
    END,
    POINTS,
    DaskContact,
    Facts,
    mark_pruned,
    task_is_cancelled,
)
from mlflowflow.sweeps.trial import Trial
from tests.orchestration.clusters import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import distributed

TRIAL = Trial(number=3, run_id="0190a1b2c3d47e5f8a9b0c1d2e3f4a5b", params={}, attempt=2)


@given(
    kind=st.sampled_from([BEGAN, POINTS, END]),
    number=st.integers(min_value=0),
    attempt=st.integers(min_value=1),
    said=st.none() | st.text() | st.lists(st.tuples(st.integers(), st.floats(allow_nan=False))),
)
def test_a_message_is_read_back(kind: str, number: int, attempt: int, said: object) -> None:
    """Whatever it says."""
    facts = Facts(kind=kind, number=number, attempt=attempt, said=said)
    assert Facts.unpacked(facts.packed()) == facts


def talk() -> list[bool]:
    """Say something of every kind from a worker, and be pruned in between."""
    contact = DaskContact("talk", TRIAL)
    contact.say(BEGAN, contact.address)
    answers = [contact.is_pruned()]
    mark_pruned("talk", 3, 1)
    mark_pruned("talk", 4, 2)
    mark_pruned("another", 3, 2)
    answers.append(contact.is_pruned())
    mark_pruned("talk", 3, 2)
    answers.append(contact.is_pruned())
    contact.report([(1, 0.5), (2, float("inf"))])
    contact.close()
    answers += [contact.is_pruned(), contact.is_cancelled()]
    return answers


def test_a_worker_is_heard_in_order_and_only_its_own_attempt_is_pruned(client: distributed.Client) -> None:
    """Messages come over the topic; a mark for another attempt, trial or sweep is none for this one."""
    heard: list[Facts] = []

    def hear(event: tuple[float, Sequence[Any]]) -> None:
        heard.append(Facts.unpacked(event[1]))

    client.subscribe_topic("talk", hear)
    assert client.submit(talk, pure=False).result(timeout=60) == [False, False, True, False, False]
    wait_until(lambda: len(heard) == 2)
    assert [facts.kind for facts in heard] == [BEGAN, POINTS]
    assert [tuple(point) for point in heard[1].said] == [(1, 0.5), (2, float("inf"))]
    assert (heard[1].number, heard[1].attempt) == (3, 2)
    client.unsubscribe_topic("talk")


def test_outside_a_worker_there_is_nobody_to_talk_to() -> None:
    """And nothing is ever cancelled: the same step can run anywhere."""
    with pytest.raises(ValueError, match="worker"):
        DaskContact("topic", TRIAL)
    assert task_is_cancelled()() is False
