"""``mlff sweep run | resume``: what is refused and what is changed. Sweeps that run are system tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from mlflowflow.cli.sweep.amounts import Amount
from mlflowflow.cli.sweep.running import changed
from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidInput
from mlflowflow.ids import RandomIds
from mlflowflow.projects.sweep_spec import Budget, Sampler, SamplerName
from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.holder import Hold
from mlflowflow.sweeps.requests import Extend, Requests
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.tracker import Tracker
from tests.cli.commands import Terminal
from tests.cli.sweep.conftest import CUT, DONE
from tests.sweeps.stories import SPEC, Story

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.sweep.conftest import Sweeps

#: Nobody listens there.
DEAD = "http://127.0.0.1:9/api"
ENTRY_POINTS = """
name: tiny
entry_points:
  train: {parameters: {x: {type: float, default: 0}, rows: {type: int, default: 3}}, command: "true"}
spec: mlflowflow/v1
"""
SWEEP = "{entry_point: train, space: {x: {float: [0, 1]}}, objectives: [{metric: loss, goal: minimize}], budget: {trials: 4}}"


def written(folder: Path, *names: str) -> str:
    """Write a project with sweeps of these names and return its folder."""
    sweeps = "".join(f"  {name}: {SWEEP}\n" for name in names)
    (folder / "MLproject").write_text(ENTRY_POINTS + (f"sweeps:\n{sweeps}" if names else ""))
    return str(folder)


@pytest.fixture
def new(tmp_path: Path) -> Terminal:
    """Give a terminal whose store is not there yet."""
    return Terminal(store=str(tmp_path / "new"))


@pytest.mark.parametrize(
    ("names", "arguments", "sentence"),
    [
        ((), (), "The project 'tiny' declares none in its section 'sweeps'."),
        (("tune", "again"), (), "The project 'tiny' has several sweeps; choose one with -e: tune, again."),
        (("tune",), ("-e", "tnue"), "There is no sweep 'tnue'. Did you mean 'tune'?"),
        (("tune",), ("-e", "train"), "There is no sweep 'train'."),
        (("tune",), ("-P", "x=1"), "'x' is not a parameter that can be given to sweep 'tune'"),
        (("tune",), ("--trials", "0"), "'0' cannot be the trials; expected a whole number above 0."),
        (("tune",), ("--cost", "3"), "has a budget in money, but its trials cost nothing"),
        (("tune",), ("--sampler", "grid"), "the sampler 'grid' cannot visit them all"),
        (("tune",), ("--cluster", "local:none"), "'local:none' is no cluster"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_made(
    tmp_path: Path, new: Terminal, *, names: tuple[str, ...], arguments: tuple[str, ...], sentence: str
) -> None:
    """One sentence, exit code 2, and not even a store."""
    answer = new.mlff("sweep", "run", written(tmp_path, *names), *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert not (tmp_path / "new").exists()


def test_what_is_given_takes_the_place_of_the_files_own() -> None:
    """And so the digest is another: it is another sweep."""
    found = changed(
        SPEC,
        trials=Amount(value=50),
        wall=Amount(value=60.0),
        failed_trials=Amount(value=3),
        parallel=8,
        seed=11,
    )
    assert found == replace(
        SPEC,
        budget=Budget(trials=50, wall_s=60.0, failed_trials=3),
        parallel=8,
        sampler=Sampler(name=SamplerName.RANDOM, seed=11),
    )
    assert found.digest != SPEC.digest
    assert changed(SPEC) == SPEC


def test_a_plus_adds_to_what_the_file_says() -> None:
    """As it does when a sweep is extended."""
    assert changed(SPEC, trials=Amount(value=6, is_more=True)).budget.trials == 30


def test_another_sampler_has_its_own_settings_and_the_files_seed() -> None:
    """What only the file's sampler knows is no mistake of the other."""
    spec = replace(SPEC, sampler=Sampler(name=SamplerName.TPE, seed=3, multivariate=True, startup=4))
    assert changed(spec, sampler="random").sampler == Sampler(name=SamplerName.RANDOM, seed=3)
    assert changed(spec, sampler="tpe").sampler == spec.sampler


def test_what_makes_no_sense_together_is_refused() -> None:
    """The rules of the file hold."""
    with pytest.raises(InvalidInput):
        changed(SPEC, cost=Amount(value=3.0))


def test_a_sweep_that_could_not_start_says_how_to_look_and_continue(tmp_path: Path, new: Terminal) -> None:
    """With the commands of sweeps."""
    with temporary_settings({PREFECT_API_URL: DEAD}):
        answer = new.mlff("sweep", "run", written(tmp_path, "tune"), "--experiment", "mine")
    (run,) = new.mlff("runs", "list", "--experiment", "mine", "--json").json
    assert answer.code == 1
    assert f"Look with 'mlff sweep status {run['run_id']}'" in answer.err
    assert f"continue it with 'mlff sweep resume {run['run_id']}'" in answer.err


def test_a_finished_sweep_has_nothing_to_resume(own_sweeps: Sweeps) -> None:
    """A second resume is no failure: it says so and changes nothing."""
    assert own_sweeps.mlff_sweep("resume", DONE) == [
        (
            f"The sweep '{DONE}' has finished: all 24 trials were tried. There is nothing to resume; "
            f"'mlff sweep extend {DONE}' gives it more."
        )
    ]
    found = own_sweeps.mlff("sweep", "resume", DONE, "--json").json
    assert (found["status"], found["resumed"]) == ("FINISHED", False)


def test_a_sweep_that_found_nothing_is_not_run_in_vain(own_sweeps: Sweeps) -> None:
    """Its run has failed, and would fail again."""
    story = Story(run_id="0190d0000000700080000000000000aa")
    story.fail("no")
    story.close()
    with Tracker(open_store(own_sweeps.store)) as tracker:
        tracker.create_run("0", run_id=story.history.run_id, tags={"mlff.sweep": "tune"})
        tracker.end_run(story.history.run_id, RunStatus.FAILED)
        story.write(tracker.store)
    (line,) = own_sweeps.mlff_sweep("resume", story.history.run_id)
    assert "There is nothing to resume" in line


def test_what_was_not_made_from_a_project_is_resumed_in_python(own_sweeps: Sweeps) -> None:
    """The function is in somebody's program, not in the store."""
    Requests(open_store(own_sweeps.store), DONE).send(Extend(trials=99), ids=RandomIds())
    answer = own_sweeps.mlff("sweep", "resume", DONE)
    assert (answer.code, answer.out) == (1, "")
    assert "call resume() of the sweep in Python" in answer.err


def test_a_sweep_that_runs_elsewhere_is_not_resumed_beside_it(own_sweeps: Sweeps) -> None:
    """Who runs it is named, and how to follow or stop it."""
    store = open_store(own_sweeps.store)
    with Hold(store, CUT, token="0" * 16, clock=SystemClock(), ids=RandomIds()):
        answer = own_sweeps.mlff("sweep", "resume", CUT)
    assert (answer.code, answer.out) == (1, "")
    assert f"The sweep '{CUT}' is coordinated by process " in answer.err
    assert f"'mlff sweep stop {CUT}'" in answer.err
