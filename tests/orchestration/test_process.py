"""Commands that are followed to their end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflowflow.config import child_environ
from mlflowflow.orchestration.process import CANCELLED, Exit, SupervisedProcess, run_command


def run_shell(
    script: str, folder: Path, lines: list[str] | None = None, timeout_s: float | None = None
) -> Exit:
    """Run a shell script in `folder`, collecting its lines."""
    kept: list[str] = [] if lines is None else lines
    return run_command(
        ["/bin/sh", "-c", script], cwd=folder, env=child_environ({}), on_line=kept.append, timeout_s=timeout_s
    )


def test_lines_arrive_in_order_from_both_streams(tmp_path: Path) -> None:
    """What a command prints is one stream, as a terminal would show it."""
    lines: list[str] = []
    ended = run_shell("echo one; echo two >&2; echo three", tmp_path, lines)
    assert (ended.code, ended.stopped, lines) == (0, "", ["one", "two", "three"])


def test_bytes_that_are_no_text_do_not_stop_the_command(tmp_path: Path) -> None:
    """A broken character is replaced, nothing else is lost."""
    lines: list[str] = []
    run_shell(r"printf '\377x\n'", tmp_path, lines)
    assert lines == ["\ufffdx"]


def test_the_tail_is_the_end_of_the_output(tmp_path: Path) -> None:
    """An error message shows the last lines, where the reason usually stands."""
    ended = run_shell("seq 1 1000; exit 4", tmp_path)
    assert (ended.code, ended.tail.splitlines()[-1], len(ended.tail.splitlines())) == (4, "1000", 15)


def test_a_command_is_ended_at_its_timeout(tmp_path: Path) -> None:
    """The exit says that, and after how long."""
    ended = run_shell("sleep 100", tmp_path, timeout_s=0.2)
    assert ended.stopped == "ran longer than its timeout of 0.2 s"


def test_a_command_is_ended_when_there_is_a_reason(tmp_path: Path) -> None:
    """The question is asked while the command runs."""
    answers = iter(["", CANCELLED])
    ended = run_command(
        ["/bin/sleep", "100"],
        cwd=tmp_path,
        env=child_environ({}),
        on_line=lambda _line: None,
        check=lambda: next(answers),
    )
    assert ended.stopped == "was cancelled"


@pytest.mark.parametrize(("kill_for", "signum"), [((), signal.SIGTERM), ((CANCELLED,), signal.SIGKILL)])
def test_a_reason_may_leave_a_command_no_time(
    tmp_path: Path, kill_for: tuple[str, ...], signum: signal.Signals
) -> None:
    """It is killed with its children, and does not hear of it before."""
    lines: list[str] = []
    ended = run_command(
        ["/bin/sh", "-c", "trap 'echo heard; exit 143' TERM; echo on; while true; do sleep 0.05; done"],
        cwd=tmp_path,
        env=child_environ({}),
        on_line=lines.append,
        check=lambda: CANCELLED if lines else "",
        kill_for=kill_for,
    )
    assert ended.code == 128 + signum
    assert ("heard" in lines) is (signum == signal.SIGTERM)


def test_the_end_of_a_command_is_seen_at_once(tmp_path: Path) -> None:
    """A short trial does not pay for the rhythm in which a long one is looked at."""
    process = SupervisedProcess(["/bin/true"], cwd=tmp_path, env=child_environ({}))
    try:
        assert process.wait(30.0) == 0
    finally:
        process.close()
    assert process.poll() == 0


def test_waiting_for_a_command_that_runs_ends_in_time(tmp_path: Path) -> None:
    """None means that it still runs."""
    process = SupervisedProcess(["/bin/sleep", "100"], cwd=tmp_path, env=child_environ({}))
    try:
        assert process.wait(0.05) is None
    finally:
        process.close()


def test_the_command_sees_only_the_given_environment(tmp_path: Path) -> None:
    """Nothing leaks that was not handed over."""
    lines: list[str] = []
    run_command(["/usr/bin/env"], cwd=tmp_path, env={"ONLY": "this"}, on_line=lines.append)
    assert "ONLY=this" in lines
    assert not any(line.startswith("HOME=") for line in lines)


@settings(max_examples=5, deadline=None)
@given(code=st.integers(min_value=0, max_value=120))
def test_any_exit_code_comes_back(code: int) -> None:
    """The caller decides what a code means."""
    assert run_shell(f"exit {code}", Path("/")).code == code


def test_closing_a_process_twice_is_harmless(tmp_path: Path) -> None:
    """Cleaning up is not the place for a second error."""
    process = SupervisedProcess(["/bin/sleep", "100"], cwd=tmp_path, env=child_environ({}))
    process.close()
    process.close()
    assert process.poll() is not None
