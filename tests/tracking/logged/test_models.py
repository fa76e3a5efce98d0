"""Logged models: rows beside the runs of their experiment."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.clock import ManualClock, SystemClock
from mlflowflow.errors import InvalidFilter, InvalidInput, InvalidState, NotFound
from mlflowflow.ids import RandomIds, SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.layout import models_shard
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

_READY = LoggedModelStatus.READY


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock()


@pytest.fixture
def tracker(clock: ManualClock) -> Iterator[Tracker]:
    """A tracker over a store in memory."""
    with Tracker(MemoryBlobStore(), clock=clock, ids=SequentialIds(), user="ada") as tracker:
        yield tracker


def fold(tracker: Tracker) -> None:
    """Fold the models of the default experiment into parts."""
    tracker.flush()
    compact(tracker.store, models_shard("0"), clock=SystemClock(), ids=RandomIds())


def names(tracker: Tracker, filter_string: str = "", **search: Any) -> list[str]:
    """Return the names of the models that a search finds, in order."""
    return [each.name for each in tracker.logged_models.search(["0"], filter_string=filter_string, **search)]


def test_a_model_is_begun_and_ended(tracker: Tracker, clock: ManualClock) -> None:
    """It is pending, then ready, and keeps what was said of it, folded or not."""
    began = tracker.logged_models.create(
        "0", name="wine", source_run_id="r", tags={"team": "a"}, params={"depth": "3"}, model_type="tree"
    )
    assert (began.status, began.experiment_id, began.model_id[:2]) == (LoggedModelStatus.PENDING, "0", "m-")
    assert len(began.model_id) == 34
    assert began.artifact_location.endswith(f"/artifacts/0/models/{began.model_id}/artifacts")
    clock.advance(5)
    ended = tracker.logged_models.finalize(began.model_id, "READY")
    assert (ended.status, ended.name, ended.source_run_id, ended.model_type) == (_READY, "wine", "r", "tree")
    assert (ended.tags, ended.params, ended.metrics) == ({"team": "a"}, {"depth": "3"}, [])
    assert ended.last_updated_timestamp - ended.creation_timestamp == 5000
    fold(tracker)
    assert tracker.logged_models.get(began.model_id) == ended


def test_models_are_no_runs(tracker: Tracker) -> None:
    """Neither searches of runs nor the list of experiments show them, and a run is no model."""
    tracker.logged_models.create("0", name="wine")
    run_id = tracker.create_run("0").info.run_id
    assert [each.info.run_id for each in tracker.search_runs(["0"])] == [run_id]
    assert [each.experiment_id for each in tracker.list_experiments()] == ["0"]
    for unknown in (run_id, "m-unknown", "m-../../x"):
        with pytest.raises(NotFound, match="logged model"):
            tracker.logged_models.get(unknown)


@pytest.mark.parametrize("name", ["", " ", "a/b", "a:b", "a.b", "a%b", 'a"b', "a'b", 7])
def test_names_that_cannot_be_used_change_nothing(tracker: Tracker, name: Any) -> None:
    """They would be taken for something else in an address."""
    with pytest.raises(InvalidInput, match="name"):
        tracker.logged_models.create("0", name=name)
    assert names(tracker) == []


def test_a_model_without_a_name_is_given_one(tracker: Tracker) -> None:
    """One that it could have been given by hand."""
    name = tracker.logged_models.create("0").name
    assert tracker.logged_models.create("0", name=name).name == name


def test_unknown_and_deleted_experiments_take_no_models(tracker: Tracker) -> None:
    """As with runs."""
    with pytest.raises(NotFound):
        tracker.logged_models.create("7", name="wine")
    tracker.delete_experiment("0")
    with pytest.raises(InvalidState):
        tracker.logged_models.create("0", name="wine")


def test_a_deleted_model_is_shown_on_demand_only(tracker: Tracker) -> None:
    """Nothing is removed, and nothing can be said of it any more."""
    model_id = tracker.logged_models.create("0", name="wine").model_id
    tracker.logged_models.delete(model_id)
    assert tracker.logged_models.get(model_id, allow_deleted=True).name == "wine"
    assert names(tracker) == []
    for attempt in (
        lambda: tracker.logged_models.get(model_id),
        lambda: tracker.logged_models.finalize(model_id, _READY),
        lambda: tracker.logged_models.set_tags(model_id, {"a": "b"}),
        lambda: tracker.logged_models.delete(model_id),
    ):
        with pytest.raises(NotFound, match="deleted"):
            attempt()


def test_tags_and_params_follow_the_rules_of_runs(tracker: Tracker) -> None:
    """Tags change and go; params are written once; the library's own tags are nobody's."""
    models = tracker.logged_models
    model_id = models.create("0", name="wine", params={"depth": "3"}).model_id
    models.set_tags(model_id, {"a": "1", "b": "2"})
    models.delete_tag(model_id, "a")
    models.log_params(model_id, {"depth": "3", "lr": "0.1"})
    found = models.get(model_id)
    assert (found.tags, found.params) == ({"b": "2"}, {"depth": "3", "lr": "0.1"})
    with pytest.raises(NotFound, match="tag"):
        models.delete_tag(model_id, "a")
    with pytest.raises(InvalidState, match="cannot become"):
        models.log_params(model_id, {"lr": "0.2"})
    with pytest.raises(InvalidInput, match="own"):
        models.set_tags(model_id, {"mlff.model.name": "beer"})
    with pytest.raises(InvalidInput, match="READY or FAILED"):
        models.finalize(model_id, "PENDING")
    assert models.get(model_id) == found


def test_points_of_runs_that_are_linked_appear_in_the_model(tracker: Tracker) -> None:
    """The latest of each metric on each dataset, with the run that measured it, folded or not."""
    model_id = tracker.logged_models.create("0", name="wine").model_id
    run_id = tracker.create_run("0").info.run_id
    points = [
        Metric("acc", 0.5, 1, 1, model_id),
        Metric("acc", 0.6, 2, 2, model_id, "train", "d1"),
        Metric("acc", 0.7, 3, 3, model_id, "train", "d1"),
        Metric("acc", 0.4, 3, 3, model_id, "test", "d2"),
        Metric("loss", 9.0, 3, 3),
    ]
    tracker.log_batch(run_id, metrics=points)
    for _ in range(2):
        found = tracker.logged_models.get(model_id).metrics or []
        assert {(each.dataset_name, each.value) for each in found} == {
            (None, 0.5),
            ("train", 0.7),
            ("test", 0.4),
        }
        assert {(each.key, each.run_id, each.model_id) for each in found} == {("acc", run_id, model_id)}
        fold(tracker)
    assert tracker.get_run(run_id).data.metrics == {"acc": 0.7, "loss": 9.0}


def test_a_link_to_an_unknown_model_logs_nothing(tracker: Tracker) -> None:
    """All or nothing holds for the run."""
    run_id = tracker.create_run("0").info.run_id
    with pytest.raises(NotFound, match="logged model"):
        tracker.log_batch(run_id, metrics=[Metric("acc", 0.5, 1, 1, "m-unknown")], tags={"a": "b"})
    assert (tracker.get_run(run_id).data.metrics, "a" in tracker.get_run(run_id).data.tags) == ({}, False)


@pytest.mark.parametrize("folds", [False, True])
def test_searches_speak_of_models(tracker: Tracker, clock: ManualClock, *, folds: bool) -> None:
    """Names, statuses, params and metrics on datasets, in any order."""
    models = tracker.logged_models
    ids: dict[str, str] = {}
    for name, train, test in [("wine", 0.9, 0.3), ("beer", 0.8, 0.7)]:
        ids[name] = models.create("0", name=name, source_run_id=f"run of {name}").model_id
        run_id = tracker.create_run("0").info.run_id
        points = [
            Metric("acc", train, 1, 1, ids[name], "train", "d1"),
            Metric("acc", test, 2, 2, ids[name], "test", "d2"),
        ]
        tracker.log_batch(run_id, metrics=points)
        clock.advance(1)
    models.create("0", name="bare", model_type="none")
    models.finalize(ids["wine"], "READY")
    models.finalize(ids["beer"], "FAILED")
    if folds:
        fold(tracker)
    assert names(tracker) == ["bare", "beer", "wine"]
    expected = {
        "name = 'wine'": ["wine"],
        "attributes.status = 'READY'": ["wine"],
        "status != 'READY'": ["bare", "beer"],
        "status LIKE '%E%'": ["bare", "beer", "wine"],
        "status IN ('PENDING', 'FAILED')": ["bare", "beer"],
        "status = 'FINISHED'": [],
        "model_type = 'none'": ["bare"],
        "source_run_id LIKE 'run of b%'": ["beer"],
        f"model_id = '{ids['beer']}'": ["beer"],
        "metrics.acc > 0.5": ["beer"],
        "creation_timestamp > 0 AND last_updated_timestamp > 0": ["bare", "beer", "wine"],
    }
    assert {text: names(tracker, text) for text in expected} == expected
    trained = [{"dataset_name": "train", "dataset_digest": "d1"}]
    either = [{"dataset_name": "train"}, {"dataset_name": "test"}]
    other = [{"dataset_name": "train", "dataset_digest": "d2"}]
    assert names(tracker, "metrics.acc > 0.85", datasets=trained) == ["wine"]
    assert names(tracker, "metrics.acc > 0.65", datasets=either) == ["beer", "wine"]
    assert names(tracker, "metrics.acc > 0", datasets=other) == []
    assert (names(tracker, datasets=trained), names(tracker, datasets=other)) == (["beer", "wine"], [])
    by_acc = {"field_name": "metrics.acc", "ascending": True}
    assert names(tracker, order_by=[by_acc]) == ["wine", "beer", "bare"]
    assert names(tracker, order_by=[{**by_acc, "dataset_name": "train"}]) == ["beer", "wine", "bare"]
    assert names(tracker, order_by=[{"field_name": "name", "ascending": False}]) == ["wine", "beer", "bare"]


def test_searches_come_in_pages(tracker: Tracker, clock: ManualClock) -> None:
    """A token fits its own question only."""
    for name in ("a", "b", "c"):
        tracker.logged_models.create("0", name=name)
        clock.advance(1)
    first = tracker.logged_models.search(["0"], max_results=2)
    rest = tracker.logged_models.search(["0"], max_results=2, page_token=first.token)
    assert ([each.name for each in [*first, *rest]], rest.token) == (["c", "b", "a"], None)
    with pytest.raises(InvalidInput, match="another question"):
        tracker.logged_models.search(["0"], filter_string="name = 'a'", page_token=first.token)


@pytest.mark.parametrize(
    "search",
    [
        {"filter_string": "size > 1"},
        {"filter_string": "dataset.name = 'x'"},
        {"datasets": [{"dataset_digest": "d"}]},
        {"order_by": [{"ascending": True}]},
        {"order_by": [{"field_name": "size"}]},
        {"order_by": [{"field_name": "name", "dataset_name": "d"}]},
        {"order_by": [{"field_name": "metrics.a", "dataset_digest": "d"}]},
        {"max_results": 0},
    ],
)
def test_mistakes_in_searches_are_refused(tracker: Tracker, search: dict[str, Any]) -> None:
    """Each by a sentence, none by an empty answer."""
    with pytest.raises((InvalidFilter, InvalidInput)):
        tracker.logged_models.search(["0"], **search)


def test_models_are_there_after_a_pickle(tracker: Tracker) -> None:
    """A worker that unpickles the tracker has them too."""
    assert pickle.loads(pickle.dumps(tracker)).logged_models is not None
