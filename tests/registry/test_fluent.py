"""The registry's module-level functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.registry.fluent import (
    register_model,
    search_model_versions,
    search_registered_models,
    set_model_version_tag,
)
from mlflowflow.tracking.artifacts.logs import log_text
from mlflowflow.tracking.fluent.active import start_run
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.tracking.fluent.session import Session


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


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
