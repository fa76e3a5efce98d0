"""The supervisor: what it starts never outlives who asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlflowflow.orchestration import supervisor

PROGRAM = [sys.executable, "-I", "-S", str(Path(supervisor.__file__))]


def start(*command: str, grace: float = 5.0) -> subprocess.Popen[bytes]:
    """Start `command` under the supervisor, holding its lifeline."""
    return subprocess.Popen(
        [*PROGRAM, str(grace), "--", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def is_alive(pid: int) -> bool:
    """Answer whether the process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int, seconds: float = 10.0) -> bool:
    """Wait for the process to disappear."""
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def first_number(process: subprocess.Popen[bytes]) -> int:
    """Read the process id that the command prints as its first line."""
    assert process.stdout is not None
    return int(process.stdout.readline())


def finish(process: subprocess.Popen[bytes]) -> int:
    """Let go of the lifeline and return the exit code."""
    process.communicate(timeout=20)
    return process.returncode


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_the_commands_own(code: int) -> None:
    """A caller cannot tell the supervisor from the command by its exit code."""
    process = start("/bin/sh", "-c", f"exit {code}")
    assert process.wait(20) == code
    finish(process)


def test_a_closed_lifeline_ends_the_command_and_its_children() -> None:
    """When the asking process lets go, nothing of the command's group is left."""
    process = start("/bin/sh", "-c", "sleep 100 & echo $!; wait")
    grandchild = first_number(process)
    assert finish(process) == 128 + signal.SIGTERM
    assert wait_until_gone(grandchild)


def test_a_command_that_ignores_sigterm_is_killed_after_the_grace_period() -> None:
    """Stubborn commands end too."""
    process = start("/bin/sh", "-c", "trap '' TERM; echo $$; while true; do sleep 0.1; done", grace=0.3)
    pid = first_number(process)
    assert finish(process) == 128 + signal.SIGKILL
    assert wait_until_gone(pid)


def test_a_command_can_be_killed_without_a_grace_period() -> None:
    """A byte on the lifeline means at once, with the whole group and whatever the grace is."""
    process = start("/bin/sh", "-c", "trap '' TERM; sleep 100 & echo $!; wait", grace=60.0)
    grandchild = first_number(process)
    assert process.stdin is not None
    process.stdin.write(supervisor.AT_ONCE)
    assert finish(process) == 128 + signal.SIGKILL
    assert wait_until_gone(grandchild)


def test_what_a_finished_command_left_running_is_ended() -> None:
    """A background job has no owner once its command has ended."""
    process = start("/bin/sh", "-c", "sleep 100 >/dev/null & echo $!")
    left = first_number(process)
    assert process.wait(20) == 0
    assert wait_until_gone(left)
    finish(process)


def test_the_command_ends_when_the_asking_process_is_killed() -> None:
    """`kill -9` of the caller closes the lifeline like any other death."""
    script = (
        "import subprocess, sys, time\n"
        f"p = subprocess.Popen({[*PROGRAM, '1', '--', '/bin/sh', '-c', 'echo $$; sleep 100']!r}, stdin=subprocess.PIPE)\n"
        "time.sleep(100)\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    command = first_number(caller)
    caller.kill()
    assert wait_until_gone(command)
    caller.communicate(timeout=20)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child to its parent")
def test_the_command_ends_when_the_supervisor_itself_is_killed() -> None:
    """On Linux not even the supervisor's death orphans the command."""
    process = start("/bin/sh", "-c", "echo $$; exec sleep 100")
    command = first_number(process)
    os.kill(process.pid, signal.SIGKILL)
    assert wait_until_gone(command)
    finish(process)
