"""What a log says is read as it was written, by any release that knows the kind of entry."""

from __future__ import annotations

import math

import pytest

from mlflowflow.errors import CorruptData
from mlflowflow.events.canonical import from_plain, plain
from mlflowflow.sweeps.entry import (
    Asked,
    AttemptEnded,
    Batch,
    Closed,
    Coordinated,
    Ended,
    Ending,
    Entry,
    Extended,
    Opened,
    Origin,
    Reported,
    Started,
    Told,
)
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.examples import sweep_of

ENTRIES: list[Entry] = [
    Opened(sweep=sweep_of(), seed=7, start=({"x": 0.5},), params={"data": "here"}, versions={"optuna": "5"}),
    Coordinated(epoch=2, host="here", pid=7),
    Asked(trial=0, params={"x": 1, "y": 1.0, "z": True, "w": "1"}, origin=Origin.START, same_as=3),
    Started(trial=0, attempt=2),
    Reported(trial=0, points=((1, 0.5), (2, math.inf)), prune=True),
    AttemptEnded(trial=0, attempt=2, outcome=Outcome.TIMEOUT, seconds=1.5, cost=0.25, error="too slow"),
    AttemptEnded(
        trial=0, attempt=2, outcome=Outcome.COMPLETED, seconds=1.5, cost=0.0, worker="tcp://10.0.0.1:4"
    ),
    Told(trial=0, state=TrialState.INFEASIBLE, values=(1.0, -math.inf), excesses=(0.5,)),
    Extended(request=4, trials=9, cost=2.5),
    Ended(why=Ending.REQUESTED, sentence="ann asked", request=4),
    Closed(),
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kind)
def test_an_entry_is_read_as_it_was_written(entry: Entry) -> None:
    """Numbers keep their types, and infinities are numbers."""
    batch = Batch(at_us=5, elapsed_s=1.5, token="t", entries=(entry,))
    found = from_plain(Batch, plain(batch), key="k")
    assert found == batch
    if isinstance(entry, Asked):
        (again,) = found.entries
        assert isinstance(again, Asked)
        assert [type(each) for each in again.params.values()] == [int, float, bool, str]


@pytest.mark.parametrize(
    "change", [{"format": 2}, {"entries": [{"kind": "forgotten"}]}, {"entries": [{"kind": "started"}]}]
)
def test_what_is_not_understood_is_not_guessed(change: dict[str, object]) -> None:
    """A later format, an unknown kind or a missing field is named."""
    fields = {"at_us": 5, "elapsed_s": 1.5, "token": "t", "entries": [], "format": 1, **change}
    with pytest.raises(CorruptData, match="it is not a Batch"):
        from_plain(Batch, fields, key="k")


def test_an_unknown_worker_is_not_written() -> None:
    """So that a log says the same, byte for byte, as one of a release that did not name workers."""
    ended = AttemptEnded(trial=0, attempt=1, outcome=Outcome.COMPLETED, seconds=1.5, cost=0.0)
    assert plain(ended) == {
        "kind": "attempt_ended",
        "trial": 0,
        "attempt": 1,
        "outcome": "completed",
        "seconds": 1.5,
        "cost": 0.0,
        "error": "",
    }
