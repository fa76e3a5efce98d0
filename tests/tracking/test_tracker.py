"""The tracker over a directory and over memory: what is logged is read, by this process and others."""

from __future__ import annotations

import logging
import math
import pickle
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import AlreadyExists, InvalidInput, InvalidState, NotFound, NotStored
from mlflowflow.ids import SequentialIds, derived
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.run import LifecycleStage, Metric, RunStatus
from mlflowflow.tracking.tracker import Tracker
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore


@pytest.fixture(params=["directory", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty store."""
    return str(tmp_path / "store") if request.param == "directory" else f"memory://{tmp_path.name}"


@pytest.fixture
def tracker(url: str) -> Iterator[Tracker]:
    """Open the store, flushing only when asked to."""
    with tracker_on(open_store(url)) as opened:
        yield opened


@pytest.fixture
def in_sight(url: str) -> bool:
    """Say whether others see records that are only in the spool: if it lies in the store itself."""
    return "://" not in url


@pytest.fixture
def other(url: str) -> Iterator[Tracker]:
    """Open the same store as somebody else."""
    with tracker_on(open_store(url)) as opened:
        yield opened


def tracker_on(store: BlobStore) -> Tracker:
    """Return a tracker without background work."""
    return Tracker(store, user="ann", flush_intervals=())


def new_run(tracker: Tracker) -> str:
    """Begin a run in the default experiment and return its id."""
    return tracker.create_run("0").info.run_id


def test_a_new_run_is_visible_to_others(tracker: Tracker, other: Tracker) -> None:
    """When create_run returns, any process finds the run by its id alone, with its beginning."""
    run = tracker.create_run("0", run_name="first", tags={"k": "v"}, start_time=5)
    found = other.get_run(run.info.run_id)
    assert found == run
    assert (found.info.run_name, found.info.user_id, found.info.start_time) == ("first", "ann", 5)
    assert found.info.status is RunStatus.RUNNING
    assert found.data.tags == {"mlflow.runName": "first", "mlflow.user": "ann", "k": "v"}


def test_one_reads_ones_own_writes_at_once(tracker: Tracker) -> None:
    """Nothing has to be flushed to be seen by the process that logged it."""
    run_id = new_run(tracker)
    tracker.log_metric(run_id, "loss", math.inf, step=1)
    tracker.log_batch(run_id, params={"lr": "0.1"}, tags={"t": "é"}, metrics=[point(2)])
    found = tracker.get_run(run_id).data
    assert (found.metrics, found.params) == ({"loss": math.inf, "m": 0.5}, {"lr": "0.1"})
    assert found.tags["t"] == "é"


def point(step: int, value: float = 0.5) -> Metric:
    """Return a point of the metric m."""
    return Metric(key="m", value=value, timestamp=0, step=step)


def test_others_see_it_after_a_flush(tracker: Tracker, other: Tracker, *, in_sight: bool) -> None:
    """A flush puts everything into the store; in a directory others need not wait for it."""
    run_id = new_run(tracker)
    tracker.log_metric(run_id, "loss", 0.25)
    assert other.get_run(run_id).data.metrics == ({"loss": 0.25} if in_sight else {})
    tracker.flush()
    assert other.get_run(run_id).data.metrics == {"loss": 0.25}


def test_the_end_of_a_run_is_stored_with_everything_before_it(tracker: Tracker, other: Tracker) -> None:
    """A terminal status is visible together with all that was logged."""
    run_id = new_run(tracker)
    tracker.log_metric(run_id, "loss", 0.25)
    tracker.end_run(run_id, RunStatus.FAILED, end_time=9)
    found = other.get_run(run_id)
    assert (found.info.status, found.info.end_time) == (RunStatus.FAILED, 9)
    assert found.data.metrics == {"loss": 0.25}


def test_history_has_every_point_once_in_order(tracker: Tracker, other: Tracker, *, in_sight: bool) -> None:
    """By step, then time, then as logged; stored and unstored points together."""
    run_id = new_run(tracker)
    tracker.log_batch(run_id, metrics=[point(3), point(1, 1.0)])
    tracker.flush()
    tracker.log_batch(run_id, metrics=[point(1, 2.0), point(2)])
    assert [(at.step, at.value) for at in tracker.metric_history(run_id, "m")] == [
        (1, 1.0),
        (1, 2.0),
        (2, 0.5),
        (3, 0.5),
    ]
    assert [at.step for at in other.metric_history(run_id, "m")] == ([1, 1, 2, 3] if in_sight else [1, 3])


def test_beginning_a_run_again_resumes_it(tracker: Tracker, other: Tracker) -> None:
    """A repeated step is the same run: its start, name and params stay, and it is running again."""
    run_id = derived("0" * 32, "step")
    tracker.create_run("0", run_id=run_id, run_name="step", start_time=5)
    tracker.log_batch(run_id, params={"lr": "0.1"})
    tracker.end_run(run_id, RunStatus.FAILED)
    again = other.create_run("0", run_id=run_id, run_name="other", start_time=7, tags={"attempt": "2"})
    assert (again.info.start_time, again.info.run_name, again.info.status) == (5, "step", RunStatus.RUNNING)
    assert (again.data.params, again.data.tags["attempt"]) == ({"lr": "0.1"}, "2")
    assert len(tracker.search_runs(["0"])) == 1


def test_a_run_belongs_to_one_experiment(tracker: Tracker) -> None:
    """The same id cannot begin in two experiments."""
    run_id = new_run(tracker)
    experiment_id = tracker.create_experiment("second")
    with pytest.raises(AlreadyExists, match="belongs to the experiment '0'"):
        tracker.create_run(experiment_id, run_id=run_id)


def test_a_param_keeps_its_first_value(tracker: Tracker, other: Tracker) -> None:
    """Another value is refused with both in words, here and in a process that resumes; the same is not."""
    run_id = new_run(tracker)
    tracker.log_batch(run_id, params={"lr": "0.1"})
    tracker.log_batch(run_id, params={"lr": "0.1"})
    with pytest.raises(InvalidState, match=r"'lr' of the run .* is '0.1' and cannot become '0.2'"):
        tracker.log_batch(run_id, params={"new": "1", "lr": "0.2"}, tags={"t": "1"})
    assert "new" not in tracker.get_run(run_id).data.params
    tracker.flush()
    with pytest.raises(InvalidState, match="cannot become"):
        other.log_batch(run_id, params={"lr": "0.3"})


def test_tags_change_and_go(tracker: Tracker) -> None:
    """The latest value counts; deleting one that is not there is an error."""
    run_id = new_run(tracker)
    tracker.log_batch(run_id, tags={"t": "1"})
    tracker.log_batch(run_id, tags={"t": "2"})
    assert tracker.get_run(run_id).data.tags["t"] == "2"
    tracker.delete_tag(run_id, "t")
    assert "t" not in tracker.get_run(run_id).data.tags
    with pytest.raises(NotFound, match="There is no tag 't'"):
        tracker.delete_tag(run_id, "t")


def test_unknown_runs_are_named_with_the_place(tracker: Tracker) -> None:
    """The error says what was looked for, where, and what to do; logging to nobody is refused too."""
    with pytest.raises(NotFound, match=r"There is no run 'nobody'.*set_tracking_uri"):
        tracker.get_run("nobody")
    with pytest.raises(NotFound, match="There is no run 'nobody'"):
        tracker.log_metric("nobody", "m", 1.0)


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", "x" * 300])
def test_impossible_ids_are_no_runs(tracker: Tracker, run_id: str) -> None:
    """No id leads out of its folder; asking for one finds nothing, beginning one is refused."""
    with pytest.raises(NotFound):
        tracker.get_run(run_id)
    with pytest.raises(InvalidInput):
        tracker.create_run("0", run_id=run_id)


def test_deleted_runs_are_shown_when_asked_for(tracker: Tracker, other: Tracker) -> None:
    """Deleting hides and restoring shows, for everybody."""
    run_id = new_run(tracker)
    tracker.delete_run(run_id)
    assert other.search_runs(["0"]) == []
    assert [run.info.run_id for run in other.search_runs(["0"], view="deleted")] == [run_id]
    tracker.restore_run(run_id)
    assert other.get_run(run_id).info.lifecycle_stage is LifecycleStage.ACTIVE


def test_search_filters_orders_and_limits(tracker: Tracker) -> None:
    """The filter language, the order and the limit all reach the runs."""
    for number in range(5):
        run = tracker.create_run("0", run_name=f"run {number}")
        tracker.log_metric(run.info.run_id, "m", float(number))
    found = tracker.search_runs(
        ["0"], filter_string="metrics.m >= 2", order_by=["metrics.m DESC"], max_results=2
    )
    assert [run.info.run_name for run in found] == ["run 4", "run 3"]


def test_children_are_found(tracker: Tracker) -> None:
    """A run's children are those begun with it as parent."""
    parent = new_run(tracker)
    child = tracker.create_run("0", parent_run_id=parent)
    new_run(tracker)
    assert tracker.children(parent) == [child]


def test_experiments_have_unique_names(tracker: Tracker, other: Tracker) -> None:
    """A name belongs to whoever came first, until it is given up by a rename."""
    experiment_id = tracker.create_experiment("mnist", tags={"team": "a"})
    with pytest.raises(AlreadyExists, match="'mnist' exists already"):
        other.create_experiment("mnist")
    assert other.ensure_experiment("mnist").experiment_id == experiment_id
    tracker.rename_experiment(experiment_id, "digits")
    assert other.get_experiment_by_name("mnist") is None
    found = other.get_experiment_by_name("digits")
    assert found is not None
    assert (found.experiment_id, found.name, found.tags) == (experiment_id, "digits", {"team": "a"})
    assert other.create_experiment("mnist") != experiment_id


def test_the_default_experiment_needs_no_creation(tracker: Tracker) -> None:
    """It is there, under its name, in every store."""
    assert tracker.get_experiment("0").name == "Default"
    assert tracker.ensure_experiment("Default").experiment_id == "0"
    assert [experiment.experiment_id for experiment in tracker.list_experiments()] == ["0"]


def test_deleted_experiments_take_no_runs(tracker: Tracker, other: Tracker) -> None:
    """They are hidden and closed until restored."""
    experiment_id = tracker.create_experiment("old")
    tracker.set_experiment_tag(experiment_id, "k", "v")
    tracker.delete_experiment(experiment_id)
    assert experiment_id not in [found.experiment_id for found in other.list_experiments()]
    assert [found.tags for found in other.list_experiments(view="deleted")] == [{"k": "v"}]
    with pytest.raises(InvalidState, match="restore it"):
        other.create_run(experiment_id)
    tracker.restore_experiment(experiment_id)
    assert other.create_run(experiment_id).info.experiment_id == experiment_id


def test_unknown_experiments_are_errors_except_in_searches(tracker: Tracker) -> None:
    """A run cannot begin in one; a search over one finds nothing."""
    with pytest.raises(NotFound, match="There is no experiment '77'"):
        tracker.create_run("77")
    assert tracker.search_runs(["77"]) == []


def test_artifacts_come_back(tracker: Tracker, other: Tracker, tmp_path: Path) -> None:
    """Bytes, files and folders are visible to others when the call returns."""
    run_id = new_run(tracker)
    (tmp_path / "plots" / "deep").mkdir(parents=True)
    (tmp_path / "plots" / "deep" / "a.txt").write_text("deep")
    (tmp_path / "model.bin").write_bytes(b"\0\1")
    tracker.artifacts(run_id).put_bytes(b"note", "notes/n.txt")
    tracker.artifacts(run_id).put_file(tmp_path / "model.bin", "m")
    tracker.artifacts(run_id).put_folder(tmp_path / "plots", "plots")
    assert [(found.path, found.is_dir) for found in other.artifacts(run_id).list()] == [
        ("m", True),
        ("notes", True),
        ("plots", True),
    ]
    assert other.artifacts(run_id).read("m/model.bin") == b"\0\1"
    folder = other.artifacts(run_id).download("plots", tmp_path / "out")
    assert (folder / "deep" / "a.txt").read_text() == "deep"


def test_without_a_store_logging_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An outage costs a warning at the end of the run; `flush` raises, and later nothing is missing."""
    store = SwitchedStore()
    tracker = Tracker(store, flush_intervals=(), spool_dir=tmp_path)
    run_id = new_run(tracker)
    store.away = True
    tracker.log_metric(run_id, "m", 1.0)
    with caplog.at_level(logging.WARNING):
        tracker.end_run(run_id)
    assert "not in the store yet" in caplog.text
    with pytest.raises(NotStored, match="2 records are kept on this machine"):
        tracker.flush()
    store.away = False
    tracker.close()
    assert Tracker(store, flush_intervals=()).get_run(run_id).data.metrics == {"m": 1.0}


def test_the_background_flush_makes_runs_visible(tmp_path: Path) -> None:
    """With the default settings nobody has to flush."""
    from mlflowflow.clock import SystemClock

    with Tracker(open_store(tmp_path), flush_intervals=(0.01,)) as tracker:
        run_id = new_run(tracker)
        tracker.log_metric(run_id, "m", 1.0)
        other = tracker_on(open_store(tmp_path))
        for _ in range(1000):
            if other.get_run(run_id).data.metrics:
                break
            SystemClock().sleep(0.01)
        assert other.get_run(run_id).data.metrics == {"m": 1.0}


@pytest.mark.parametrize(
    ("durability", "far"),
    [("memory", "queued"), ("process", "spooled"), ("disk", "synced"), ("store", "stored")],
)
def test_every_durability_is_kept_and_told(tmp_path: Path, durability: str, far: str) -> None:
    """When the call returns the record has come as far as was promised, and is stored at the end."""
    tracker = Tracker(open_store(tmp_path), durability=durability, flush_intervals=())
    run_id = new_run(tracker)
    before = tracker.durability()
    tracker.log_metric(run_id, "m", 1.0)
    now = tracker.durability()
    gained = {
        name
        for name in ("queued", "spooled", "synced", "stored")
        if getattr(now, name) > getattr(before, name)
    }
    assert (now.level, gained) == (durability, {far})
    tracker.close()
    assert tracker.durability().stored == before.stored + 1


def test_a_closed_tracker_opens_again_when_used(tracker: Tracker, other: Tracker) -> None:
    """A record after `close` is not lost."""
    run_id = new_run(tracker)
    tracker.close()
    tracker.log_metric(run_id, "m", 1.0)
    tracker.close()
    assert other.get_run(run_id).data.metrics == {"m": 1.0}


def test_many_short_runs_are_compacted_by_the_way(tmp_path: Path) -> None:
    """Segments do not pile up for ever though nobody runs a compactor."""
    store = open_store(tmp_path)
    for _ in range(2):
        with Tracker(store, flush_intervals=(), compact_at=10) as tracker:
            for number in range(8):
                tracker.log_metric(tracker.create_run("0").info.run_id, "m", float(number))
            assert len(tracker.search_runs(["0"])) in {8, 16}
    assert any(blob.key.startswith("exp/0/log/") for blob in store.list("exp/0/"))
    found = tracker_on(store).search_runs(["0"], filter_string="metrics.m = 3")
    assert len(found) == 2


def test_ids_and_times_come_from_the_given_sources() -> None:
    """With a clock and ids of its own, a tracker does the same thing twice."""
    runs = [
        Tracker(SwitchedStore(), clock=ManualClock(), ids=SequentialIds(), flush_intervals=()).create_run("0")
        for _ in range(2)
    ]
    assert runs[0].info.run_id == runs[1].info.run_id
    assert runs[0].info.start_time == runs[1].info.start_time


def test_what_is_no_number_is_refused(tracker: Tracker) -> None:
    """The error names the metric and nothing is logged."""
    run_id = new_run(tracker)
    with pytest.raises(InvalidInput, match="'m' cannot be logged"):
        tracker.log_metric(run_id, "m", "high")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - the point of the test
    assert tracker.get_run(run_id).data.metrics == {}


def test_a_pickled_tracker_writes_a_stream_of_its_own(tmp_path: Path) -> None:
    """Sent to a worker it opens the same store, with the same user, and no credentials travel."""
    tracker = Tracker(open_store(tmp_path), user="ann", flush_intervals=())
    run_id = new_run(tracker)
    with pickle.loads(pickle.dumps(tracker)) as other:
        other.log_metric(run_id, "m", 1.0)
        assert other.uri == tracker.uri
        assert other.create_run("0").info.user_id == "ann"
    assert tracker.get_run(run_id).data.metrics == {"m": 1.0}


def test_an_unknown_view_is_refused(tracker: Tracker) -> None:
    """The error lists the views there are."""
    with pytest.raises(InvalidInput, match="expected one of active, deleted, all"):
        tracker.search_runs(["0"], view="gone")
