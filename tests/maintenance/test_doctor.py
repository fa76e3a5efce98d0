"""The doctor's answers: each trouble has a sentence and a next step, and a healthy store has neither."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance import doctor as doctors
from mlflowflow.maintenance.doctor import doctor
from mlflowflow.maintenance.finding import Level
from mlflowflow.storage.blob import Blob
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import Fault, FaultyBlobStore, UnconditionalBlobStore
from tests.maintenance.stores import copied, objects
from tests.maintenance.test_trial import Slow, StaleStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.maintenance.finding import Finding
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.testing.faults import StoreCall

TOPICS = ["versions", "store", "creating", "reading", "speed", "clock", "compaction"]


class Timeless(MemoryBlobStore):
    """A store that does not tell when its objects were written."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """Leave the times out."""
        return (Blob(key=blob.key, size=blob.size) for blob in super().list(prefix))


def asked(
    store: BlobStore, *, clock: ManualClock | None = None, spool_dir: Path | None = None
) -> dict[str, Finding]:
    """Return the doctor's answers by topic."""
    answers = doctor(store, clock=clock or ManualClock(), ids=SequentialIds(), spool_dir=spool_dir, keys=2)
    return {finding.subject: finding for finding in answers}


def test_a_healthy_store_has_an_answer_to_each_question_and_nothing_to_do(store: MemoryBlobStore) -> None:
    """Every answer is "ok", and the store is left as it was."""
    clock = ManualClock()
    healthy = copied(store, clock=clock)
    before = objects(healthy)
    found = asked(healthy, clock=clock)
    assert list(found) == TOPICS
    assert {finding.level for finding in found.values()} == {Level.OK}
    assert {finding.advice for finding in found.values()} == {""}
    assert objects(healthy) == before


def test_a_place_that_is_no_store_yet_is_not_made_one() -> None:
    """Trying a bucket out leaves it empty."""
    clock = ManualClock()
    empty = MemoryBlobStore(clock=clock)
    found = asked(empty, clock=clock)
    assert "is no store yet" in found["store"].sentence
    assert {finding.level for finding in found.values()} == {Level.OK}
    assert objects(empty) == {}


def test_a_store_without_conditions_is_good_for_runs_only() -> None:
    """That is a warning which says what to do about models."""
    found = asked(UnconditionalBlobStore())["creating"]
    assert found.level is Level.WARNING
    assert "Of 2 races of 8 writers only 0 had exactly one winner." in found.sentence
    assert "MLFLOWFLOW_REGISTRY_URI" in found.advice


def test_a_store_with_a_cache_before_it_is_a_problem() -> None:
    """Readers would miss what was logged; how often it happened is said."""
    found = asked(StaleStore())["reading"]
    assert found.level is Level.PROBLEM
    assert found.sentence == (
        "2 of 2 objects were not read as just written; 2 of 2 deleted objects were still there."
    )


def test_slow_requests_are_worth_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logging does not wait for them, but people do."""
    monkeypatch.setattr(doctors, "SLOW_MS", 20.0)
    clock = ManualClock()
    found = asked(Slow(clock), clock=clock)["speed"]
    assert (found.level, "put 30.0 ms" in found.sentence) == (Level.WARNING, True)


@pytest.mark.parametrize(("ahead_s", "sentence"), [(400, "400 s ahead of"), (-400, "400 s behind")])
def test_a_clock_that_goes_wrong_is_worth_a_word(ahead_s: int, sentence: str) -> None:
    """The store's clock is what it is compared with."""
    theirs = ManualClock(start_us=10**15)
    found = asked(MemoryBlobStore(clock=theirs), clock=ManualClock(start_us=10**15 + ahead_s * 10**6))[
        "clock"
    ]
    assert found.level is Level.WARNING
    assert f"This machine's clock is {sentence} the store's." in found.sentence


def test_a_store_without_a_clock_is_never_cleaned() -> None:
    """That is worth knowing before it has grown."""
    found = asked(Timeless())["clock"]
    assert (found.level, "'mlff store gc'" in found.advice) == (Level.WARNING, True)


@pytest.mark.parametrize(
    ("body", "advice"),
    [(b"nonsense", "Run 'mlff store fsck --repair'."), (b'{"format": 99}', "Install a newer mlflowflow.")],
)
def test_a_store_that_cannot_be_opened_ends_the_questions(body: bytes, advice: str) -> None:
    """Nothing is written to what is not understood."""
    store = MemoryBlobStore()
    store.put("store.json", body)
    found = asked(store)
    assert (found["store"].level, found["store"].advice) == (Level.PROBLEM, advice)
    assert list(found) == ["versions", "store"]
    assert objects(store) == {"store.json": body}


def test_a_store_that_takes_no_writes_is_a_problem(store: MemoryBlobStore) -> None:
    """Credentials for reading only are found before the first run."""

    def read_only(call: StoreCall) -> Fault | None:
        return None if call.verb in {"get", "list"} else Fault.UNAVAILABLE

    found = asked(FaultyBlobStore(store, read_only))["access"]
    assert (found.level, "Check the credentials" in found.advice) == (Level.PROBLEM, True)


def test_a_store_that_does_not_answer_is_a_problem() -> None:
    """The reason it gave is passed on."""
    found = asked(FaultyBlobStore(MemoryBlobStore(), lambda _: Fault.UNAVAILABLE))
    assert (list(found), found["store"].level) == (["versions", "store"], Level.PROBLEM)


def test_the_spool_has_room_or_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records wait there; little room is a warning, hardly any a problem."""
    spool = tmp_path / "not" / "yet"
    assert asked(MemoryBlobStore(), spool_dir=spool)["spool"].level is Level.OK
    monkeypatch.setattr(doctors, "LITTLE_BYTES", 10**18)
    assert asked(MemoryBlobStore(), spool_dir=spool)["spool"].level is Level.WARNING
    monkeypatch.setattr(doctors, "TOO_LITTLE_BYTES", 10**18)
    assert asked(MemoryBlobStore(), spool_dir=spool)["spool"].level is Level.PROBLEM


def test_damaged_spools_are_answered_under_their_names(tmp_path: Path) -> None:
    """What waits on this machine is part of the answer."""
    (tmp_path / "a.wal").write_bytes(b"\x00" * 50)
    assert asked(MemoryBlobStore(), spool_dir=tmp_path)[str(tmp_path / "a.wal")].level is Level.PROBLEM


def test_the_versions_of_what_meets_here_are_told(store: MemoryBlobStore) -> None:
    """A report of a mistake needs them."""
    sentence = asked(store)["versions"].sentence
    assert all(name in sentence for name in ("Python 3.", "mlflowflow ", "pyarrow ", "fsspec ", "s3fs "))
    assert json.dumps(sentence)
