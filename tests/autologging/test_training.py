"""The order of things around one training, whatever the library."""

from __future__ import annotations

import threading

import pytest

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.options import Options
from mlflowflow.autologging.switchboard import switch
from mlflowflow.autologging.training import Call, observes
from mlflowflow.tracking.fluent.active import active_run, last_active_run, start_run
from mlflowflow.tracking.fluent.api import search_runs, set_tracking_uri
from mlflowflow.tracking.run import Run, RunStatus
from tests.autologging.library import Model, TransparentTraining, small_library


def all_runs() -> list[Run]:
    """Return every run of the store."""
    return search_runs(output_format="list")


def test_without_a_run_one_is_made_and_ended() -> None:
    """It is marked by the flavor, has the extra tags, and is no longer active."""
    switch(small_library(), Options(extra_tags={"team": "blue"}))
    model = Model()
    assert model.fit(1) is model
    (run,) = all_runs()
    assert active_run() is None
    assert run.info.status is RunStatus.FINISHED
    assert (run.data.tags["mlflow.autologging"], run.data.tags["team"]) == ("small", "blue")
    assert (dict(run.data.params), dict(run.data.metrics)) == ({"data": "1"}, {"calls": 1.0})


def test_the_active_run_is_logged_to_and_stays_open() -> None:
    """It is the user's, and gets no mark."""
    switch(small_library(), Options())
    with start_run() as run:
        Model().fit(1)
        assert active_run() is run
    (found,) = all_runs()
    assert found.data.metrics["calls"] == 1
    assert "mlflow.autologging" not in found.data.tags


def test_exclusive_leaves_runs_of_users_alone() -> None:
    """The training is not logged then, and happens as it would without us."""
    switch(small_library(), Options(exclusive=True))
    model = Model()
    with start_run():
        model.fit(1)
    assert model.calls == [1]
    assert not all_runs()[0].data.params
    model.fit(1)
    assert len(all_runs()) == 2


def test_the_call_may_be_changed() -> None:
    """A library adds its callback that way."""
    switch(small_library(), Options())
    assert Model().fit(1).calls == [2]


def test_a_training_that_fails_fails_its_run() -> None:
    """The error is the training's own, and the run says FAILED."""
    switch(small_library(), Options())
    with pytest.raises(ZeroDivisionError):
        Model().fit(ZeroDivisionError())
    assert all_runs()[0].info.status is RunStatus.FAILED
    assert active_run() is None


def test_only_the_outermost_call_is_logged() -> None:
    """What it calls itself is part of it."""
    switch(small_library(), Options())
    inner = Model()
    Model().fit(1, inner=inner)
    assert inner.calls == [2]
    assert len(all_runs()) == 1


def test_a_transparent_call_shows_what_it_calls() -> None:
    """Both log to one run."""
    switch(small_library(TransparentTraining), Options())
    inner = Model()
    Model().fit(1, inner=inner)
    assert inner.calls == [3]
    assert len(all_runs()) == 1


@pytest.mark.usefixtures("in_use")
@pytest.mark.parametrize("moment", ["begin", "end"])
def test_our_mistakes_do_not_reach_the_training(moment: str, caplog: pytest.LogCaptureFixture) -> None:
    """The original is called once with what it was given, and its result returned."""
    switch(small_library(), Options(own={"fails": moment}))
    model = Model()
    assert model.fit(1) is model
    assert model.calls == [1 if moment == "begin" else 2]
    assert f"no {moment}" in caplog.text
    assert all_runs()[0].info.status is RunStatus.FINISHED


@pytest.mark.usefixtures("in_use")
def test_a_store_that_cannot_be_opened_does_not_stop_a_training(caplog: pytest.LogCaptureFixture) -> None:
    """It is trained without being logged, and the reason is told."""
    set_tracking_uri("/proc/nowhere")
    switch(small_library(), Options())
    assert Model().fit(1).calls == [1]
    assert "could not start a run" in caplog.text


def test_each_thread_has_its_own_run() -> None:
    """Trainings at the same time do not hide one another."""
    switch(small_library(), Options())
    barrier = threading.Barrier(4)

    def train(number: int) -> None:
        barrier.wait()
        Model().fit(number)

    threads = [threading.Thread(target=train, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(run.data.params["data"] for run in all_runs()) == ["0", "1", "2", "3"]


def test_the_last_run_can_be_asked_for() -> None:
    """Scripts look at what autologging made that way."""
    switch(small_library(), Options())
    Model().fit(1)
    found = last_active_run()
    assert found is not None
    assert found.info.run_id == all_runs()[0].info.run_id


@pytest.mark.usefixtures("in_use")
def test_a_result_is_seen_and_returned() -> None:
    """Looking at it cannot break the call."""
    seen: list[object] = []

    def look(call: Call, result: object) -> None:
        seen.append((call.args, result))
        raise RuntimeError("no")

    assert observes(look, Care(flavor="small", silent=True))(max, 1, 2) == 2
    assert seen == [((1, 2), 2)]
