"""Trials on real workers: ended well, badly, cancelled, and taken down with their worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.clock import SystemClock
from mlflowflow.errors import StepFailed
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.pool import DaskPool, task_is_cancelled
from mlflowflow.orchestration.sweep import Trial, TrialEnd
from tests.orchestration.places import LOSS

if TYPE_CHECKING:
    from collections.abc import Callable

    import distributed

    from tests.orchestration.places import Place

#: Kills the worker, which is the parent of the command's supervisor.
ASSASSIN = """\
import os, pathlib, signal
def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])

pid = os.getpid()
while b"supervisor.py" not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
    pid = parent(pid)
os.kill(parent(pid), signal.SIGKILL)
"""


def trial(number: int = 0) -> Trial:
    """Return a first attempt."""
    return Trial(number=number, attempt=1, params={}, run_id=RandomIds().run_id())


def pool(client: distributed.Client, place: Place, command: str) -> DaskPool:
    """Return a pool whose trials all run `command`."""
    known = place.call(command)
    return DaskPool(client, lambda trial: place.call(command, run_id=trial.run_id, source=known.source))


def ends(trials: DaskPool, count: int) -> list[TrialEnd]:
    """Wait until `count` trials have ended."""
    found: list[TrialEnd] = []
    while len(found) < count:
        found += trials.wait()
    return found


def kept(client: distributed.Client) -> list[str]:
    """Return the results that workers hold."""
    by_worker: Any = client.has_what()
    return [key for keys in by_worker.values() for key in keys]


def test_every_trial_ends_once_and_with_its_metrics(client: distributed.Client, place: Place) -> None:
    """More trials than workers wait for their turn; nothing is left on the cluster afterwards."""
    place.write({"loss.py": LOSS})
    trials = pool(client, place, "python loss.py 0.5")
    for number in range(3):
        trials.submit(trial(number))
    metrics = {end.trial.number: end.metrics for end in ends(trials, 3)}
    assert metrics == {number: {"loss": 0.5} for number in range(3)}
    wait_until(lambda: not kept(client))


def test_a_failed_trial_carries_its_commands_error(client: distributed.Client, place: Place) -> None:
    """The error has crossed the network whole: facts, not only text."""
    trials = pool(client, place, "echo why; exit 4")
    trials.submit(trial())
    (end,) = ends(trials, 1)
    assert isinstance(end.error, StepFailed)
    assert (end.error.exit_code, end.error.tail, end.metrics) == (4, "why", {})


def test_a_trial_that_takes_its_worker_down_ends_as_an_error(
    client: distributed.Client, place: Place
) -> None:
    """Neither a hang nor an endless repetition; the next trial finds a worker."""
    place.write({"assassin.py": ASSASSIN})
    trials = pool(client, place, "python assassin.py")
    trials.submit(trial(7))
    (end,) = ends(trials, 1)
    assert isinstance(end.error, StepFailed)
    assert str(end.error).startswith("Step 'trial 7' lost its worker several times")
    healthy = pool(client, place, "true")
    healthy.submit(trial())
    assert ends(healthy, 1)[0].error is None


def test_cancelling_ends_the_commands_of_running_trials(client: distributed.Client, place: Place) -> None:
    """The worker notices, ends the command, and marks the run KILLED."""
    began = place.folder / "began"
    trials = pool(client, place, f"touch {began}; sleep 100; touch {place.folder}/survived")
    running = trial()
    trials.submit(running)
    wait_until(began.exists)
    assert trials.cancel() == [running]
    wait_until(lambda: place.run(running.run_id).info.status.value == "KILLED")
    assert "was cancelled" in place.run(running.run_id).data.tags["mlff.failure"]


def wait_until(question: Callable[[], bool]) -> None:
    """Ask until the answer is yes."""
    clock = SystemClock()
    deadline = clock.monotonic_s() + 60
    while not question():
        assert clock.monotonic_s() < deadline
        clock.sleep(0.1)


def test_outside_a_worker_nothing_is_ever_cancelled() -> None:
    """The same step can run anywhere."""
    assert task_is_cancelled()() is False
