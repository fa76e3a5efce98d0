"""Following versions to their data, and data to the versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.lineage.text import lines, to_value
from mlflowflow.lineage.trace import lineage_of, versions_from_data, versions_from_run
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import Dataset, DatasetInput
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def tracker(tmp_path: Path) -> Generator[Tracker]:
    """Give a tracker over a store in memory."""
    with Tracker(MemoryBlobStore(), spool_dir=tmp_path) as tracker:
        yield tracker


def test_a_version_is_followed_both_ways(tracker: Tracker) -> None:
    """Data, the run around the run, the copy and the decisions are all found."""
    catalog = Catalog(MemoryBlobStore(), actor="ada")
    experiment = tracker.create_experiment("wine")
    sweep = tracker.create_run(experiment, run_name="sweep").info.run_id
    trial = tracker.create_run(experiment, run_name="trial", parent_run_id=sweep).info.run_id
    tracker.log_inputs(trial, datasets=[DatasetInput(Dataset("wine", "f9a1", "local", "{}"))])
    version = catalog.create_version("wine", source=f"runs:/{trial}/model", run_id=trial)
    other = catalog.create_version("wine", source="s")
    catalog.set_alias("wine", "champion", 1)
    catalog.set_alias("wine", "challenger", 2)
    copy = catalog.copy_version(version, "best")

    found = lineage_of(version, tracker=tracker, catalog=catalog)
    assert [each.info.run_id for each in found.parents] == [sweep]
    assert [each.digest for each in found.data] == ["f9a1"]
    assert [each.change.kind for each in found.decisions] == ["version.created", "alias.moved"]
    assert [line.split()[0] for line in lines(found)] == [
        "data",
        "within",
        "run",
        "version",
        "decision",
        "decision",
    ]
    assert to_value(found)["parents"] == [sweep]

    uris = [copy.uri, version.uri]
    for run_id in (trial, sweep):
        assert [each.uri for each in versions_from_run(run_id, tracker=tracker, catalog=catalog)] == uris
    assert [each.uri for each in versions_from_data("f9a1", tracker=tracker, catalog=catalog)] == uris
    assert lineage_of(other, tracker=tracker, catalog=catalog).run is None


def test_a_run_of_another_store_is_named_though_it_cannot_be_read(tracker: Tracker) -> None:
    """What is not there is no error: the rest of the way is shown."""
    catalog = Catalog(MemoryBlobStore())
    version = catalog.create_version("wine", source="s", run_id="f" * 32)
    found = lineage_of(version, tracker=tracker, catalog=catalog)
    assert (found.run, found.parents, found.data) == (None, (), ())
    assert f"run       {'f' * 32}" in lines(found)
    assert versions_from_run("f" * 32, tracker=tracker, catalog=catalog) == [version]


def test_runs_around_one_another_end(tracker: Tracker) -> None:
    """Tags can say anything; a circle is not followed for ever."""
    catalog = Catalog(MemoryBlobStore())
    run = tracker.create_run(tracker.create_experiment("wine")).info.run_id
    tracker.log_batch(run, tags={"mlflow.parentRunId": run})
    version = catalog.create_version("wine", source="s", run_id=run)
    assert len(lineage_of(version, tracker=tracker, catalog=catalog).parents) <= 50
