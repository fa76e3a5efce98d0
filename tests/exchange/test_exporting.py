"""Writing our store into one of MLflow's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.exchange.exporting import export_store
from mlflowflow.exchange.import_models import ORIGIN_TAG
from mlflowflow.exchange.importing import Wanted, import_store
from mlflowflow.exchange.server import ServerSource
from mlflowflow.exchange.server_target import ServerTarget
from mlflowflow.exchange.sqlite import SqliteSource
from mlflowflow.exchange.sqlite_target import SqliteTarget
from mlflowflow.tracking.logged.model import LoggedModel
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    InputTag,
    LifecycleStage,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    RunInputs,
    RunOutputs,
)
from tests.exchange.fake_server import FakeServer
from tests.exchange.stores import MODEL, OTHER, POINTS, RUN, MemorySource, a_run, an_experiment, database

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.exchange.source import Source
    from mlflowflow.exchange.target import Target
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.tracker import Tracker


class Other:
    """An MLflow store of a kind that can be written and read."""

    def __init__(self, kind: str, folder: Path) -> None:
        """Make it."""
        self.kind = kind
        self.path = database(folder / "mlflow.db")
        self.server = FakeServer()

    def target(self) -> Target:
        """Open it for writing."""
        if self.kind == "server":
            return ServerTarget(self.server.rest(), origin="ours")
        return SqliteTarget(self.path, origin="ours")

    def source(self) -> Source:
        """Open it for reading."""
        return ServerSource(self.server.rest()) if self.kind == "server" else SqliteSource(self.path)


@pytest.fixture(params=["sqlite", "server"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Other:
    """Give each kind."""
    return Other(request.param, tmp_path)


@pytest.fixture
def full(tracker: Tracker, catalog: Catalog) -> Tracker:
    """Give a store with everything in it that can be kept."""
    inputs = RunInputs(
        (DatasetInput(Dataset("d", "1", "local", "{}", "s"), (InputTag("context", "train"),)),),
        (LoggedModelInput(MODEL),),
    )
    parent = replace(a_run(), inputs=inputs, outputs=RunOutputs((LoggedModelOutput(MODEL, 3),)))
    child = a_run(OTHER, run_name="child", lifecycle_stage=LifecycleStage.DELETED)
    child = replace(
        child, data=replace(child.data, tags={"mlflow.parentRunId": RUN, "mlflow.runName": "child"})
    )
    source = MemorySource(
        experiment=an_experiment(tags={"team": "a"}),
        all_runs=[parent, child],
        all_points=[*POINTS, Metric("f1", 0.5, 9, 1, MODEL, "d", "1")],
        models=[LoggedModel("3", MODEL, "net", "", 7, 8, "agent", RUN, tags={"a": "1"}, params={"p": "2"})],
    )
    import_store(source, tracker=tracker, catalog=None)
    tracker.artifacts(RUN).put_bytes(b"hello", "a/b.txt")
    tracker.artifacts(RUN).put_bytes(b"", "empty")
    tracker.artifacts(MODEL).put_bytes(b"model", "MLmodel")
    catalog.create_model("wine", description="red", tags={"owner": "ada", ORIGIN_TAG: "elsewhere"})
    for number in (1, 2, 3):
        catalog.create_version(
            "wine", source=f"runs:/{RUN}/a", run_id=RUN, tags={"n": str(number)}, description="x"
        )
    catalog.delete_version("wine", 2)
    catalog.transition_stage("wine", 3, "Production")
    catalog.set_alias("wine", "champion", 3)
    tracker.flush()
    return tracker


def test_everything_arrives(other: Other, full: Tracker, catalog: Catalog) -> None:
    """What is read there again is what is here, a number that nobody has included."""
    report = export_store(other.target(), tracker=full, catalog=catalog)
    assert report.problems == []
    source = other.source()
    wine = next(each for each in source.experiments() if each.name == "wine")
    assert dict(wine.tags) == {"team": "a"}
    runs = {run.info.run_name: run for run in source.runs(wine.experiment_id)}
    first, child = runs["first"], runs["child"]
    assert (first.info.user_id, first.info.status, first.info.start_time, first.info.end_time) == (
        "ada",
        "FINISHED",
        7,
        9,
    )
    assert dict(first.data.params) == {"C": "0.5"}
    assert first.data.tags["note"] == "a\nb"
    assert child.info.lifecycle_stage is LifecycleStage.DELETED
    assert child.data.tags["mlflow.parentRunId"] == first.info.run_id
    (dataset,) = first.inputs.dataset_inputs
    assert dataset == DatasetInput(Dataset("d", "1", "local", "{}", "s"), (InputTag("context", "train"),))
    (model,) = source.logged_models(wine.experiment_id)
    assert (model.name, model.model_type, model.status, dict(model.params)) == (
        "net",
        "agent",
        "READY",
        {"p": "2"},
    )
    assert [each.model_id for each in first.inputs.model_inputs] == [model.model_id]
    assert first.outputs.model_outputs == (LoggedModelOutput(model.model_id, 3),)
    assert model.source_run_id == first.info.run_id
    points = source.points(first)
    (linked,) = [point for point in points if point.key == "f1"]
    assert (linked.model_id, linked.dataset_name, linked.dataset_digest) == (model.model_id, "d", "1")
    # a database keeps equal points once, a server is given both
    assert len(points) == (6 if other.kind == "server" else 5)
    assert {str(point.value) for point in points} == {"0.5", "0.25", "nan", "-inf"}
    files = source.files(first.info.artifact_uri)
    assert files is not None
    assert sorted(files.list()) == [("a/b.txt", 5), ("empty", 0)]
    (registered,) = source.registered_models()
    assert (registered.name, registered.description, dict(registered.aliases)) == (
        "wine",
        "red",
        {"champion": 3},
    )
    assert ORIGIN_TAG not in registered.tags
    assert [(each.version, each.stage, dict(each.tags)) for each in registered.versions] == [
        (1, "None", {"n": "1"}),
        (3, "Production", {"n": "3"}),
    ]
    assert registered.versions[0].run_id == first.info.run_id


def test_the_second_export_adds_nothing(other: Other, full: Tracker, catalog: Catalog) -> None:
    """Not a row, not a file, not a request that changes something."""
    first = export_store(other.target(), tracker=full, catalog=catalog)
    other.server.asked.clear()
    again = export_store(other.target(), tracker=full, catalog=catalog)
    assert again.found == first.found
    assert {getattr(again.new, name) for name in again.new.__dataclass_fields__} == {0}
    assert [
        each
        for each in other.server.asked
        if each.startswith(("PUT", "PATCH", "DELETE"))
        or "create" in each
        or "log" in each.partition("runs/")[2]
    ] == []


def test_what_came_since_is_added(other: Other, full: Tracker, catalog: Catalog) -> None:
    """Points, params and tags of a run that is there, and another run."""
    export_store(other.target(), tracker=full, catalog=catalog)
    full.log_batch(RUN, metrics=[Metric("loss", 0.125, 10, 5)], params={"D": "1"}, tags={"note": "new"})
    late = full.create_run("3", run_name="late")
    full.end_run(late.info.run_id)
    report = export_store(other.target(), tracker=full, catalog=catalog)
    assert (report.new.runs, report.new.points, report.new.params) == (1, 1, 1)
    source = other.source()
    wine = next(each for each in source.experiments() if each.name == "wine")
    runs = {run.info.run_name: run for run in source.runs(wine.experiment_id)}
    assert set(runs) == {"first", "child", "late"}
    assert (runs["first"].data.params["D"], runs["first"].data.tags["note"]) == ("1", "new")


def test_a_model_that_is_another_there_is_left_alone(other: Other, full: Tracker, catalog: Catalog) -> None:
    """Whose version 3 would it be? The runs are written all the same."""
    other.server.registered["wine"] = {"name": "wine"}
    other.server.versions["wine"] = []
    database(other.path.with_name("taken.db"), {"registered_models": [{"name": "wine"}]}).replace(other.path)
    report = export_store(other.target(), tracker=full, catalog=catalog)
    assert ["is left out" in problem for problem in report.problems] == [True]
    assert next(iter(other.source().registered_models())).versions == ()
    assert report.new.runs == 2


def test_only_wanted_experiments_are_written(other: Other, full: Tracker) -> None:
    """One that is not here is refused before anything is written."""
    with pytest.raises(NotFound, match="wine"):
        export_store(other.target(), tracker=full, catalog=None, wanted=Wanted(experiments=frozenset({"x"})))
    assert list(other.source().experiments()) == []
    wanted = Wanted(experiments=frozenset({"wine"}), files=False)
    report = export_store(other.target(), tracker=full, catalog=None, wanted=wanted)
    assert [each.name for each in other.source().experiments()] == ["wine"]
    assert report.found.files == 0


def test_a_deleted_experiment_is_deleted_there(other: Other, full: Tracker) -> None:
    """After everything is in it, as nothing can be added to a deleted one; twice is once."""
    full.delete_experiment("3")
    for _ in range(2):
        report = export_store(other.target(), tracker=full, catalog=None)
        assert report.problems == []
    wine = next(each for each in other.source().experiments() if each.name == "wine")
    assert wine.lifecycle_stage is LifecycleStage.DELETED
