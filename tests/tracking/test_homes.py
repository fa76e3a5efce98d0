"""Where files lie when an experiment keeps them elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidInput, InvalidUri
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.homes import checked_location, files_of, uri_of
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker


@pytest.mark.parametrize(
    "location",
    [
        "",
        "/tmp/a#b",
        "/tmp/a?b=c",
        "/tmp/../etc",
        "s3://bucket/a/../../b",
        "file:///tmp/%2e%2e/etc",
        "..",
        "a\0b",
    ],
)
def test_places_that_lead_elsewhere_are_refused(location: str) -> None:
    """Whoever opens such an address would look somewhere else than whoever reads it thinks."""
    with pytest.raises(InvalidInput, match="artifact location"):
        checked_location(location)


def test_addresses_of_no_known_kind_are_refused_before_anything_is_written() -> None:
    """The name of the experiment stays free."""
    with Tracker(MemoryBlobStore()) as tracker:
        for bad in ("ftp://host/x", "https://host/x"):
            with pytest.raises(InvalidUri):
                tracker.create_experiment("wines", artifact_location=bad)
        assert tracker.get_experiment_by_name("wines") is None


def test_files_go_where_the_experiment_says(tmp_path: Path) -> None:
    """Those of runs and of logged models, for every process, also after a new name and a compaction."""
    store, place = MemoryBlobStore(), tmp_path / "files"
    with Tracker(store) as tracker:
        experiment_id = tracker.create_experiment("wines", artifact_location=str(place))
        run = tracker.create_run(experiment_id)
        model = tracker.logged_models.create(experiment_id, name="wine")
        tracker.artifacts(run.info.run_id).put_bytes(b"1", "a.txt")
        tracker.artifacts(model.model_id).put_bytes(b"2", "b.txt")
        tracker.rename_experiment(experiment_id, "beers")
    assert Path(run.info.artifact_uri, "a.txt").read_bytes() == b"1"
    assert Path(model.artifact_location, "b.txt").read_bytes() == b"2"
    assert run.info.artifact_uri == str(place / run.info.run_id / "artifacts")
    assert [blob.key for blob in store.list("artifacts/")] == []
    compact(store, experiment_id, clock=SystemClock(), ids=RandomIds())
    with Tracker(store) as tracker:
        found = tracker.get_experiment_by_name("beers")
        assert found is not None
        assert found.artifact_location == str(place)
        (again,) = tracker.search_runs([experiment_id])
        assert again.info.artifact_uri == run.info.artifact_uri
        assert tracker.artifacts(run.info.run_id).read("a.txt") == b"1"


def test_the_place_is_told_without_opening_it() -> None:
    """A search of a hundred runs opens no bucket a hundred times."""
    store = MemoryBlobStore()
    for location in (None, "memory://elsewhere"):
        for shard in ("0", "0.models"):
            assert uri_of(store, location, shard, "x") == files_of(store, location, shard, "x").uri()
