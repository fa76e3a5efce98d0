"""All that is in one store comes into another, once, and the source stays as it was."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, NotFound, OutcomeUnknown, StoreUnavailable
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.chores import compact_all, shard_ids
from mlflowflow.maintenance.merge import How, Merge, merge
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import Fault, FaultyBlobStore, UnconditionalBlobStore
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import Metric, RunStatus
from tests.formats.telling import told
from tests.maintenance.stores import EXPERIMENT, Hand, copied, found, keys, objects, points


def merged(source: Any, target: Any, **given: Any) -> Merge:
    """Merge with time and ids of a test."""
    ids = SequentialIds(start_ms=1_800_000_000_000)
    return merge(source, target, clock=ManualClock(start_us=1_800_000_000_000_000), ids=ids, **given)


class Tokens(SequentialIds):
    """Ids whose tokens, the names of writers, are nobody else's either."""

    def __init__(self, start_ms: int) -> None:
        """Count from `start_ms`."""
        super().__init__(start_ms=start_ms)
        self._mark = start_ms % 10**6

    def token(self) -> str:
        """Return the next token."""
        return f"{self._mark:06x}{super().token()[6:]}"


def own_hand(day: int) -> Hand:
    """Return somebody with a store of their own."""
    start_ms = 1_700_000_000_000 + day * 86_400_000 + day
    store = MemoryBlobStore()
    return Hand(store=store, clock=ManualClock(start_us=start_ms * 1000), ids=Tokens(start_ms))


def log(hand: Hand, experiment: str, run_name: str, values: list[float]) -> str:
    """Log a run of one metric in an experiment given by name, and return its id."""
    with hand.tracker() as tracker:
        home = tracker.ensure_experiment(experiment).experiment_id
        run = tracker.create_run(home, run_name=run_name).info.run_id
        for step, value in enumerate(values):
            tracker.log_metric(run, "loss", value, step=step)
        tracker.end_run(run)
    return run


def names(store: Any, experiment: str) -> Counter[str]:
    """Return how often each run name occurs in an experiment given by name."""
    with Hand(store=store).tracker() as tracker:
        home = tracker.get_experiment_by_name(experiment)
        assert home is not None
        return Counter(run.info.run_name for run in tracker.search_runs([home.experiment_id], view="all"))


def test_a_merge_into_nothing_is_the_same_store(store: MemoryBlobStore) -> None:
    """Everything that can be read in the source can be read in the target, bit for bit."""
    target = MemoryBlobStore()
    done = merged(store, target)
    said, expected = told(target.url), told(store.url)
    for each in (said, expected):  # the default experiment is as old as its store
        each["experiments"][0].pop("created")
    assert said == expected
    assert (done.is_complete, found(target)) == (True, [])


def test_the_source_is_never_changed(store: MemoryBlobStore) -> None:
    """Not one byte of it, whatever reading it would like to finish or to probe."""
    store.delete(f"exp/{EXPERIMENT}/exp.json")  # an unfinished creation
    before = objects(store)
    merged(store, MemoryBlobStore())
    assert objects(store) == before


def test_a_merge_that_is_repeated_changes_nothing(store: MemoryBlobStore) -> None:
    """Nothing is copied a second time, and every object stays as it is."""
    target = MemoryBlobStore()
    merged(store, target)
    before = objects(target)
    again = merged(store, target)
    assert objects(target) == before
    assert (again.objects, again.is_complete) == (0, True)


def test_a_dry_run_tells_the_same_and_writes_nothing(store: MemoryBlobStore) -> None:
    """What it counts is what the merge then does."""
    target = MemoryBlobStore()
    told_before = merged(store, target, dry_run=True)
    assert keys(target) == []
    done = merged(store, target)
    assert [(each.name, each.runs, each.points, each.parts, each.segments) for each in done.experiments] == [
        (each.name, each.runs, each.points, each.parts, each.segments) for each in told_before.experiments
    ]
    assert told_before.models == done.models


def test_what_was_logged_to_the_source_meanwhile_comes_with_the_next_merge() -> None:
    """New segments, segments that were folded since, and new runs: each point once."""
    here = own_hand(1)
    target = MemoryBlobStore()
    log(here, "digits", "first", [1.0, 2.0])
    merged(here.store, target)
    log(here, "digits", "second", [3.0])
    with here.tracker() as tracker:
        home = tracker.ensure_experiment("digits").experiment_id
    here.compact(home)
    log(here, "digits", "third", [4.0, 4.0])
    done = merged(here.store, target)
    assert done.is_complete
    assert sorted(points(target, home)) == sorted(points(here.store, home))
    Hand(store=target, clock=here.clock, ids=here.ids).compact(home)
    assert sorted(points(target, home)) == sorted(points(here.store, home))
    assert merged(here.store, target).objects == 0


def test_points_that_both_have_folded_are_not_doubled() -> None:
    """A part of the source holds points that came over before; only the others are added."""
    here = own_hand(1)
    target = MemoryBlobStore()
    log(here, "digits", "first", [1.0, float("nan"), -0.0])
    with here.tracker() as tracker:
        home = tracker.ensure_experiment("digits").experiment_id
    here.compact(home)
    merged(here.store, target)
    there = Hand(store=target, clock=here.clock, ids=here.ids)
    with here.tracker() as tracker:
        run = tracker.search_runs([home])[0].info.run_id
        tracker.log_batch(run, metrics=[Metric(key="loss", value=0.0, timestamp=1, step=9)])
        merged(here.store, target)
        there.compact(home)
        tracker.log_batch(run, metrics=[Metric(key="loss", value=0.0, timestamp=1, step=9)])
        tracker.flush()
        here.compact(home)
        done = merged(here.store, target)
    assert done.is_complete
    assert sorted(points(target, home)) == sorted(points(here.store, home))


def test_an_experiment_of_the_same_name_is_joined() -> None:
    """People on two machines mean the same experiment by its name; its runs come together in one."""
    here, there = own_hand(1), own_hand(2)
    log(here, "digits", "mine", [1.0])
    log(there, "digits", "theirs", [2.0])
    with here.tracker() as tracker:
        mine = tracker.ensure_experiment("digits").experiment_id
        run = tracker.search_runs([mine])[0].info.run_id
        tracker.artifacts(run).put_bytes(b"plot", "plots/loss.svg")
        tracker.set_experiment_tag(mine, "team", "vision")
        tracker.delete_experiment(mine)
    done = merged(here.store, there.store)
    (digits,) = [each for each in done.experiments if each.name == "digits"]
    assert (digits.how, digits.runs, done.is_complete) == (How.JOINED, 1, True)
    assert names(there.store, "digits") == {"mine": 1, "theirs": 1}
    with there.tracker() as tracker:
        moved = tracker.get_run(run)
        assert moved.info.experiment_id == digits.target_id
        assert tracker.artifacts(run).read("plots/loss.svg") == b"plot"
        assert tracker.get_experiment(digits.target_id).lifecycle_stage == "active"
    assert found(there.store) == []
    before = objects(there.store)
    merged(here.store, there.store)
    assert objects(there.store) == before


def test_both_default_experiments_become_one() -> None:
    """Every store has the experiment 0; the runs of both are in it afterwards, folded or not."""
    here, there = own_hand(1), own_hand(2)
    for hand, name in ((here, "mine"), (there, "theirs")):
        log(hand, "Default", f"{name}, folded", [1.0])
        hand.compact("0")
        log(hand, "Default", name, [2.0])
    expected = sorted([*points(here.store, "0"), *points(there.store, "0")])
    assert merged(here.store, there.store).is_complete
    assert names(there.store, "Default") == Counter(
        {"mine": 1, "mine, folded": 1, "theirs": 1, "theirs, folded": 1}
    )
    assert sorted(points(there.store, "0")) == expected
    there.compact("0")
    assert sorted(points(there.store, "0")) == expected


def test_a_run_that_goes_on_in_the_target_keeps_what_happened_there() -> None:
    """A second merge joins the run's states; the later word wins, as everywhere."""
    here = own_hand(1)
    target = MemoryBlobStore()
    run = log(here, "digits", "first", [1.0])
    merged(here.store, target)
    there = Hand(store=target, clock=here.clock, ids=Tokens(1_900_000_000_001))
    with there.tracker() as tracker:
        tracker.log_batch(run, tags={"where": "there"}, params={"C": "1"})
        tracker.end_run(run, RunStatus.FAILED)
    home = next(each for each in merged(here.store, target).experiments if each.name == "digits").target_id
    there.compact(home)
    with here.tracker() as tracker:
        tracker.log_metric(run, "loss", 0.25, step=7)
    here.compact(home)
    merged(here.store, target)
    with there.tracker() as tracker:
        found_run = tracker.get_run(run)
        assert (found_run.info.status, dict(found_run.data.params)) == (RunStatus.FAILED, {"C": "1"})
        assert found_run.data.tags["where"] == "there"
        assert dict(found_run.data.metrics) == {"loss": 0.25}


def test_a_model_that_went_on_in_the_source_goes_on_in_the_target(store: MemoryBlobStore) -> None:
    """If the one chain of decisions is the beginning of the other, the rest is appended."""
    from mlflowflow.registry.catalog import Catalog

    target = MemoryBlobStore()
    merged(store, target)
    Catalog(store).set_alias("digits model", "challenger", 2)
    done = merged(store, target)
    assert {each.name: each.decisions for each in done.models} == {"digits model": 1, "empty": 0}
    assert Catalog(target).get_version_by_alias("digits model", "challenger").version == 2


def test_a_model_that_was_decided_about_in_both_is_refused(store: MemoryBlobStore) -> None:
    """Two chains cannot become one; the target's stays as it is, and everything else comes over."""
    from mlflowflow.registry.catalog import Catalog

    target = copied(store)
    Catalog(store).set_alias("digits model", "challenger", 2)
    Catalog(target).set_alias("digits model", "challenger", 1)
    done = merged(store, target)
    refused = {each.name: each.refused for each in done.models if each.refused}
    assert list(refused) == ["digits model"]
    assert "decision 13 is another one in each store" in refused["digits model"]
    assert Catalog(target).get_version_by_alias("digits model", "challenger").version == 1
    assert not done.is_complete


def test_a_run_that_belongs_elsewhere_in_the_target_is_refused(store: MemoryBlobStore) -> None:
    """One id cannot stand for two runs; the whole experiment is left out, the others come."""
    target = MemoryBlobStore()
    there = Hand(store=target)
    with Hand(store=store).tracker() as tracker:
        run = tracker.search_runs([EXPERIMENT])[0].info.run_id
    with there.tracker() as tracker:
        tracker.create_run("0", run_id=run)
    done = merged(store, target)
    (refused,) = [each for each in done.experiments if each.refused]
    assert refused.refused == f"run '{run}' is in experiment '0' of the target"
    assert keys(target, f"exp/{EXPERIMENT}/") == []
    assert not done.is_complete


def test_an_artifact_that_differs_is_kept_and_named(store: MemoryBlobStore) -> None:
    """Nothing in the target is replaced."""
    target = MemoryBlobStore()
    merged(store, target)
    (plot,) = [key for key in keys(target, "artifacts/") if key.endswith("loss.svg")]
    target.put(plot, b"something else")
    assert merged(store, target).kept == (plot,)
    assert target.get(plot) == b"something else"


def test_a_target_without_conditional_writes_takes_the_runs_only(store: MemoryBlobStore) -> None:
    """Models need decisions that nobody overwrites; that they stayed behind is said."""
    target = UnconditionalBlobStore()
    done = merged(store, target)
    assert done.models == ()
    assert "ignores conditional writes" in done.warnings[0]
    assert not done.is_complete
    assert keys(target, "registry/") == []
    assert merged(store, target, dry_run=True).warnings == done.warnings


def test_a_target_without_conditional_writes_is_enough_for_runs() -> None:
    """There are no models and no events that could stay behind."""
    here = own_hand(1)
    log(here, "digits", "first", [1.0])
    done = merged(here.store, UnconditionalBlobStore())
    assert (done.is_complete, done.warnings) == (True, ())


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.LOST_ANSWER])
def test_an_interrupted_merge_is_finished_by_repeating_it(fault: Fault) -> None:
    """Wherever it breaks off, the next merge brings the rest, each record once."""
    here = own_hand(1)
    log(here, "digits", "folded", [1.0, 2.0])
    with here.tracker() as tracker:
        home = tracker.ensure_experiment("digits").experiment_id
    here.compact(home)
    log(here, "digits", "hot", [3.0])
    expected = sorted(points(here.store, home))
    number = 1
    while True:
        target = FaultyBlobStore(MemoryBlobStore(), {number: fault})
        with suppress(StoreUnavailable, OutcomeUnknown):
            merged(here.store, target)
        assert merged(here.store, target.inner).is_complete
        assert sorted(points(target.inner, home)) == expected
        assert found(target.inner) == []
        if len(target.calls) < number:
            break
        number += 3  # every third call, to be done in seconds


def test_a_place_that_is_no_store_is_refused() -> None:
    """A mistyped address must not look like an empty store; nor can a store be merged into itself."""
    with pytest.raises(NotFound, match="There is no store 'memory://nothing-here'"):
        merged(MemoryBlobStore("nothing-here"), MemoryBlobStore())
    same = MemoryBlobStore()
    with pytest.raises(InvalidInput, match="cannot be merged into itself"):
        merged(same, same)


def test_logged_models_come_along_and_stay_models() -> None:
    """With their points, params and files, into an experiment with another id too; twice is once."""
    hand, other = own_hand(1), own_hand(2)
    with other.tracker() as tracker:
        tracker.ensure_experiment("wines")
    with hand.tracker() as tracker:
        experiment_id = tracker.ensure_experiment("wines").experiment_id
        model = tracker.logged_models.create(experiment_id, name="wine", params={"depth": "3"})
        run_id = tracker.create_run(experiment_id).info.run_id
        tracker.log_batch(run_id, metrics=[Metric("acc", 0.5, 1, 1, model.model_id, "d", "1")])
        tracker.logged_models.finalize(model.model_id, LoggedModelStatus.READY)
        tracker.artifacts(model.model_id).put_bytes(b"weights", "model.bin")
        before = tracker.logged_models.get(model.model_id)
    list(compact_all(hand.store, clock=hand.clock, ids=hand.ids))
    with hand.tracker() as tracker:
        tracker.logged_models.set_tags(model.model_id, {"late": "yes"})
    for _ in range(2):
        assert merged(hand.store, other.store).is_complete
    with other.tracker() as tracker:
        found = tracker.logged_models.get(model.model_id)
        assert (found.metrics, found.params, found.status) == (before.metrics, before.params, before.status)
        assert (found.name, found.tags, found.experiment_id != experiment_id) == (
            "wine",
            {"late": "yes"},
            True,
        )
        assert tracker.artifacts(model.model_id).read("model.bin") == b"weights"
        (point,) = tracker.metric_history(run_id, "acc")
        assert (point.model_id, point.dataset_name) == (model.model_id, "d")
    assert shard_ids(other.store, clock=other.clock, ids=other.ids) == [
        "0",
        found.experiment_id,
        f"{found.experiment_id}.models",
    ]


def test_a_store_with_logged_models_is_in_order() -> None:
    """An examination takes them for what they are, and misses one that is gone."""
    hand = own_hand(3)
    with hand.tracker() as tracker:
        model_id = tracker.logged_models.create("0", name="wine").model_id
        tracker.artifacts(model_id).put_bytes(b"weights", "deep/model.bin")
    assert found(hand.store) == []
    list(compact_all(hand.store, clock=hand.clock, ids=hand.ids))
    assert found(hand.store) == []
    hand.store.put("artifacts/0/models/m-gone/artifacts/model.bin", b"")
    (finding,) = found(hand.store)
    assert finding.sentence == "1 file of a logged model that does not exist."
