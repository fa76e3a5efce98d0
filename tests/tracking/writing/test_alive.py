"""The sign of life: put when there is news, silent while segments say the same, gone when nothing is open."""

from __future__ import annotations

import json

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import CorruptData, StoreUnavailable
from mlflowflow.tracking.layout import alive_key
from mlflowflow.tracking.record import Whose
from mlflowflow.tracking.writing.alive import Alive, Life
from tests.tracking.stores import SwitchedStore

KEY = alive_key("token")


class Process:
    """One process's sign of life over a store."""

    def __init__(self) -> None:
        """Have nothing open."""
        self.store = SwitchedStore()
        self.clock = ManualClock()
        self.at = 100
        self.alive = Alive(self.store, token="token", clock=self.clock)

    def beat(self, writer: str = "w") -> dict[Whose, str]:
        """Beat, and return the runs that others may have taken for lost."""
        return self.alive.beat(writer, lambda: self.at)

    def life(self) -> Life | None:
        """Return what the store says."""
        body = self.store.get(KEY)
        return None if body is None else Life.from_json(body, key=KEY)


def test_only_open_runs_are_worth_a_sign() -> None:
    """It names the writer, the machine and the runs, and goes when the last of them ends."""
    process = Process()
    process.beat()
    assert process.life() is None
    process.alive.began("r", "0")
    process.alive.began("s", "7")
    process.beat()
    life = process.life()
    assert life is not None
    assert (life.writer, dict(life.runs), life.at) == ("w", {"r": "0", "s": "7"}, 100)
    assert life.host
    assert life.pid
    process.alive.ended("r")
    process.beat()
    assert process.life() != life
    process.alive.ended("s")
    process.beat()
    assert process.life() is None


def test_nothing_is_put_while_nothing_is_new() -> None:
    """Runs and writer are news; otherwise half a minute and more of silence."""
    process = Process()
    process.alive.began("r", "0")
    for _ in range(6):
        process.beat()
        process.clock.advance(10.0)
    assert process.store.puts == 2
    process.beat("w2")
    assert process.store.puts == 3


def test_segments_are_signs_of_life_where_somebody_looks_for_them() -> None:
    """Those of the announced writer, in an experiment of the announced runs; others are not found."""
    for writer, experiment_id, puts in (("w", "0", 1), ("other", "0", 4), ("w", "8", 4)):
        process = Process()
        process.alive.began("r", "0")
        for _ in range(16):
            process.beat()
            process.clock.advance(10.0)
            process.alive.uploaded(writer, experiment_id)
        assert process.store.puts == puts


def test_after_a_long_silence_runs_are_said_to_be_running_again() -> None:
    """Somebody may have taken the process for dead; but not runs that it had not announced."""
    process = Process()
    process.alive.began("r", "0")
    process.beat()
    process.clock.advance(80.0)
    process.alive.began("new", "0")
    assert process.beat() == {Whose("r"): "0"}
    assert process.beat() == {}


def test_a_beat_that_did_not_arrive_is_none() -> None:
    """Cut off from the store a process falls silent, and knows it when it is back."""
    process = Process()
    process.alive.began("r", "0")
    process.beat()
    process.store.away = True
    for _ in range(10):
        process.clock.advance(10.0)
        if process.clock.monotonic_s() % 1 == 0:
            process.alive.uploaded("other", "0")
    with pytest.raises(StoreUnavailable):
        process.beat()
    process.store.away = False
    assert process.beat() == {Whose("r"): "0"}


def test_withdrawing_needs_no_store() -> None:
    """At the end of a process the store may be away; somebody else tidies up."""
    process = Process()
    process.alive.began("r", "0")
    process.beat()
    process.store.away = True
    process.alive.withdraw()
    process.store.away = False
    assert process.life() is not None
    process.alive.withdraw()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"null", json.dumps({"format": 99}).encode(), b'{"format": 1, "runs": [1]}'],
)
def test_what_is_no_sign_of_life_is_refused(body: bytes) -> None:
    """A foreign or later object is named."""
    with pytest.raises(CorruptData, match=KEY):
        Life.from_json(body, key=KEY)


def test_a_sign_survives_its_journey() -> None:
    """What is read is what was said."""
    life = Life(writer="w", host="h", pid=3, runs={"r": "0"}, at=5)
    assert Life.from_json(life.to_json(), key=KEY) == life


def test_a_later_attempt_is_named() -> None:
    """Whoever ends the run of a dead process must say which attempt of it ended."""
    process = Process()
    process.alive.began("r", "0", 2)
    process.alive.began("s", "0")
    process.beat()
    life = process.life()
    assert life is not None
    assert (dict(life.runs), dict(life.attempts)) == ({"r": "0", "s": "0"}, {"r": 2})
    process.alive.began("r", "0", 3)
    process.beat()
    assert process.life() != life
    process.clock.advance(80.0)
    assert process.beat() == {Whose("r", 3): "0", Whose("s"): "0"}


def test_the_end_of_an_earlier_attempt_ends_no_later_one() -> None:
    """Both may be in one process, when the earlier one was given up and goes on."""
    process = Process()
    process.alive.began("r", "0")
    process.alive.began("r", "0", 2)
    process.alive.began("r", "0", 1)
    process.alive.ended("r", 1)
    process.beat()
    life = process.life()
    assert life is not None
    assert dict(life.attempts) == {"r": 2}
    process.alive.ended("r", 2)
    process.beat()
    assert process.life() is None


def test_first_attempts_are_not_spoken_of() -> None:
    """Earlier releases read the object, and nearly all runs are in their first attempt."""
    life = Life(writer="w", host="h", pid=3, runs={"r": "0"}, at=5)
    assert "attempts" not in json.loads(life.to_json())
