"""What a process's session keeps and forgets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.config import Settings
from mlflowflow.errors import InvalidInput, InvalidState, InvalidUri, NotStored
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.fluent.active import handed_over
from mlflowflow.tracking.fluent.session import (
    Handover,
    Session,
    current_experiment_id,
    current_registry_uri,
    current_tracker,
    current_tracking_uri,
    open_tracker,
    set_current_experiment,
)
from mlflowflow.tracking.tracker import Tracker
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.clock import Clock


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


def test_a_handover_gives_its_run_once() -> None:
    """Whoever comes second gets nothing."""
    handover = Handover("r1")
    assert (handover.take(), handover.take()) == ("r1", None)


def test_an_empty_handover_gives_nothing() -> None:
    """A session without a launcher has no run to give."""
    assert Handover(None).take() is None


def test_a_store_has_one_tracker(session: Session) -> None:
    """Two addresses of one store share a tracker, so nothing is spooled twice."""
    uri = session.tracking_uri
    assert session.tracker() is session.tracker(uri) is session.tracker(uri.replace("memory", "MEMORY"))


def test_nothing_is_opened_before_it_is_needed() -> None:
    """Making a session and asking for its addresses opens no store."""
    opened: list[str] = []

    def opener(uri: str, settings: Settings, clock: Clock) -> Tracker:
        opened.append(uri)
        return Tracker(MemoryBlobStore(), clock=clock, user=settings.user)

    session = Session(Settings(tracking_uri="memory://lazy"), open_tracker=opener)
    assert (session.tracking_uri, session.experiment_id(), opened) == ("memory://lazy", "0", [])
    session.tracker()
    assert opened == ["memory://lazy"]
    session.close()


def test_an_address_that_makes_no_sense_changes_nothing(session: Session) -> None:
    """A refused address leaves the old one in force."""
    before = session.tracking_uri
    with pytest.raises(InvalidUri):
        session.set_tracking_uri("ftp://host/x")
    assert session.tracking_uri == before


def test_models_are_registered_in_the_tracking_store(session: Session) -> None:
    """Without an address of its own the registry follows the tracking store."""
    session.set_tracking_uri("memory://elsewhere")
    assert session.registry_uri == "memory://elsewhere"


def test_the_registry_can_be_elsewhere(session: Session) -> None:
    """An address of its own stays when the tracking store changes."""
    session.set_registry_uri("memory://models")
    session.set_tracking_uri("memory://elsewhere")
    assert session.registry_uri == "memory://models"


def test_an_experiment_is_forgotten_with_its_store(session: Session) -> None:
    """Another store does not have the experiment that was set."""
    set_current_experiment("mine")
    assert session.experiment_id() != "0"
    session.set_tracking_uri(MemoryBlobStore().url)
    assert session.experiment_id() == "0"


def test_the_experiment_of_the_settings_is_made_at_need() -> None:
    """``MLFLOWFLOW_EXPERIMENT_NAME`` names the experiment of runs that name none."""
    settings = Settings(tracking_uri=MemoryBlobStore().url, experiment_name="set")
    with private_session(settings) as session:
        found = session.tracker().get_experiment(session.experiment_id())
    assert found.name == "set"


def test_an_experiment_id_of_the_settings_wins_over_the_name() -> None:
    """``MLFLOWFLOW_EXPERIMENT_ID`` is the more exact of the two."""
    settings = Settings(tracking_uri=MemoryBlobStore().url, experiment_name="set", experiment_id="7")
    with private_session(settings) as session:
        assert session.experiment_id() == "7"


def test_a_deleted_experiment_is_not_set(session: Session) -> None:
    """Runs do not go where nobody looks."""
    deleted = set_current_experiment("gone").experiment_id
    session.tracker().delete_experiment(deleted)
    with pytest.raises(InvalidState, match="restore_experiment"):
        set_current_experiment("gone")


def test_an_experiment_needs_a_name() -> None:
    """An empty name is refused."""
    with pytest.raises(InvalidInput, match="experiment"):
        set_current_experiment("")


def test_a_handed_over_tracker_is_the_current_one() -> None:
    """Inside a hand-over, tracker, store and registry are the launcher's."""
    outside = current_tracking_uri()
    with Tracker(MemoryBlobStore()) as tracker, handed_over("r1", tracker=tracker):
        assert current_tracker() is tracker
        assert current_tracking_uri() == current_registry_uri() == tracker.uri
    assert current_tracking_uri() == outside


def test_an_experiment_set_by_handed_over_code_is_its_own(session: Session) -> None:
    """It is made in the launcher's store and does not count for the rest of the process."""
    with Tracker(MemoryBlobStore()) as tracker:
        given = tracker.create_run(tracker.create_experiment("given"))
        with handed_over(given.info.run_id, tracker=tracker):
            assert current_experiment_id() == given.info.experiment_id
            own = set_current_experiment("own")
            assert current_experiment_id() == own.experiment_id
        assert tracker.get_experiment_by_name("own") == own
    assert (session.experiment_id(), session.tracker().get_experiment_by_name("own")) == ("0", None)


def test_closing_reports_what_could_not_be_stored(caplog: pytest.LogCaptureFixture) -> None:
    """At the end of a process a store that is away is a message, and the other stores are closed."""
    closed: list[str] = []

    class Stubborn(Tracker):
        def close(self) -> None:
            closed.append(self.uri)
            super().close()
            raise NotStored(3, "the store does not answer")

    def opener(uri: str, settings: Settings, clock: Clock) -> Tracker:
        return Stubborn(MemoryBlobStore(uri.removeprefix("memory://")), clock=clock, user=settings.user)

    session = Session(Settings(tracking_uri="memory://one"), open_tracker=opener)
    session.tracker()
    session.tracker("memory://two")
    session.close()
    assert closed == ["memory://one", "memory://two"]
    assert "3 records are kept" in caplog.text


def test_a_command_logs_for_the_attempt_that_its_launcher_named(tmp_path: Path) -> None:
    """Also if a later one was begun before it logs anything; without a number, for the present one."""
    store = open_store(tmp_path / "store")
    with Tracker(store) as launcher:
        launcher.create_run("0", run_id="r", attempt=2)
    given = Settings(tracking_uri=store.url, run_id="r")
    for settings, steps in ((replace(given, attempt=1), []), (given, [7])):
        tracker = open_tracker(store.url, settings, SystemClock())
        with tracker:
            tracker.log_metric("r", "m", 0.5, step=7)
            tracker.flush()
            assert [point.step for point in tracker.metric_history("r", "m")] == steps
