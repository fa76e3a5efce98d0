"""What a trial may ask its sweep, and outside of one nobody answers yes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

import mlflowflow
from mlflowflow.errors import InvalidState
from mlflowflow.sweeps.live import FileLink, LiveTrial, file_link, linked, seen_path, should_prune
from mlflowflow.sweeps.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(slots=True)
class FakeLink:
    """A link that is pruned if the test says so, and keeps what is logged."""

    pruned: bool = False
    logged: list[tuple[str, float, int]] = field(default_factory=list[tuple[str, float, int]])

    def log(self, key: str, value: float, step: int) -> None:
        """Keep the point."""
        self.logged.append((key, value, step))

    def is_pruned(self) -> bool:
        """Answer what the test said."""
        return self.pruned


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Read the environment again."""
    file_link.cache_clear()
    yield
    file_link.cache_clear()


def live(link: FakeLink, metric: str = "loss") -> LiveTrial:
    """Return a trial on `link`."""
    trial = Trial(number=3, run_id="a" * 32, params={"x": 0.5}, attempt=2)
    return LiveTrial(trial, {"x": 0.5, "fixed": 1}, metric=metric, link=link)


def test_a_trial_knows_who_it_is() -> None:
    """The parameters are complete: the fixed ones are there as well."""
    trial = live(FakeLink())
    assert (trial.number, trial.attempt, trial.run_id) == (3, 2, "a" * 32)
    assert trial.params == {"x": 0.5, "fixed": 1}
    assert repr(trial) == f"<LiveTrial 3, attempt 2, run {'a' * 32}>"


def test_reporting_logs_the_metric_that_decides() -> None:
    """There is no second channel: a report is a point of the run."""
    link = FakeLink()
    live(link).report(0.5, 7)
    assert link.logged == [("loss", 0.5, 7)]


def test_a_report_that_could_mean_any_objective_is_refused() -> None:
    """The sentence says how to mark one."""
    with pytest.raises(InvalidState, match="has several objectives"):
        live(FakeLink(), metric="").report(0.5, 7)


def test_a_function_asks_its_own_link() -> None:
    """`should_prune` and the trial's method are the same question."""
    link = FakeLink()
    with linked(link):
        assert not should_prune()
        link.pruned = True
        assert should_prune()
        assert mlflowflow.should_prune()
        assert mlflowflow.sweeps.should_prune()
    assert live(link).should_prune()
    assert not should_prune()


def test_concurrent_trials_of_a_worker_do_not_hear_each_other() -> None:
    """A worker with several threads runs several trials."""
    answers: dict[str, bool] = {}
    both = threading.Barrier(2)

    def run(name: str, link: FakeLink) -> None:
        with linked(link):
            both.wait(10)
            answers[name] = should_prune()
            both.wait(10)

    threads = [
        threading.Thread(target=run, args=(name, FakeLink(pruned)))
        for name, pruned in [("a", True), ("b", False)]
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == {"a": True, "b": False}


def test_a_script_asks_by_its_launchers_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file's appearance is the request; that it was seen leaves a sign, and only then."""
    prune = tmp_path / "prune"
    monkeypatch.setenv("MLFLOWFLOW_RUN_ID", "r1")
    monkeypatch.setenv("MLFLOWFLOW_TRIAL_PRUNE", str(prune))
    seen = tmp_path / "prune.seen"
    assert str(seen) == seen_path(str(prune))
    assert not should_prune()
    assert not seen.exists()
    prune.touch()
    assert should_prune()
    assert should_prune()
    assert seen.exists()


def test_a_function_in_a_process_that_is_a_trial_asks_its_own_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that is pruned may be running a sweep itself; the trials inside are not pruned with it."""
    (tmp_path / "prune").touch()
    monkeypatch.setenv("MLFLOWFLOW_RUN_ID", "r1")
    monkeypatch.setenv("MLFLOWFLOW_TRIAL_PRUNE", str(tmp_path / "prune"))
    with linked(FakeLink()):
        assert not should_prune()
    assert should_prune()


def test_a_process_that_is_no_trial_is_never_pruned() -> None:
    """The same script can be run by hand."""
    assert file_link() is None
    assert not should_prune()


def test_a_file_link_needs_no_file_yet(tmp_path: Path) -> None:
    """Asking before anything was decided answers no."""
    assert not FileLink(tmp_path / "prune").is_pruned()
