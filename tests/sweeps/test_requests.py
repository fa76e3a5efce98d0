"""Requests reach whoever coordinates the sweep, in order, each once."""

from __future__ import annotations

from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.requests import Extend, Requests, Stop, request_json
from tests.sweeps.examples import RUN_ID


def test_requests_are_read_from_where_one_was() -> None:
    """The coordinator asks for those after the last it followed."""
    requests, ids = Requests(MemoryBlobStore(), RUN_ID), SequentialIds()
    assert requests.after(0) == []
    assert [
        requests.send(each, ids=ids) for each in (Stop(now=True, by="ann"), Extend(trials=9), Stop())
    ] == [0, 1, 2]
    assert requests.after(1) == [Extend(trials=9), Stop()]
    assert requests.after(3) == []


def test_two_who_ask_at_once_are_both_heard() -> None:
    """A number that somebody took meanwhile is not written over."""
    store = MemoryBlobStore()
    one, other = Requests(store, RUN_ID), Requests(store, RUN_ID)
    ids = SequentialIds()
    one.send(Stop(by="ann"), ids=ids)
    other.send(Stop(by="bob"), ids=ids)
    assert [each.by for each in one.after(0)] == ["ann", "bob"]


def test_a_request_can_be_shown() -> None:
    """As plain JSON values."""
    assert request_json(Stop(by="ann")) == {"now": False, "by": "ann", "kind": "stop"}
