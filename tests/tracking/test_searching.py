"""Searches over several experiments, datasets and pages, folded or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock, SystemClock
from mlflowflow.errors import InvalidFilter, InvalidInput
from mlflowflow.ids import RandomIds, SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    DatasetSummary,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    MetricRange,
    Run,
)
from mlflowflow.tracking.searching import matching_ids
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTEXT = "mlflow.data.context"


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """A tracker over a store in memory."""
    with Tracker(MemoryBlobStore(), clock=ManualClock(), ids=SequentialIds(), user="ada") as tracker:
        yield tracker


def used(name: str, context: str | None = None) -> DatasetInput:
    """Return a dataset as an input."""
    tags = () if context is None else (InputTag(_CONTEXT, context),)
    return DatasetInput(Dataset(name, f"{name}-1", "local", "{}"), tags)


def run(tracker: Tracker, *values: float, datasets: tuple[DatasetInput, ...] = ()) -> str:
    """Log a run that has these values of acc, step by step, and these inputs."""
    run_id = tracker.create_run("0").info.run_id
    tracker.log_batch(run_id, metrics=[Metric("acc", value, step, step) for step, value in enumerate(values)])
    if datasets:
        tracker.log_inputs(run_id, datasets=datasets)
    return run_id


def fold(tracker: Tracker) -> None:
    """Fold everything into parts."""
    tracker.flush()
    compact(tracker.store, "0", clock=SystemClock(), ids=RandomIds())


def ids(found: list[Run]) -> set[str]:
    """Return the ids of runs."""
    return {each.info.run_id for each in found}


@pytest.mark.parametrize("folds", [0, 1, 2])
def test_searches_know_datasets_and_ranges_wherever_the_runs_are(tracker: Tracker, folds: int) -> None:
    """In parts, in segments and in both the same runs are found."""
    first = run(tracker, 0.1, 0.9, 0.5, datasets=(used("wine", "train"), used("beer", "test")))
    if folds == 2:
        fold(tracker)
    second = run(tracker, 0.4, datasets=(used("beer"),))
    tracker.log_metric(first, "acc", 0.3, step=3)
    third = run(tracker)
    if folds:
        fold(tracker)
    expected = {
        "dataset.name = 'wine'": {first},
        "dataset.name != 'wine'": {first, second},
        "NOT dataset.name = 'wine'": {second},
        "datasets.digest LIKE 'b%'": {first, second},
        "dataset.context IN ('test', 'eval')": {first},
        "dataset.context IS NULL": {second, third},
        "dataset.name IS NULL": {third},
        "max(metrics.acc) > 0.8": {first},
        "min(metrics.acc) <= 0.1": {first},
        "last(metrics.acc) < 0.35": {first},
        "min(metrics.acc) > 0.2": {second},
        "max(metrics.acc) IS NULL": {third},
    }
    assert {text: ids(tracker.search_runs(["0"], filter_string=text)) for text in expected} == expected
    in_order = tracker.search_runs(["0"], order_by=["max(metrics.acc) DESC"])
    assert [each.info.run_id for each in in_order] == [first, second, third]
    found = tracker.search_runs(["0"], filter_string="dataset.name = 'wine'")[0]
    assert found == tracker.get_run(first)
    assert dict(found.data.metric_ranges) == {"acc": MetricRange(0.1, 0.9)}
    assert [each.dataset.name for each in found.inputs.dataset_inputs] == ["wine", "beer"]


def test_what_a_run_made_and_used_is_shown(tracker: Tracker) -> None:
    """Models too, each once, also after being folded."""
    run_id = run(tracker)
    for _ in range(2):
        tracker.log_inputs(run_id, models=[LoggedModelInput("m-1")])
        tracker.log_outputs(run_id, [LoggedModelOutput("m-2", 7)])
    for _ in range(2):
        found = tracker.get_run(run_id)
        assert found.inputs.model_inputs == (LoggedModelInput("m-1"),)
        assert found.outputs.model_outputs == (LoggedModelOutput("m-2", 7),)
        fold(tracker)


def test_linked_points_keep_their_links(tracker: Tracker) -> None:
    """In histories, from the spool, segments and parts, beside points without links."""
    run_id = run(tracker, 0.5)
    model_id = tracker.logged_models.create("0").model_id
    linked = Metric("acc", 0.7, 5, 5, model_id, "wine", "wine-1")
    tracker.log_batch(run_id, metrics=[linked])
    expected = [Metric("acc", 0.5, 0, 0), linked]
    assert tracker.metric_history(run_id, "acc") == expected
    fold(tracker)
    assert tracker.metric_history(run_id, "acc") == expected
    tracker.log_metric(run_id, "acc", 0.8, step=6, timestamp=6)
    fold(tracker)
    assert tracker.metric_history(run_id, "acc") == [*expected, Metric("acc", 0.8, 6, 6)]


def test_best_is_what_the_experiment_declares(tracker: Tracker) -> None:
    """Its tag says which end counts."""
    low, high = run(tracker, 0.9, 0.1), run(tracker, 0.5, 0.6)
    with pytest.raises(InvalidFilter, match="does not say"):
        tracker.search_runs(["0"], order_by=["best(metrics.acc)"])
    tracker.set_experiment_tag("0", "mlff.goal.acc", "maximize")
    found = tracker.search_runs(["0"], order_by=["best(metrics.acc) DESC"])
    assert [each.info.run_id for each in found] == [low, high]
    assert ids(tracker.search_runs(["0"], filter_string="best(metrics.acc) < 0.7")) == {high}


def test_pages_are_the_whole_in_pieces(tracker: Tracker) -> None:
    """Each run once, in order; the last page has no token, and a token fits its own question only."""
    for _ in range(5):
        run(tracker, 0.5)
    whole = tracker.search_runs(["0"])
    pages: list[Run] = []
    token: str | None = None
    sizes: list[int] = []
    while True:
        page = tracker.search_runs(["0"], max_results=2, page_token=token)
        pages, token, sizes = [*pages, *page], page.token, [*sizes, len(page)]
        if token is None:
            break
        with pytest.raises(InvalidInput, match="another question"):
            tracker.search_runs(["0"], filter_string="metrics.acc > 0", page_token=token)
    assert (pages, sizes, whole.token) == (whole, [2, 2, 1], None)


def test_a_negative_number_of_results_is_refused(tracker: Tracker) -> None:
    """Slices would take it for something else."""
    with pytest.raises(InvalidInput, match="max_results"):
        tracker.search_runs(["0"], max_results=-1)


def test_datasets_are_summed_up(tracker: Tracker) -> None:
    """Each once for each context, whoever used it, folded or not."""
    run(tracker, datasets=(used("wine", "train"), used("beer")))
    fold(tracker)
    run(tracker, datasets=(used("wine", "train"), used("wine", "test")))
    assert tracker.search_datasets(["0", "unknown"]) == [
        DatasetSummary("0", "beer", "beer-1", None),
        DatasetSummary("0", "wine", "wine-1", "test"),
        DatasetSummary("0", "wine", "wine-1", "train"),
    ]


def test_matching_ids_are_those_of_the_search(tracker: Tracker) -> None:
    """Folded, said anew, or in no part yet; without a limit, and deleted ones only for those who ask."""
    ids = [run(tracker, value) for value in (0.1, 0.2, 0.3)]
    fold(tracker)
    ids.append(run(tracker, 0.4))
    tracker.delete_run(ids[1])
    for text, view in (("metrics.acc > 0.15", "active"), ("metrics.acc > 0.15", "deleted"), ("", "all")):
        found = matching_ids(
            tracker.reader,
            ["0", "0"],
            filter_string=text,
            view=view,
            tags_of=lambda each: tracker.get_experiment(each).tags,
        )
        searched = tracker.search_runs(["0"], filter_string=text, view=view)
        assert sorted(found) == sorted(each.info.run_id for each in searched)
        assert found
