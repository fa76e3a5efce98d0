"""Finding the files of an address, and telling a logged model what it was registered as."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.logged import REGISTRATIONS, note_registration
from mlflowflow.registry.register import register_model
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import LoggedModelOutput
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def tracker(tmp_path: Path) -> Generator[Tracker]:
    """Give a tracker over a store in memory."""
    with Tracker(MemoryBlobStore(), spool_dir=tmp_path / "spool") as tracker:
        yield tracker


@pytest.fixture
def catalog() -> Catalog:
    """Give an empty registry."""
    return Catalog(MemoryBlobStore())


def logged(tracker: Tracker, run_id: str, step: int) -> str:
    """Log a model called ``net`` at a step of a run, and return its id."""
    model = tracker.logged_models.create("0", name="net", source_run_id=run_id)
    tracker.artifacts(model.model_id).put_bytes(f"flavors: {{}}\nstep: {step}\n".encode(), "MLmodel")
    tracker.logged_models.finalize(model.model_id, "READY")
    tracker.log_outputs(run_id, [LoggedModelOutput(model.model_id, step)])
    return model.model_id


def test_a_logged_model_is_registered_by_its_id(tracker: Tracker, catalog: Catalog) -> None:
    """The version knows model and run, and the model lists its versions."""
    run = tracker.create_run("0").info.run_id
    model_id = logged(tracker, run, 0)
    register_model(f"models:/{model_id}", "m", tracker=tracker, catalog=catalog)
    version = register_model(f"models:/{model_id}", "m", tracker=tracker, catalog=catalog)
    assert (version.model_id, version.run_id, version.source) == (model_id, run, f"models:/{model_id}")
    listed = json.loads(tracker.logged_models.get(model_id).tags[REGISTRATIONS])
    assert listed == [{"name": "m", "version": 1}, {"name": "m", "version": 2}]


def test_a_runs_path_means_its_logged_model_of_the_last_step(tracker: Tracker, catalog: Catalog) -> None:
    """As MLflow 3 keeps models: not among the run's artifacts."""
    run = tracker.create_run("0").info.run_id
    last = logged(tracker, run, 7)
    logged(tracker, run, 3)
    assert register_model(f"runs:/{run}/net", "m", tracker=tracker, catalog=catalog).model_id == last
    with pytest.raises(NotFound):
        register_model(f"runs:/{run}/other", "m", tracker=tracker, catalog=catalog)


def test_an_unknown_logged_model_is_not_registered(tracker: Tracker, catalog: Catalog) -> None:
    """Nothing is created."""
    with pytest.raises(NotFound):
        register_model(f"models:/m-{'0' * 32}", "m", tracker=tracker, catalog=catalog)
    assert catalog.list_models() == []


def test_a_registration_stands_though_its_model_is_gone(
    tracker: Tracker, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    """The list on the model is a convenience; trouble with it is logged."""
    version = catalog.create_version("m", source="s")
    with caplog.at_level(logging.WARNING):
        note_registration(tracker, f"m-{'0' * 32}", version)
    assert "does not list version" in caplog.text
