"""Bringing an MLflow store over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.exchange.importing import Wanted, import_store
from mlflowflow.exchange.linking import missing
from mlflowflow.tracking.logged.model import LoggedModel, LoggedModelStatus
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    LifecycleStage,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    RunInputs,
    RunOutputs,
    RunStatus,
)
from tests.exchange.stores import MODEL, OTHER, POINTS, RUN, MemorySource, a_run, an_experiment, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker


def _points(tracker: Tracker, run_id: str = RUN) -> list[Metric]:
    return [point for key in ("loss", "top") for point in tracker.metric_history(run_id, key)]


def _model(**changes: object) -> LoggedModel:
    facts = LoggedModel("3", MODEL, "net", "", 7, 8, "agent", RUN, LoggedModelStatus.READY, "done")
    return replace(facts, **{"tags": {"a": "1"}, "params": {"p": "2"}, **changes})  # type: ignore[arg-type]


def test_a_run_comes_over_as_it_is(tracker: Tracker) -> None:
    """Id, author, times, state, params, tags and every point, equal ones included."""
    report = import_store(MemorySource(), tracker=tracker, catalog=None)
    run = tracker.get_run(RUN)
    wanted = a_run()
    assert replace(run.info, artifact_uri="") == wanted.info
    assert (dict(run.data.params), dict(run.data.tags)) == (wanted.data.params, wanted.data.tags)
    assert missing(POINTS, _points(tracker)) == []
    assert missing(_points(tracker), POINTS) == []
    experiment = tracker.get_experiment("3")
    assert (experiment.name, experiment.creation_time) == ("wine", 5)
    assert (report.new.runs, report.new.points, report.problems) == (1, 5, [])


def test_the_second_import_adds_nothing(tracker: Tracker) -> None:
    """What is there is found again, NaN and equal points too."""
    source = MemorySource(models=[_model()])
    first = import_store(source, tracker=tracker, catalog=None)
    again = import_store(source, tracker=tracker, catalog=None)
    assert again.found == first.found
    assert set(vars_of(again.new)) == {0}
    assert len(_points(tracker)) == len(POINTS)


def vars_of(counts: object) -> list[int]:
    """Return all counts."""
    return [getattr(counts, name) for name in counts.__dataclass_fields__]  # type: ignore[attr-defined]


def test_what_came_since_is_added(tracker: Tracker) -> None:
    """Points, params, tags, links and a new state."""
    early = replace(a_run(status=RunStatus.RUNNING, end_time=None))
    import_store(MemorySource(all_runs=[early], all_points=POINTS[:2]), tracker=tracker, catalog=None)
    later = a_run()
    data = replace(later.data, params={"C": "0.5", "D": "1"}, tags={**later.data.tags, "note": "new"})
    inputs = RunInputs((DatasetInput(Dataset("d", "1", "local", "{}")),), (LoggedModelInput(MODEL),))
    outputs = RunOutputs((LoggedModelOutput(MODEL, 3),))
    grown = replace(later, data=data, inputs=inputs, outputs=outputs)
    report = import_store(MemorySource(all_runs=[grown]), tracker=tracker, catalog=None)
    run = tracker.get_run(RUN)
    assert (run.info.status, run.info.end_time) == (RunStatus.FINISHED, 9)
    assert (run.data.params["D"], run.data.tags["note"]) == ("1", "new")
    assert (run.inputs, run.outputs) == (inputs, outputs)
    assert (report.new.points, report.new.params, report.new.tags, report.new.datasets) == (3, 1, 1, 1)


def test_deleted_things_come_over_as_deleted(tracker: Tracker) -> None:
    """A run and an experiment, also when they are deleted after the first import."""
    import_store(MemorySource(), tracker=tracker, catalog=None)
    gone = an_experiment(lifecycle_stage=LifecycleStage.DELETED)
    runs = [a_run(lifecycle_stage=LifecycleStage.DELETED)]
    import_store(MemorySource(experiment=gone, all_runs=runs), tracker=tracker, catalog=None)
    assert tracker.get_run(RUN).info.lifecycle_stage is LifecycleStage.DELETED
    assert tracker.get_experiment("3").lifecycle_stage is LifecycleStage.DELETED


def test_a_run_of_the_same_id_elsewhere_is_left_out(tracker: Tracker) -> None:
    """Whose points would they be? The other runs come over."""
    tracker.create_run(tracker.create_experiment("mine"), run_id=RUN)
    source = MemorySource(all_runs=[a_run(), a_run(OTHER)])
    report = import_store(source, tracker=tracker, catalog=None)
    assert len(report.problems) == 1
    assert f"'{RUN}' is left out" in report.problems[0]
    assert tracker.get_run(OTHER).info.status is RunStatus.FINISHED
    assert report.new.runs == 1


class _Broken(MemorySource):
    """A source that loses its connection at a run."""

    def points(self, run: Run) -> Sequence[Metric]:
        """Fail for the second run."""
        if run.info.run_id == OTHER:
            raise ConnectionAbortedError
        return super().points(run)


def test_an_import_that_was_cut_off_is_completed(tracker: Tracker) -> None:
    """A run that was begun and got no points gets them later."""
    runs = [a_run(), a_run(OTHER)]
    with pytest.raises(ConnectionAbortedError):
        import_store(_Broken(all_runs=runs), tracker=tracker, catalog=None)
    assert _points(tracker, OTHER) == []
    import_store(MemorySource(all_runs=runs), tracker=tracker, catalog=None)
    for run_id in (RUN, OTHER):
        assert missing(POINTS, _points(tracker, run_id)) == []
        assert len(_points(tracker, run_id)) == len(POINTS)
        assert tracker.get_run(run_id).info.end_time == 9


def test_logged_models_come_over_with_their_points(tracker: Tracker) -> None:
    """Id, times, type, state, message, params and tags; a point of it is the run's too."""
    point = Metric("loss", 0.5, 8, 1, MODEL, "d", "1")
    source = MemorySource(models=[_model()], all_points=[point])
    import_store(source, tracker=tracker, catalog=None)
    model = tracker.logged_models.get(MODEL)
    assert replace(model, artifact_location="", metrics=None) == _model()
    assert tracker.metric_history(RUN, "loss") == [replace(point, run_id=None)] or tracker.metric_history(
        RUN, "loss"
    ) == [replace(point, run_id=RUN)]
    assert [(each.key, each.dataset_name) for each in model.metrics or ()] == [("loss", "d")]


def test_news_of_a_logged_model_come_over(tracker: Tracker) -> None:
    """It may have been made ready after the first import."""
    pending = _model(status=LoggedModelStatus.PENDING, tags={}, params={})
    import_store(MemorySource(models=[pending]), tracker=tracker, catalog=None)
    import_store(MemorySource(models=[_model()]), tracker=tracker, catalog=None)
    model = tracker.logged_models.get(MODEL)
    assert (model.status, model.tags, model.params) == (LoggedModelStatus.READY, {"a": "1"}, {"p": "2"})


def test_points_of_models_that_do_not_come_belong_to_none(tracker: Tracker) -> None:
    """A model may have been deleted."""
    source = MemorySource(all_points=[Metric("loss", 0.5, 8, 1, "m-gone")])
    report = import_store(source, tracker=tracker, catalog=None)
    assert [point.model_id for point in tracker.metric_history(RUN, "loss")] == [None]
    assert report.problems == []


def test_files_come_over(tracker: Tracker, tmp_path: Path) -> None:
    """Those that are here with the same size are not copied again."""
    write(tmp_path, {"a/b.txt": "hello", "empty": ""})
    source = MemorySource(all_runs=[a_run(artifact_uri=str(tmp_path))])
    report = import_store(source, tracker=tracker, catalog=None)
    assert tracker.artifacts(RUN).read("a/b.txt") == b"hello"
    assert tracker.artifacts(RUN).read("empty") == b""
    assert (report.new.files, report.new.bytes) == (2, 5)
    write(tmp_path, {"a/b.txt": "longer", "c": "1"})
    again = import_store(source, tracker=tracker, catalog=None)
    assert (again.found.files, again.new.files) == (3, 2)
    assert tracker.artifacts(RUN).read("a/b.txt") == b"longer"


def test_files_can_be_left_where_they_are(tracker: Tracker, tmp_path: Path) -> None:
    """They may be large."""
    write(tmp_path, {"a": "1"})
    source = MemorySource(all_runs=[a_run(artifact_uri=str(tmp_path))])
    report = import_store(source, tracker=tracker, catalog=None, wanted=Wanted(files=False))
    assert (report.found.files, list(tracker.artifacts(RUN).walk())) == (0, [])


def test_files_that_cannot_come_are_named(tracker: Tracker, tmp_path: Path) -> None:
    """A link, a name that cannot be a file's here, and an address that cannot be read from here."""
    folder = write(tmp_path / "in", {"good": "1", ".mlff/x": "1"})
    (folder / "link").symlink_to(tmp_path)
    runs = [a_run(artifact_uri=str(folder)), a_run(OTHER, artifact_uri="nowhere:/x")]
    report = import_store(MemorySource(all_runs=runs), tracker=tracker, catalog=None)
    assert tracker.artifacts(RUN).read("good") == b"1"
    assert sum("'link'" in problem for problem in report.problems) == 1
    assert sum("nowhere:/x" in problem for problem in report.problems) == 1
    assert report.new.files + len(report.problems) - 1 == report.found.files


class _Leading(MemorySource):
    """A source whose files have names that lead out."""

    def files(self, uri: str) -> _Leading:
        """Return itself."""
        del uri
        return self

    def list(self) -> list[tuple[str, int]]:
        """Return two names that lead out, and one that does not."""
        return [("../../stolen", 1), ("/etc/stolen", 1), ("good", 1)]

    def fetch(self, path: str, folder: Path) -> Path:
        """Write a file."""
        assert path == "good", "nothing else may be fetched"
        (folder / path).write_text("1")
        return folder / path


def test_paths_that_lead_out_are_written_nowhere(tracker: Tracker) -> None:
    """They are named, and not even fetched."""
    source = _Leading(all_runs=[a_run(artifact_uri="x")])
    report = import_store(source, tracker=tracker, catalog=None)
    assert [blob.key.rpartition("/")[2] for blob in tracker.artifacts(RUN).walk()] == ["good"]
    assert len(report.problems) == 2


def test_only_wanted_experiments_come_over(tracker: Tracker) -> None:
    """One that is not there is refused before anything is written."""
    with pytest.raises(NotFound, match="wine"):
        import_store(
            MemorySource(), tracker=tracker, catalog=None, wanted=Wanted(experiments=frozenset({"x"}))
        )
    assert tracker.get_experiment_by_name("wine") is None
    import_store(
        MemorySource(), tracker=tracker, catalog=None, wanted=Wanted(experiments=frozenset({"wine"}))
    )
    assert tracker.get_experiment_by_name("wine") is not None


def test_an_experiment_of_the_same_name_is_gone_on_with(tracker: Tracker) -> None:
    """Names are unique on both sides; its tags are brought up to date."""
    mine = tracker.create_experiment("wine", tags={"team": "b", "own": "1"})
    source = MemorySource(experiment=an_experiment(tags={"team": "a"}))
    import_store(source, tracker=tracker, catalog=None)
    assert tracker.get_run(RUN).info.experiment_id == mine
    assert dict(tracker.get_experiment(mine).tags) == {"team": "a", "own": "1"}


def test_progress_is_told_run_by_run(tracker: Tracker) -> None:
    """Large stores take minutes."""
    told: list[tuple[str, int]] = []
    source = MemorySource(all_runs=[a_run(), a_run(OTHER)])
    import_store(source, tracker=tracker, catalog=None, progress=lambda *each: told.append(each))
    assert told == [("wine", 1), ("wine", 2)]


def test_what_a_source_could_not_read_is_in_the_report(tracker: Tracker) -> None:
    """Somebody has to be told."""
    source = MemorySource(problems=["Line 2 is damaged."])
    assert import_store(source, tracker=tracker, catalog=None).problems == ["Line 2 is damaged."]


def test_an_id_that_leads_elsewhere_is_left_out(tracker: Tracker) -> None:
    """A damaged or foreign store could otherwise name keys of ours."""
    report = import_store(MemorySource(all_runs=[a_run("../x"), a_run()]), tracker=tracker, catalog=None)
    assert (report.new.runs, len(report.problems)) == (1, 1)
    assert not [blob.key for blob in tracker.store.list("") if ".." in blob.key]
