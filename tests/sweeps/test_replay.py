"""The log of a sweep, given to a fresh sampler and a fresh judge."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData
from mlflowflow.events.canonical import from_plain
from mlflowflow.projects.sweep_spec import Budget, Pruner, PrunerName
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.entry import Asked, Batch, Opened, Origin, Reported, Started, Told
from mlflowflow.sweeps.log import SweepLog
from mlflowflow.sweeps.pruning import Lenient, make_judge
from mlflowflow.sweeps.replay import changed_course, feed, replay
from mlflowflow.sweeps.suggestion import make_suggester, versions
from mlflowflow.sweeps.trial import TrialState
from tests.sweeps.examples import RUN_ID
from tests.sweeps.lives import SAMPLERS, Life, sweep_of, value_of
from tests.sweeps.simulated import World, run_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.entry import Entry
    from mlflowflow.sweeps.pruning import Judge
    from mlflowflow.sweeps.suggestion import Suggester

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.jsonl"))
PRUNERS = [
    Pruner(),
    Pruner(name=PrunerName.MEDIAN, startup=2),
    Pruner(name=PrunerName.PERCENTILE, startup=2, percentile=30.0, interval=2),
    Pruner(name=PrunerName.ASHA, max_resource=9),
    Pruner(name=PrunerName.HYPERBAND, max_resource=9),
]


@st.composite
def lives(draw: st.DrawFn, sampler: str) -> Life:
    """Begin a life with that sampler, of any kind."""
    sweep = sweep_of(
        SAMPLERS[sampler],
        conditional=draw(st.booleans()),
        objectives=draw(st.integers(1, 3)),
        constraints=draw(st.integers(0, 2)),
        pruner=draw(st.sampled_from(PRUNERS)),
    )
    start: list[dict[str, Scalar]] = [{}, {"lr": 0.25}, {"depth": 3, "loss": "log"}]
    return Life(
        sweep=sweep,
        dice=random.Random(draw(st.integers(0, 2**32))),
        seed=draw(st.integers(0, 2**32 - 1)),
        parallel=draw(st.integers(1, 6)),
        start=() if sampler == "grid" else tuple(start[: draw(st.integers(0, 3))]),
    )


def life_of(sampler: str, *, trials: int = 20, pruner: Pruner | None = None) -> Life:
    """Return one life with that sampler."""
    life = Life(sweep=sweep_of(SAMPLERS[sampler], pruner=pruner or Pruner()), dice=random.Random(3))
    life.live(trials)
    return life


def with_other(entry: Entry, *, trial: int) -> Entry:
    """Return `entry`, with other parameters if it asks for `trial`."""
    if not isinstance(entry, Asked) or entry.trial != trial:
        return entry
    others: dict[str, Scalar] = (
        {"model": "forest", "trees": 7} if "lr" not in entry.params else {"lr": 0.123, "depth": 11}
    )
    return replace(entry, params={**entry.params, **others})


def changed(batches: list[Batch], change: Callable[[Entry], Entry]) -> list[Batch]:
    """Return the log with every entry changed."""
    return [replace(batch, entries=tuple(change(entry) for entry in batch.entries)) for batch in batches]


@pytest.mark.parametrize("sampler", SAMPLERS)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_every_decision_is_made_again(sampler: str, data: st.DataObject) -> None:
    """A log holds all that its suggestions and pruning decisions followed from."""
    life = data.draw(lives(sampler))
    batches = life.live(22)
    found = replay(batches)
    assert found.differences == ()
    kinds = [type(entry).__name__ for entry in life.entries]
    assert (found.asked, found.told) == (kinds.count("Asked"), kinds.count("Told"))


@pytest.mark.parametrize("sampler", SAMPLERS)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_a_sweep_goes_on_as_if_nothing_had_happened(sampler: str, data: st.DataObject) -> None:
    """Whenever a coordinator dies, the next one suggests and prunes what the dead one would have."""
    life = data.draw(lives(sampler))
    batches = life.live(data.draw(st.integers(0, 20)))
    suggester, judge = make_suggester(life.sweep, life.seed), make_judge(life.sweep, life.seed)
    assert feed(batches, suggester, judge) == ()
    before = len(life.entries)
    life.live(8)
    for entry in life.entries[before:]:
        follow(entry, life, suggester, judge)


def follow(entry: Entry, life: Life, suggester: Suggester, judge: Judge) -> None:
    """Do what `entry` says, and demand that it is what would have been done."""
    match entry:
        case Asked():
            start = life.start[entry.trial] if entry.trial < len(life.start) else None
            assert suggester.ask(start) == entry.params
        case Started():
            return
        case Reported():
            assert [judge.report(entry.trial, *point) for point in entry.points] == [entry.prune]
        case Told():
            points = [
                each.points[-1]
                for each in life.entries
                if isinstance(each, Reported) and each.trial == entry.trial
            ]
            suggester.tell(
                entry.trial,
                entry.state,
                values=entry.values,
                excesses=entry.excesses,
                last_point=points[-1] if points else None,
            )
            judge.end(entry.trial, entry.state)
        case _:
            raise AssertionError(entry)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_logs_are_replayed(path: Path) -> None:
    """A release of Optuna, NumPy or SciPy that suggests otherwise is noticed here, not by a user.

    Then: say so in the notes of the release that admits it, and make the logs anew with golden/make.py.
    """
    batches = [from_plain(Batch, json.loads(line), key=path.name) for line in path.read_text().splitlines()]
    found = replay(batches)
    assert found.asked >= 10
    assert found.differences == (), found.sentence


def test_a_log_that_a_coordinator_wrote_is_replayed() -> None:
    """What is written when trials are lost, fail and are tried again is enough to decide again."""
    store = MemoryBlobStore()
    sweep = sweep_of(SAMPLERS["nsga2"], pruner=Pruner(name=PrunerName.MEDIAN, startup=2))
    world = World(random=random.Random(5), lost=0.2, failing=0.2, epochs=4, measure=measured)
    run_in(world, store, replace(sweep, budget=Budget(trials=24), parallel=3))
    found = replay(SweepLog(store, RUN_ID).read())
    assert (found.asked, found.differences) == (24, ())
    assert found.weighed > 24


def measured(params: Mapping[str, Scalar]) -> dict[str, float]:
    """Return what a simulated trial logs: its objective, and what the simulation makes its curve of."""
    return {"objective_0": value_of(params), "loss": value_of(params)}


@pytest.mark.parametrize("sampler", ["random", "tpe", "cmaes", "nsga2", "qmc", "grid"])
def test_a_trial_that_would_not_be_suggested_is_named(sampler: str) -> None:
    """The first difference says which trial, what it was given and what is suggested now."""
    batches = changed(life_of(sampler).batches(), lambda entry: with_other(entry, trial=4))
    found = replay(batches)
    assert found.differences[0].trial == 4
    assert "Trial 4 was given {" in found.sentence
    assert "is suggested." in found.sentence


def test_what_follows_a_difference_is_judged_by_what_was_run() -> None:
    """One odd trial is one difference: the trial is taken as it ran, and others are compared as before."""
    batches = changed(life_of("random").batches(), lambda entry: with_other(entry, trial=4))
    assert [each.trial for each in replay(batches).differences] == [4]


def test_a_sweep_goes_on_from_what_was_run_not_from_what_is_suggested_now() -> None:
    """The children of a generation descend from the parameters in the log."""
    life = life_of("nsga2", trials=12)

    def elsewhere(entry: Entry) -> Entry:
        if not isinstance(entry, Asked):
            return entry
        return replace(entry, params={**entry.params, "momentum": 0.125})

    suggester = make_suggester(life.sweep, life.seed)
    feed(changed(life.batches(), elsewhere), suggester, make_judge(life.sweep, life.seed))
    children = [suggester.ask() for _ in range(6)]
    assert sum(child is not None and child["momentum"] == 0.125 for child in children) > 2


def test_of_points_that_were_weighed_together_the_last_one_is_what_a_pruned_trial_came_to() -> None:
    """However points are batched, the sampler learns the same."""
    sweep = sweep_of(SAMPLERS["cmaes"])
    asked = make_suggester(sweep, 7)
    entries: list[Entry] = [Opened(sweep=sweep, seed=7)]
    parts: list[Entry] = [Opened(sweep=sweep, seed=7)]
    for number in range(12):
        params = asked.ask()
        assert params is not None
        points = ((1, float(params["lr"])), (2, -float(params["lr"])))
        asked.tell(number, TrialState.PRUNED, last_point=points[1])
        begun = Asked(trial=number, params=params, origin=Origin.SAMPLER)
        told = Told(trial=number, state=TrialState.PRUNED)
        entries += [begun, Reported(trial=number, points=points), told]
        parts += [begun, *(Reported(trial=number, points=(point,)) for point in points), told]
    for each in (entries, parts):
        suggester = make_suggester(sweep, 7)
        batch = Batch(at_us=0, elapsed_s=0.0, token="one", entries=tuple(each))
        assert feed([batch], suggester, Lenient()) == ()


@pytest.mark.parametrize(("sampler", "expected"), [("tpe", 0), ("random", 0), ("cmaes", 1), ("qmc", 1)])
def test_going_on_does_not_ask_again_without_need(sampler: str, expected: int) -> None:
    """Samplers that need results only are not asked for what is known, so they find no difference."""
    life = life_of(sampler)
    batches = changed(life.batches(), lambda entry: with_other(entry, trial=0))
    found = feed(batches, make_suggester(life.sweep, life.seed), make_judge(life.sweep, life.seed))
    assert min(1, len(found)) == expected


@pytest.mark.parametrize("sampler", ["random", "tpe", "cmaes", "nsga2", "qmc"])
def test_rounding_is_no_difference(sampler: str) -> None:
    """Another processor may add in another order, and the last digit differs."""

    def rounded(entry: Entry) -> Entry:
        if not isinstance(entry, Asked):
            return entry
        momentum = entry.params["momentum"]
        assert isinstance(momentum, float)
        return replace(entry, params={**entry.params, "momentum": momentum * (1 + 1e-13)})

    batches = changed(life_of(sampler, trials=30).batches(), rounded)
    assert replay(batches).differences == ()


def test_more_than_rounding_is_a_difference() -> None:
    """A millionth is not the last digit."""

    def nudged(entry: Entry) -> Entry:
        if not isinstance(entry, Asked) or entry.trial != 4:
            return entry
        momentum = entry.params["momentum"]
        assert isinstance(momentum, float)
        return replace(entry, params={**entry.params, "momentum": momentum + 1e-6})

    assert [each.trial for each in replay(changed(life_of("random").batches(), nudged)).differences] == [4]


def test_a_decision_that_would_not_be_made_is_named() -> None:
    """Pruning is replayed like suggestions, and said in the same words."""
    life = life_of("random", pruner=Pruner(name=PrunerName.MEDIAN, startup=2))
    pruned = next(entry for entry in life.entries if isinstance(entry, Reported) and entry.prune)
    batches = changed(life.batches(), lambda entry: replace(entry, prune=False) if entry is pruned else entry)
    found = replay(batches)
    assert [each.sentence for each in found.differences] == [
        f"Trial {pruned.trial} went on at step {pruned.points[-1][0]}, and now is ended."
    ]


def test_a_decision_in_the_midst_of_points_is_a_difference() -> None:
    """Points that were weighed together hide no earlier decision."""
    life = life_of("random", pruner=Pruner(name=PrunerName.MEDIAN, startup=2))
    pruned = next(entry for entry in life.entries if isinstance(entry, Reported) and entry.prune)
    step, value = pruned.points[-1]
    late = replace(pruned, points=((step, value), (step + 1, -1e9)), prune=False)
    batches = changed(life.batches(), lambda entry: late if entry is pruned else entry)
    assert [each.trial for each in replay(batches).differences] == [pruned.trial]


def test_nothing_left_is_a_difference_too() -> None:
    """A grid that has no more combinations says so, and the trial of the log stands."""
    life = Life(sweep=sweep_of(SAMPLERS["grid"]), dice=random.Random(3), start=())
    life.live(50)
    more = Asked(trial=10, params={"model": "line"}, origin=Origin.SAMPLER)
    batches = [*life.batches(), Batch(at_us=99, elapsed_s=99.0, token="one", entries=(more,))]
    assert replay(batches).differences[0].sentence == (
        "Trial 10 was given {'model': 'line'}, and now nothing is suggested."
    )


def test_releases_are_named_where_they_differ() -> None:
    """Who reads of differences wants to know which release wrote the log and which reads it."""

    def older(entry: Entry) -> Entry:
        entry = with_other(entry, trial=4)
        return (
            replace(entry, versions={**entry.versions, "optuna": "4.5.0"})
            if isinstance(entry, Opened)
            else entry
        )

    found = replay(changed(life_of("random").batches(), older))
    now = versions()["optuna"]
    assert found.sentence.endswith(f"The log was written with optuna 4.5.0 and is read with optuna {now}.")


def test_whoever_goes_on_learns_that_the_course_has_changed() -> None:
    """A sweep is continued under another release all the same, and says so."""
    life = life_of("qmc")
    opened = life.entries[0]
    assert isinstance(opened, Opened)
    batches = changed(life.batches(), lambda entry: with_other(entry, trial=4))
    found = feed(batches, make_suggester(life.sweep, life.seed), make_judge(life.sweep, life.seed))
    older = replace(opened, versions={**opened.versions, "scipy": "1.0"})
    sentence = changed_course(older, found)
    assert sentence.startswith("Sweep 'tune' goes on with other suggestions")
    assert "Trial 4 was given {" in sentence
    assert "The log was written with scipy 1.0 and is read with scipy" in sentence
    assert changed_course(older, ()) == ""


def test_a_log_without_a_beginning_is_refused() -> None:
    """Without the spec there is nothing to ask."""
    with pytest.raises(CorruptData, match="does not begin with what the sweep is"):
        replay([])
    with pytest.raises(CorruptData, match="does not begin with what the sweep is"):
        replay(life_of("random").batches()[1:])
