"""Comparing versions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.diff import MetricChanged, diff_versions
from mlflowflow.registry.register import register_model
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import Dataset, DatasetInput, Metric
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mlflowflow.registry.version import ModelVersion


@pytest.fixture
def tracker(tmp_path: Path) -> Generator[Tracker]:
    """Give a tracker over a store in memory."""
    with Tracker(MemoryBlobStore(), spool_dir=tmp_path / "spool") as tracker:
        yield tracker


@pytest.fixture
def catalog() -> Catalog:
    """Give an empty registry."""
    return Catalog(MemoryBlobStore())


def trained(tracker: Tracker, catalog: Catalog, depth: int, data: str) -> ModelVersion:
    """Register what a run of its own trained."""
    run = tracker.create_run("0").info.run_id
    points = [Metric("rmse", depth / 10, 1), Metric(f"only{depth}", 1.0, 1), Metric("same", 1.0, 1)]
    tracker.log_batch(run, params={"depth": str(depth), "seed": "1"}, metrics=points)
    tracker.log_inputs(run, datasets=[DatasetInput(Dataset("wine", data, "local", "{}"))])
    signature = f"signature: {{inputs: 'x{depth}', outputs: y}}\n"
    tracker.artifacts(run).put_bytes(f"flavors: {{}}\n{signature}".encode(), "model/MLmodel")
    tracker.artifacts(run).put_bytes(b"same", "model/same.bin")
    tracker.artifacts(run).put_bytes(b"1", f"model/{depth}.bin")
    return register_model(f"runs:/{run}/model", "m", tracker=tracker, catalog=catalog, tags={"d": str(depth)})


def test_every_part_is_compared(tracker: Tracker, catalog: Catalog) -> None:
    """What is the same is left out, what one lacks is None."""
    old, new = (trained(tracker, catalog, depth, data) for depth, data in ((3, "a"), (2, "b")))
    found = diff_versions(old, new, tracker=tracker)
    assert (found.old, found.new) == ("models:/m/1", "models:/m/2")
    assert [(each.name, each.direction) for each in found.metrics] == [
        ("only2", "new"),
        ("only3", "gone"),
        ("rmse", "down"),
    ]
    assert found.metrics[2].difference == pytest.approx(-0.1)
    assert [(each.name, each.old, each.new) for each in found.params] == [("depth", "3", "2")]
    assert [(each.name, each.old, each.new) for each in found.tags] == [("d", "3", "2")]
    assert [(each.name, each.old, each.new) for each in found.signature] == [("inputs", "x3", "x2")]
    assert found.files is not None
    assert [each.name for each in found.files] == ["2.bin", "3.bin", "MLmodel"]
    assert [each.name for each in found.lineage] == ["data", "run"]


def test_a_version_does_not_differ_from_itself(tracker: Tracker, catalog: Catalog) -> None:
    """Nothing is reported, and no file is read."""
    version = trained(tracker, catalog, 3, "a")
    found = diff_versions(version, version, tracker=tracker)
    parts = (found.metrics, found.params, found.tags, found.signature, found.files, found.lineage)
    assert parts == ((),) * 6


def test_files_that_are_gone_are_told(tracker: Tracker, catalog: Catalog, tmp_path: Path) -> None:
    """The rest is compared all the same."""
    old = catalog.create_version("m", source=str(tmp_path / "gone"), tags={"k": "1"})
    new = catalog.create_version("m", source="models:/other/1")
    found = diff_versions(old, new, tracker=tracker)
    assert found.files is None
    assert [each.name for each in found.tags] == ["k"]


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [(1.0, 2.0, "up"), (2.0, 1.0, "down"), (None, 1.0, "new"), (1.0, None, "gone"), (math.nan, 1.0, "other")],
)
def test_a_direction_is_said_where_there_is_one(old: float | None, new: float | None, direction: str) -> None:
    """NaN has none."""
    assert MetricChanged(name="x", old=old, new=new).direction == direction
