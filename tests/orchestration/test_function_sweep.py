"""Whole sweeps over functions on real workers: begun, pruned, interrupted, resumed, and all of it in the store."""

from __future__ import annotations

import _thread
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
from prefect import flow
from prefect.runtime import flow_run

import mlflowflow
from mlflowflow import sweep
from mlflowflow.clock import SystemClock
from mlflowflow.config import Settings
from mlflowflow.errors import InvalidInput, InvalidState, NotFound, StepFailed, TakenOver
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.cluster import task_runner
from mlflowflow.sweeps import choice, grid, integer, median, minimize, random_search, real, winner
from mlflowflow.sweeps.holder import Hold
from mlflowflow.sweeps.log import read_history
from mlflowflow.sweeps.requests import Extend, Requests
from mlflowflow.sweeps.trial import Outcome, TrialState
from mlflowflow.tracking.run import RunStatus
from tests.orchestration.clusters import wait_until
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import distributed

    from mlflowflow.orchestration.cluster import OpenCluster
    from mlflowflow.orchestration.function_sweep import FunctionSweep
    from mlflowflow.sweeps.live import LiveTrial
    from mlflowflow.sweeps.result import SweepResult
    from mlflowflow.tracking.run import Run

#: No cluster: whoever goes there fails.
NOWHERE = "tcp://127.0.0.1:1"


@pytest.fixture(autouse=True)
def session(tmp_path: Path) -> Iterator[None]:
    """Give every test a session with a store of its own."""
    with private_session(Settings(tracking_uri=str(tmp_path / "store"), user="ada")):
        yield


def parabola(**changes: Any) -> FunctionSweep:
    """Return a sweep of five trials whose best is known."""
    options: dict[str, Any] = {"budget": 5, "parallel": 2, "sampler": random_search(seed=7), **changes}
    return sweep(
        lambda x: (x - 1.0) ** 2,
        space={"x": real(-4, 4)},
        objectives=minimize("y"),
        name="parabola",
        **options,
    )


def runs_below(run_id: str) -> list[Run]:
    """Return the runs of a sweep's trials."""
    return mlflowflow.current_tracker().children(run_id)


def test_a_sweep_runs_to_its_end_and_is_in_the_store(client: distributed.Client) -> None:
    """The sweep is a run, each trial is a run below it, and the result says what the store says."""
    with mlflowflow.start_run() as around:
        result = parabola().run(client)
    run = mlflowflow.get_run(result.run_id)
    assert (run.info.status, run.info.run_name) == (RunStatus.FINISHED, "parabola")
    assert run.data.tags["mlflow.parentRunId"] == around.info.run_id
    assert run.data.tags["mlff.sweep.best_run_id"] == result.best.run_id
    assert run.data.metrics == {"best_y": result.best.value}
    children = runs_below(result.run_id)
    assert {each.info.status for each in children} == {RunStatus.FINISHED}
    assert sorted(each.data.metrics["y"] for each in children) == sorted(
        each.values["y"] for each in result.trials
    )
    assert [each.state for each in result.trials] == [TrialState.COMPLETE] * 5
    assert min(each.values["y"] for each in result.trials) == result.best.value
    read = read_history(mlflowflow.current_tracker().store, result.run_id)
    assert read.is_closed
    assert [each.values for each in read.trials] == [each.values for each in result.history.trials]


def test_a_sweep_that_has_ended_is_only_read(client: distributed.Client) -> None:
    """Resuming it twice changes nothing, and no cluster is asked."""
    tune = parabola(budget=2)
    result = tune.run(client)
    assert tune.resume(result.run_id, NOWHERE) == result
    assert mlflowflow.get_run(result.run_id).info.status is RunStatus.FINISHED


def test_an_extended_sweep_goes_on_with_the_same_suggestions(client: distributed.Client) -> None:
    """Five trials and three more are the first eight of that seed."""
    tune = parabola(budget=3)
    first = tune.run(client)
    store = mlflowflow.current_tracker().store
    Requests(store, first.run_id).send(Extend(trials=5), ids=RandomIds())
    longer = tune.resume(first.run_id, client)
    assert [each.run_id for each in longer.trials[:3]] == [each.run_id for each in first.trials]
    whole = parabola().run(client)
    assert [each.params for each in longer.trials] == [each.params for each in whole.trials]


def test_another_function_does_not_go_on_with_a_sweep(client: distributed.Client) -> None:
    """Its results would not be comparable."""
    first = parabola(budget=2).run(client)
    changed = sweep(
        lambda x: x, space={"x": real(-4, 4)}, objectives=minimize("y"), name="parabola", budget=2, parallel=2,
        sampler=random_search(seed=7),
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="has changed since"):
        changed.resume(first.run_id, client)
    run = mlflowflow.get_run(first.run_id)
    assert (run.info.status, "mlff.failure" in run.data.tags) == (RunStatus.FINISHED, False)


def test_a_sweep_that_another_process_runs_is_not_ended_by_a_second(client: distributed.Client) -> None:
    """Whoever starts it by mistake learns of the other, whose run goes on."""
    tune = parabola(budget=2)
    first = tune.run(client)
    tracker = mlflowflow.current_tracker()
    tracker.create_run("0", run_id=first.run_id)
    clock = SystemClock()
    with (
        Hold(tracker.store, first.run_id, token="other", clock=clock, ids=RandomIds(clock)),
        pytest.raises(TakenOver),
    ):
        tune.resume(first.run_id, client)
    run = mlflowflow.get_run(first.run_id)
    assert (run.info.status, "mlff.failure" in run.data.tags) == (RunStatus.RUNNING, False)


def test_only_a_sweep_can_be_resumed() -> None:
    """A typing mistake must not turn a run of something else into a sweep."""
    other = mlflowflow.current_tracker().create_run("0").info.run_id
    with pytest.raises(InvalidState, match="is no sweep"):
        parabola().resume(other, NOWHERE)
    with pytest.raises(NotFound):
        parabola().resume("a" * 32, NOWHERE)


def test_a_sweep_without_a_result_fails_with_the_trials_error(client: distributed.Client) -> None:
    """The sweep's run says so, too."""

    def broken(_params: object) -> None:
        raise LookupError("there are no rows")

    tune = sweep(broken, space={"x": real(0, 1)}, objectives=minimize("y"), budget=2)
    with pytest.raises(StepFailed, match="there are no rows"):
        tune.run(client)
    (run,) = [
        each for each in mlflowflow.current_tracker().search_runs(["0"]) if "mlff.trial" not in each.data.tags
    ]
    assert run.info.status is RunStatus.FAILED
    assert "there are no rows" in run.data.tags["mlff.failure"]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C interrupt also what was started by a shell in the background, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_sweep_leaves_nothing_running_and_goes_on(
    client: distributed.Client, tmp_path: Path
) -> None:
    """Ctrl-C ends the trials in flight; resuming runs them again, as the same runs with the same parameters."""
    (folder := tmp_path / "began").mkdir()

    def slow(x: float, trial: LiveTrial) -> float:
        (folder / f"{trial.number}-{trial.attempt}").touch()
        clock = SystemClock()
        while trial.number == 1 and not (folder / "go").exists():
            clock.sleep(0.01)
        return x

    tune = sweep(
        slow, space={"x": real(0, 1)}, objectives=minimize("y"), budget=3, sampler=random_search(seed=1)
    )

    def interrupt() -> None:
        wait_until((folder / "1-1").exists)
        _thread.interrupt_main()

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        tune.run(client)
    (run_id,) = [
        each.info.run_id
        for each in mlflowflow.current_tracker().search_runs(["0"])
        if "mlff.trial" not in each.data.tags
    ]
    runs = {each.data.tags["mlff.trial"]: each for each in runs_below(run_id)}
    assert {number: each.info.status for number, each in runs.items()} == {
        "0": RunStatus.FINISHED,
        "1": RunStatus.KILLED,
    }
    assert mlflowflow.get_run(run_id).info.status is RunStatus.KILLED
    (folder / "go").touch()
    result = tune.resume(run_id, client)
    assert [each.state for each in result.trials] == [TrialState.COMPLETE] * 3
    assert result.trials[1].run_id == runs["1"].info.run_id
    assert sorted(each.name for each in folder.iterdir() if each.name != "go") == ["0-1", "1-1", "1-2", "2-1"]


def train(params: dict[str, int], trial: LiveTrial) -> int:
    """Log an epoch after the other; those whose `x` is large do badly."""
    for epoch in range(2_000):
        mlflowflow.log_metric("y", params["x"] + 1.0 / (epoch + 1), step=epoch)
        if trial.should_prune():
            raise mlflowflow.TrialPruned
        if params["x"] == 0 and epoch >= 20:
            break
        SystemClock().sleep(0.002)
    return params["x"]


def test_bad_trials_are_pruned_while_they_run(client: distributed.Client) -> None:
    """The good one ends by itself; the others would have gone on a hundred times as long."""
    tune = sweep(
        train,
        space={"x": integer(0, 3)},
        objectives=minimize("y"),
        budget=4,
        sampler=mlflowflow.sweeps.grid(),
        pruner=median(startup=1),
    )
    result = tune.run(client)
    states = {each.params["x"]: each.state for each in result.trials}
    assert states[0] is TrialState.COMPLETE
    pruned = [each for each in result.history.trials if each.state is TrialState.PRUNED]
    first_complete = next(each.number for each in result.history.trials if each.params["x"] == 0)
    assert {each.number for each in pruned} == {
        each.number for each in result.history.trials if each.number > first_complete
    }
    for each in pruned:
        run = mlflowflow.get_run(each.run_id)
        assert (run.info.status, run.data.tags["mlff.trial.state"]) == (RunStatus.KILLED, "PRUNED")
        history = mlflowflow.MlflowClient().get_metric_history(each.run_id, "y")
        assert each.prune_step is not None
        assert each.prune_step <= history[-1].step < 1_999


def test_a_stuck_function_costs_its_worker_and_not_the_sweep(client: distributed.Client) -> None:
    """The attempt is a timeout, not a lost worker; the nanny starts another worker for the next trial."""

    def stuck(x: int) -> int:
        SystemClock().sleep(600 if x == 0 else 0)
        return x

    tune = sweep(
        stuck,
        space={"x": integer(0, 2)},
        objectives=minimize("y"),
        sampler=mlflowflow.sweeps.grid(),
        timeout=0.3,
        grace=0.3,
    )
    result = tune.run(client)
    by_x = {each.params["x"]: each for each in result.history.trials}
    assert by_x[0].state is TrialState.FAILED
    assert [each.outcome for each in by_x[0].attempts] == [Outcome.TIMEOUT]
    assert [by_x[x].state for x in (1, 2)] == [TrialState.COMPLETE] * 2
    run = mlflowflow.get_run(by_x[0].run_id)
    assert (run.info.status, run.data.tags["mlff.failure"]) == (
        RunStatus.FAILED,
        "The trial ran longer than its timeout of 0.3 s.",
    )


def test_the_winner_is_run_once_more_with_what_was_asked_for(client: distributed.Client) -> None:
    """As a run of its own below the sweep; resuming does not run it again."""

    def fit(x: float, rows: int) -> dict[str, float]:
        return {"y": x, "rows": rows}

    tune = sweep(
        fit,
        space={"x": real(0, 1)},
        objectives=minimize("y"),
        budget=3,
        params={"rows": 10},
        select=winner(refit={"rows": 500}),
    )
    result = tune.run(client)
    assert result.refit_run_id is not None
    run = mlflowflow.get_run(result.refit_run_id)
    assert (run.info.status, run.info.run_name) == (RunStatus.FINISHED, "fit/refit")
    assert run.data.metrics == {"y": result.best.value, "rows": 500.0}
    assert run.data.tags["mlflow.parentRunId"] == result.run_id
    assert "mlff.trial" not in run.data.tags
    assert tune.resume(result.run_id, NOWHERE).refit_run_id == result.refit_run_id


def test_another_winner_is_run_once_more_as_well(client: distributed.Client) -> None:
    """A sweep that was extended and came to a better trial does not give the refit of the one before for its own."""
    tune = sweep(
        lambda x: -x,
        space={"x": choice(1, 2)},
        objectives=minimize("y"),
        sampler=grid(),
        budget=1,
        name="down",
        select=winner(refit=True),
    )
    first = tune.run(client)
    store = mlflowflow.current_tracker().store
    Requests(store, first.run_id).send(Extend(trials=2), ids=RandomIds())
    second = tune.resume(first.run_id, client)
    assert (first.best.number, second.best.number) == (0, 1)
    assert first.refit_run_id != second.refit_run_id
    assert second.refit_run_id is not None
    assert mlflowflow.get_run(second.refit_run_id).data.params == {"x": "2"}


@pytest.mark.parametrize("text", ["no file '\udcff.csv'", "x" * 1_000_000])
def test_a_trial_that_fails_with_an_odd_text_fails_alone(client: distributed.Client, text: str) -> None:
    """A name that is no Unicode, or a page of numbers in an error, neither ends the sweep nor hides the error."""

    def fit(x: int) -> float:
        if x == 1:
            raise ValueError(text)
        return float(x)

    tune = sweep(
        fit, space={"x": choice(1, 2)}, objectives=minimize("y"), sampler=grid(), budget=2, name="odd"
    )
    result = tune.run(client)
    assert [each.state for each in result.trials] == [TrialState.FAILED, TrialState.COMPLETE]
    assert result.trials[0].error.startswith("ValueError: ")
    run = mlflowflow.get_run(result.trials[0].run_id)
    assert run.info.status is RunStatus.FAILED
    assert run.data.tags["mlff.failure"].startswith("ValueError: ")


def test_in_a_flow_trials_run_on_its_cluster(cluster: OpenCluster, prefect_api: str) -> None:
    """The runs know the flow run, and the flow needs no task for them."""
    del prefect_api  # runs, and is in use

    @flow(task_runner=task_runner(cluster))
    def retrain() -> tuple[str, SweepResult]:
        return str(flow_run.get_id()), parabola(budget=2).run()

    flow_run_id, result = retrain()
    assert [each.state for each in result.trials] == [TrialState.COMPLETE] * 2
    runs = [mlflowflow.get_run(result.run_id), *runs_below(result.run_id)]
    assert {each.data.tags["prefect.flow_run_id"] for each in runs} == {flow_run_id}


def test_a_mistake_is_told_before_anything_runs() -> None:
    """In the call that declares the sweep."""
    with pytest.raises(InvalidInput, match="has no parameter 'y'"):
        sweep(lambda x: x, space={"x": real(0, 1), "y": real(0, 1)}, objectives=minimize("z"), budget=1)
    with pytest.raises(InvalidInput, match="visibility='tasks', which shows trials as task runs"):
        parabola(visibility="tasks")


def test_a_sweep_shows_what_it_searches() -> None:
    """In a notebook's output."""
    assert repr(parabola()) == "<FunctionSweep 'parabola': minimize y over x>"
    assert parabola().spec.digest == parabola().spec.digest
