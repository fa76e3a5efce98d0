"""The registry that the session names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.registry.current import catalog_at, current_catalog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.fluent.active import handed_over
from mlflowflow.tracking.tracker import Tracker
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.tracking.fluent.session import Session


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


def test_the_current_registry_is_kept_open(session: Session) -> None:
    """Asking again gives the same catalog, which remembers what it has read."""
    assert current_catalog() is current_catalog() is catalog_at(session.registry_uri)


def test_the_registry_acts_for_the_user(session: Session) -> None:
    """The history names whom the settings name."""
    assert current_catalog().actor == session.settings.user == "ada"


def test_another_address_is_another_registry(session: Session) -> None:
    """Setting an address changes where models are registered from then on."""
    before = current_catalog()
    session.set_registry_uri(MemoryBlobStore().url)
    assert current_catalog().store.url != before.store.url


def test_a_handed_over_tracker_brings_its_registry() -> None:
    """Inside a hand-over models are registered beside the runs."""
    with Tracker(MemoryBlobStore()) as tracker, handed_over("r1", tracker=tracker):
        assert current_catalog().store.url == tracker.uri
