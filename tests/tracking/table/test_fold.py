"""The fold: the same state from any order, grouping and repetition of records."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import Experiment, LifecycleStage, Run, RunStatus
from mlflowflow.tracking.table.fold import ExperimentState, fold, join
from tests.tracking.stores import records

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIGNED = st.tuples(st.sampled_from(["w1", "w2"]), records(run_ids=("a", "b", "")))


def folded(signed: Iterable[tuple[str, Record]]) -> ExperimentState:
    """Return the state of records that come one by one."""
    state = ExperimentState()
    for writer, record in signed:
        fold(state, [record], writer=writer)
    return state


_SAME_METRIC = st.tuples(
    st.sampled_from(["w1", "w2"]),
    st.builds(
        Record,
        run_id=st.just("a"),
        kind=st.sampled_from([Kind.METRIC, Kind.METRIC, Kind.STATUS, Kind.TAG]),
        at=st.integers(0, 3),
        key=st.just("x"),
        text=st.sampled_from(["", "FAILED"]),
        value=st.sampled_from([0.0, 1.0, 2.0]),
        step=st.integers(0, 2),
        attempt=st.integers(1, 3),
    ),
)


@given(st.lists(_SAME_METRIC, min_size=1, max_size=6), st.integers(0, 6), st.booleans())
def test_only_what_the_greatest_attempt_said_counts(
    signed: list[tuple[str, Record]], cut: int, turned: bool
) -> None:
    """Whatever comes first, together or in two parts: metrics and status are those that it alone would give."""
    last = max(record.attempt for _, record in signed)
    counting = [(writer, record) for writer, record in signed if record.attempt == last]
    one, other = folded(signed[:cut]), folded(signed[cut:])
    joined, rest = (other, one) if turned else (one, other)
    join(joined, rest)
    for state in (folded(signed), joined):
        run, alone = state.run("a"), folded(counting).run("a")
        assert (run.attempt, run.metrics, run.ranges, run.status) == (
            last,
            alone.metrics,
            alone.ranges,
            alone.status,
        )
        assert run.tags == folded((by, replace(each, attempt=1)) for by, each in signed).run("a").tags


def run_of(*facts: Record) -> Run:
    """Return the run that `facts` of one writer make."""
    start = Record(run_id="a", kind=Kind.STARTED, at=1, timestamp=1000, text="ann")
    state = folded(("w", fact) for fact in (start, *facts))
    return state.run("a").to_run(experiment_id="0", artifact_uri="")


@given(st.lists(_SIGNED, max_size=12), st.data())
def test_order_and_repetition_do_not_matter(signed: list[tuple[str, Record]], data: st.DataObject) -> None:
    """Any permutation of any multiset of the same records folds to the same state."""
    again = data.draw(st.lists(st.sampled_from(signed), max_size=6)) if signed else []
    shuffled = data.draw(st.permutations([*signed, *again]))
    assert folded(shuffled) == folded(signed)


@given(st.lists(_SIGNED, max_size=12), st.integers(0, 12))
def test_parts_and_tail_join_to_the_whole(signed: list[tuple[str, Record]], cut: int) -> None:
    """Folding a past and a present apart and joining them is folding them together."""
    state = folded(signed[:cut])
    join(state, folded(signed[cut:]))
    assert state == folded(signed)


@given(st.lists(_SIGNED, max_size=12))
def test_joining_a_state_with_itself_changes_nothing(signed: list[tuple[str, Record]]) -> None:
    """The join is idempotent."""
    state = folded(signed)
    join(state, folded(signed))
    assert state == folded(signed)


def metric(value: float, *, step: int = 0, timestamp: int = 0, at: int = 5) -> Record:
    """Return a point of the metric m."""
    return Record(run_id="a", kind=Kind.METRIC, key="m", value=value, step=step, timestamp=timestamp, at=at)


def test_the_latest_point_has_the_greatest_step_then_time_then_value() -> None:
    """MLflow's rule decides, not the order of logging."""
    run = run_of(
        metric(9, step=1, timestamp=9), metric(1, step=2, timestamp=5), metric(2, step=2, timestamp=5)
    )
    assert run.data.metrics == {"m": 2.0}


def test_nan_loses_against_every_number_of_the_same_moment() -> None:
    """NaN is the least of values, and is shown when nothing else is there."""
    assert run_of(metric(math.nan), metric(-math.inf)).data.metrics == {"m": -math.inf}
    assert math.isnan(run_of(metric(math.nan)).data.metrics["m"])


def test_the_first_param_stays() -> None:
    """Params are write-once: a later rival is kept out, whatever order it is read in."""
    late = Record(run_id="a", kind=Kind.PARAM, key="lr", text="2", at=8)
    early = Record(run_id="a", kind=Kind.PARAM, key="lr", text="9", at=7)
    assert run_of(late, early).data.params == {"lr": "9"}


def test_a_deleted_tag_is_gone_until_it_is_set_again() -> None:
    """The latest word about a tag counts, also if it says that there is none."""
    put = Record(run_id="a", kind=Kind.TAG, key="t", text="1", at=7)
    gone = Record(run_id="a", kind=Kind.TAG_DELETED, key="t", at=8)
    back = Record(run_id="a", kind=Kind.TAG, key="t", text="2", at=9)
    assert run_of(gone, put).data.tags == {}
    assert run_of(back, gone, put).data.tags == {"t": "2"}


def test_status_and_end_come_from_the_latest_word() -> None:
    """A resumed run is running again and has no end."""
    ended = Record(run_id="a", kind=Kind.STATUS, text="FAILED", timestamp=2000, at=7)
    resumed = Record(run_id="a", kind=Kind.STATUS, text="RUNNING", at=8)
    assert (run_of(ended).info.status, run_of(ended).info.end_time) == (RunStatus.FAILED, 2000)
    assert (run_of(resumed, ended).info.status, run_of(resumed, ended).info.end_time) == (
        RunStatus.RUNNING,
        None,
    )


def test_a_run_exists_once_somebody_began_it() -> None:
    """Records that arrive before the run's beginning do not make a run."""
    state = folded([("w", metric(1.0))])
    assert not state.run("a").exists


def test_an_experiment_shows_what_happened_since() -> None:
    """Renames, tags and deletions stand over the beginning."""
    began = Experiment(
        experiment_id="1",
        name="old",
        artifact_location="",
        creation_time=1,
        last_update_time=1,
        tags={"kept": "1", "dropped": "1"},
    )
    state = folded(
        ("w", Record(run_id="", kind=kind, key=key, text=text, at=9_000))
        for kind, key, text in [
            (Kind.NAME, "", "new"),
            (Kind.TAG, "added", "2"),
            (Kind.TAG_DELETED, "dropped", ""),
            (Kind.LIFECYCLE, "", "deleted"),
        ]
    )
    now = state.to_experiment(began)
    assert (now.name, now.tags, now.last_update_time) == ("new", {"kept": "1", "added": "2"}, 9)
    assert now.lifecycle_stage is LifecycleStage.DELETED
