"""The registry's module-level functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.registry.current import catalog_at, current_catalog
from mlflowflow.registry.fluent import (
    register_model,
    search_model_versions,
    search_registered_models,
    set_model_version_tag,
)
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.artifacts.logs import log_text
from mlflowflow.tracking.fluent.active import handed_over, start_run
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


def test_a_logged_model_is_registered_and_found() -> None:
    """The version knows its run and files; a repeated request gives the same version."""
    with start_run() as run:
        log_text("flavors: {}\n", "model/MLmodel")
    uri = f"runs:/{run.run_id}/model"
    version = register_model(uri, "digits", tags={"a": "1"}, idem="once")
    assert register_model(uri, "digits", idem="once").version == version.version == 1
    assert (version.run_id, version.digest is None) == (run.run_id, False)
    set_model_version_tag("digits", "1", "b", 2)
    assert dict(search_model_versions(1, "tags.b = '2'")[0].tags) == {"a": "1", "b": "2"}
    assert [model.name for model in search_registered_models(filter_string="name = 'digits'")] == ["digits"]


def test_what_is_no_model_is_not_registered() -> None:
    """A folder without MLmodel is refused."""
    with start_run() as run:
        log_text("x", "model/notes.txt")
    with pytest.raises(NotFound, match="MLmodel"):
        register_model(f"runs:/{run.run_id}/model", "digits")
