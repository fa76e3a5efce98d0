"""Where the files of an address are: the first place that has it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, InvalidUri, NotFound
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.artifacts.places import (
    all_in,
    fetch_first,
    place_in_store,
    places_of_run,
    read_first,
)
from mlflowflow.tracking.run import LoggedModelOutput
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Tracker]:
    """Give a tracker of a fresh store."""
    with Tracker(MemoryBlobStore(), spool_dir=tmp_path / "spool") as opened:
        yield opened


def _with_models(tracker: Tracker, *names: str) -> tuple[str, list[str]]:
    run_id = tracker.create_run("0").info.run_id
    models = [tracker.logged_models.create("0", name=name, source_run_id=run_id).model_id for name in names]
    for step, model_id in enumerate(models):
        tracker.log_outputs(run_id, [LoggedModelOutput(model_id, step)])
        tracker.model_artifacts(model_id).put_bytes(str(step).encode(), "MLmodel")
    return run_id, models


def test_of_models_of_one_name_the_last_counts(tracker: Tracker, tmp_path: Path) -> None:
    """The one of the greatest step; a deleted one does not count."""
    run_id, models = _with_models(tracker, "m", "m", "other")
    places = places_of_run(tracker, run_id, "m/MLmodel")
    assert read_first(places) == b"1"
    assert fetch_first(places, tmp_path).read_bytes() == b"1"
    tracker.logged_models.delete(models[1])
    assert read_first(places_of_run(tracker, run_id, "m/MLmodel")) == b"0"


def test_a_listing_has_both_and_nothing_twice(tracker: Tracker) -> None:
    """Of a file that both have, the run's own is shown."""
    run_id, _ = _with_models(tracker, "m")
    tracker.artifacts(run_id).put_bytes(b"longer", "m/MLmodel")
    tracker.artifacts(run_id).put_bytes(b"", "m/own")
    found = all_in(places_of_run(tracker, run_id, "m"))
    assert [(each.path, each.file_size) for each in found] == [("m/MLmodel", 6), ("m/own", 0)]


def test_what_is_nowhere_is_named(tracker: Tracker, tmp_path: Path) -> None:
    """In reading and in copying; a path that leads out is refused."""
    run_id, _ = _with_models(tracker, "m")
    for path in ("none", "m/none"):
        with pytest.raises(NotFound):
            read_first(places_of_run(tracker, run_id, path))
        with pytest.raises(NotFound):
            fetch_first(places_of_run(tracker, run_id, path), tmp_path)
    with pytest.raises(InvalidInput):
        places_of_run(tracker, run_id, "m/../../x")
    with pytest.raises(NotFound):
        places_of_run(tracker, "absent", None)


def test_addresses_in_the_trackers_own_store(tracker: Tracker) -> None:
    """Of a run's file, of a model's, and of anything else in the store."""
    run_id, (model_id,) = _with_models(tracker, "m")
    tracker.artifacts(run_id).put_bytes(b"x", "a/x.txt")
    for files, path in (
        (tracker.artifacts(run_id), "a/x.txt"),
        (tracker.model_artifacts(model_id), "MLmodel"),
    ):
        place = place_in_store(tracker, files.uri(path))
        assert (place.path, place.files.read(place.path)) == (path, files.read(path))
    other = place_in_store(tracker, f"{tracker.uri}/exp/0/exp.json")
    assert (other.path, other.files.uri("exp.json")) == ("exp.json", f"{tracker.uri}/exp/0/exp.json")


def test_other_addresses(tracker: Tracker) -> None:
    """Another store is opened; what is no address of a file is refused."""
    MemoryBlobStore("elsewhere/a").put("x.txt", b"x")
    assert read_first([place_in_store(tracker, "memory://elsewhere/a/x.txt")]) == b"x"
    with pytest.raises(InvalidUri):
        place_in_store(tracker, "memory://elsewhere")
    with pytest.raises(NotFound):
        place_in_store(tracker, "/nowhere/at/all")


def test_what_is_there_exists_wherever_it_is(tracker: Tracker) -> None:
    """A file, a folder, a logged model under its name, and what is in it; nothing else."""
    run_id = tracker.create_run("0").info.run_id
    tracker.artifacts(run_id).put_bytes(b"a", "notes/a.txt")
    model_id = tracker.logged_models.create("0", name="wine", source_run_id=run_id).model_id
    tracker.model_artifacts(model_id).put_bytes(b"{}", "MLmodel")
    tracker.log_outputs(run_id, [LoggedModelOutput(model_id, 0)])
    wanted = ("notes", "notes/a.txt", "wine", "wine/MLmodel", "note", "notes/b.txt", "wine/data")
    found = [any(place.exists() for place in places_of_run(tracker, run_id, path)) for path in wanted]
    assert found == [True, True, True, True, False, False, False]
