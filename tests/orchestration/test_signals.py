"""Points out of a command and the request to end into it, in the right order and of the right attempt."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock, SystemClock
from mlflowflow.config import child_environ
from mlflowflow.orchestration.command_trial import CommandTrial
from mlflowflow.orchestration.pool import DaskPool
from mlflowflow.orchestration.process import CANCELLED, run_command
from mlflowflow.orchestration.signals import PRUNED, Signals, Tail, thinned
from mlflowflow.projects.sweep_spec import OnPrune, TrialPolicy
from mlflowflow.sweeps.trial import Outcome, Trial
from mlflowflow.tracking.reporting import FileReports, line
from tests.orchestration.contacts import FakeContact

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import distributed

    from mlflowflow.clock import Clock
    from mlflowflow.orchestration.process import Exit
    from mlflowflow.sweeps.pool import News
    from mlflowflow.sweeps.trial import Report, TrialEnd
    from tests.orchestration.places import Place


def signals_of(
    folder: Path, contact: FakeContact, *, policy: TrialPolicy | None = None, clock: Clock | None = None
) -> Signals:
    """Return the signals of an attempt that reports its loss."""
    return Signals(
        contact,
        folder,
        run_id="r1",
        metric="loss",
        policy=policy or TrialPolicy(),
        clock=clock or ManualClock(),
    )


def test_a_point_is_passed_on_once(tmp_path: Path) -> None:
    """What was read is not read again, whatever follows."""
    contact = FakeContact()
    signals = signals_of(tmp_path, contact)
    reports = FileReports(tmp_path / "reports", "loss")
    assert signals.check() == ""
    for step in range(2):
        reports("loss", step / 2, step)
        signals.check()
    reports("loss", 1.0, 2)
    signals.close()
    assert contact.points == [(0, 0.0), (1, 0.5), (2, 1.0)]


def test_a_line_that_is_being_written_waits_until_it_is_whole(tmp_path: Path) -> None:
    """Half a number is another number."""
    tail, path = Tail(tmp_path / "reports"), tmp_path / "reports"
    path.write_text("1 0.5\n2 0.2")
    assert tail.read() == [(1, 0.5)]
    path.write_text("1 0.5\n2 0.25\n")
    assert tail.read() == [(2, 0.25)]
    assert tail.read() == []


@given(st.lists(st.integers(0, 9), min_size=1, max_size=80), st.integers(1, 20))
def test_thinning_keeps_the_last_point_and_the_order(steps: list[int], most: int) -> None:
    """A script that logs a million points must not stop the sweep, and its latest point is the one that counts."""
    points = [(number, float(step)) for number, step in enumerate(steps)]
    kept = thinned(points, most)
    assert len(kept) == min(most, len(points))
    assert kept[-1] == points[-1]
    assert kept == sorted(kept)
    assert set(kept) <= set(points)


def test_the_files_of_one_attempt_are_not_those_of_another(tmp_path: Path) -> None:
    """A command of an old attempt that still runs writes where nobody reads any more."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    first, second = (signals_of(folder, FakeContact()) for folder in folders)
    assert set(first.environ.values()) & set(second.environ.values()) == {"loss"}


def test_without_a_metric_nothing_is_reported_but_the_trial_can_be_pruned(tmp_path: Path) -> None:
    """A sweep without a pruner costs its trials nothing."""
    signals = Signals(
        FakeContact(), tmp_path, run_id="r1", metric="", policy=TrialPolicy(), clock=ManualClock()
    )
    assert signals.environ["MLFLOWFLOW_TRIAL_REPORTS"] == ""
    assert signals.environ["MLFLOWFLOW_TRIAL_PRUNE"] == str(tmp_path / "prune")


def test_a_pruned_trial_is_told_and_ended_after_its_grace(tmp_path: Path) -> None:
    """The request comes first; the end comes when the grace is over, not before."""
    contact, clock = FakeContact(), ManualClock()
    signals = signals_of(tmp_path, contact, policy=TrialPolicy(grace_s=5.0), clock=clock)
    assert signals.check() == ""
    assert not (tmp_path / "prune").exists()
    contact.is_to_end = True
    assert signals.check() == ""
    assert (tmp_path / "prune").exists()
    clock.advance(4.9)
    assert signals.check() == ""
    clock.advance(0.1)
    assert signals.check() == PRUNED


def test_a_sweep_that_kills_gives_no_grace(tmp_path: Path) -> None:
    """The command need not be asked."""
    contact = FakeContact(is_to_end=True)
    assert signals_of(tmp_path, contact, policy=TrialPolicy(on_prune=OnPrune.KILL)).check() == PRUNED


def test_a_sweep_that_only_records_tells_the_trial_nothing(tmp_path: Path) -> None:
    """Otherwise a script that asks would end."""
    signals = signals_of(tmp_path, FakeContact(is_to_end=True), policy=TrialPolicy(on_prune=OnPrune.NEVER))
    assert signals.check() == ""
    assert not (tmp_path / "prune").exists()


def test_a_trial_nobody_wants_is_ended_at_once(tmp_path: Path) -> None:
    """Also when it is being pruned: its grace is for a result that somebody waits for."""
    assert signals_of(tmp_path, FakeContact(is_wanted=False, is_to_end=True)).check() == CANCELLED


def run_script(place: Place, script: str, contact: FakeContact, policy: TrialPolicy) -> tuple[Exit, Signals]:
    """Run a Python script as a command with signals."""
    tracker = place.workplace().tracker()
    run_id = tracker.create_run("0").info.run_id
    (place.folder / "script.py").write_text(script)
    signals = Signals(contact, place.folder, run_id=run_id, metric="loss", policy=policy, clock=SystemClock())
    environ = {"MLFLOWFLOW_TRACKING_URI": tracker.uri, "MLFLOWFLOW_RUN_ID": run_id, **signals.environ}
    ended = run_command(
        [sys.executable, str(place.folder / "script.py")],
        cwd=place.folder,
        env=child_environ(environ),
        on_line=lambda _line: None,
        check=signals.check,
        kill_for={PRUNED} if policy.on_prune is OnPrune.KILL else (),
        timeout_s=60,
    )
    signals.close()
    return ended, signals


#: Logs for ever, as a training does that knows nothing of sweeps.
UNMODIFIED = """\
import time, mlflowflow
for step in range(100_000):
    mlflowflow.log_metric("loss", 1.0, step=step)
    mlflowflow.log_metric("other", 1.0, step=step)
    time.sleep(0.01)
"""


def test_an_unmodified_script_is_heard_and_ended(place: Place) -> None:
    """It only logs; nobody told it that it is a trial."""
    contact = FakeContact(prune_at=3)
    ended, signals = run_script(place, UNMODIFIED, contact, TrialPolicy(grace_s=0.2))
    assert ended.stopped == PRUNED
    assert not signals.was_seen
    steps = [step for step, _ in contact.points]
    assert steps[:3] == [0, 1, 2]
    assert steps == sorted(set(steps))


def test_a_script_that_asks_ends_in_order(place: Place) -> None:
    """It sees the request after the point that caused it, and what it logs afterwards still counts."""
    script = """\
import mlflowflow
for step in range(100_000):
    mlflowflow.log_metric("loss", 1.0, step=step)
    if mlflowflow.should_prune():
        mlflowflow.log_metric("loss", 2.0, step=step + 1)
        break
"""
    contact = FakeContact(prune_at=1)
    ended, signals = run_script(place, script, contact, TrialPolicy(grace_s=60.0))
    assert (ended.stopped, ended.code) == ("", 0)
    assert signals.was_seen
    assert [value for _, value in contact.points][-1] == 2.0


def test_a_script_is_killed_in_the_middle_of_anything(place: Place) -> None:
    """Neither SIGTERM nor a grace period stands between the decision and the end."""
    script = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{UNMODIFIED}"
    clock = SystemClock()
    began = clock.monotonic_s()
    ended, _ = run_script(place, script, FakeContact(prune_at=1), TrialPolicy(on_prune=OnPrune.KILL))
    assert ended.stopped == PRUNED
    assert ended.code == 128 + 9
    assert clock.monotonic_s() - began < 30.0


def test_the_last_points_of_a_short_script_arrive(place: Place) -> None:
    """It has ended before anybody looked once."""
    script = "import mlflowflow\nmlflowflow.log_metrics({'loss': 0.5}, step=3)\n"
    contact = FakeContact()
    ended, _ = run_script(place, script, contact, TrialPolicy())
    assert (ended.code, contact.points) == (0, [(3, 0.5)])


def test_a_line_is_what_the_tail_reads(tmp_path: Path) -> None:
    """Writer and reader are two processes and one format."""
    (tmp_path / "reports").write_text(f"{line(3, float('nan'))}\n{line(-1, 1e-300)}\nrubbish\n")
    found = Tail(tmp_path / "reports").read()
    assert repr(found) == "[(3, nan), (-1, 1e-300)]"


#: Writes down the step at which it learnt that it shall end.
ATTENTIVE = """\
import pathlib, sys, time, mlflowflow
for step in range(100_000):
    mlflowflow.log_metric("loss", 1.0, step=step)
    if mlflowflow.should_prune():
        pathlib.Path(sys.argv[1]).write_text(str(step))
        break
    time.sleep(0.01)
"""


def test_a_point_a_decision_and_a_signal_follow_one_another(
    client: distributed.Client, place: Place, tmp_path: Path
) -> None:
    """From the script over Dask to the sweep and back; a later attempt begins with points of its own."""
    place.write({"train.py": ATTENTIVE})
    work = CommandTrial(
        call=place.call(f"python train.py {tmp_path / 'seen'}"), fixed={}, policy=TrialPolicy(), metric="loss"
    )
    pool = DaskPool(client, sweep_run_id=work.call.run_id, workplace=place.workplace(), work=work)
    try:
        for attempt in (1, 2):
            pool.submit(Trial(number=0, run_id="a" * 32, params={}, attempt=attempt))
            news = _news(pool, lambda news: news.reports)
            assert news.ends == ()
            assert (news.reports[0].step, news.reports[0].attempt) == (0, attempt)
            assert not (tmp_path / "seen").exists()
            weighed = news.reports[-1].step
            pool.prune(0)
            reports, end = _to_the_end(pool)
            assert end.outcome is Outcome.PRUNED
            seen_at = int((tmp_path / "seen").read_text())
            assert weighed <= seen_at
            assert [each.step for each in reports] == list(range(weighed + 1, seen_at + 1))
            (tmp_path / "seen").unlink()
    finally:
        pool.close()
    assert place.run("a" * 32).data.tags["mlff.trial.state"] == "PRUNED"


def _news(pool: DaskPool, wanted: Callable[[News], object]) -> News:
    for _ in range(300):
        news = pool.wait(0.2)
        if wanted(news):
            return news
    raise AssertionError("nothing was heard for a minute")


def _to_the_end(pool: DaskPool) -> tuple[list[Report], TrialEnd]:
    reports: list[Report] = []
    while True:
        news = _news(pool, lambda news: news.reports or news.ends)
        reports += news.reports
        if news.ends:
            return reports, news.ends[0]
