"""Start commands under the supervisor, follow what they print, and end them on request.

Used for the entry points of projects and for the temporary Prefect server. A started command dies
with this process, whatever happens to it (see :mod:`mlflowflow.orchestration.supervisor`).
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import select
import subprocess
import sys
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.orchestration import supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

#: How long a command may take to end itself after SIGTERM, in seconds.
GRACE_SECONDS: Final = 10.0
#: Why a command was ended that nobody wants any more, and how the reason begins if it took too long.
CANCELLED: Final = "was cancelled"
TIMED_OUT: Final = "ran longer than its timeout"
_TAIL_LINES: Final = 15
_POLL_SECONDS: Final = 0.1


class SupervisedProcess:
    """One running command; closing it, or losing this process, ends the command and its children."""

    def __init__(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], grace_s: float = GRACE_SECONDS
    ) -> None:
        """Start `command` in `cwd` with exactly the environment `env`; output is kept as one stream."""
        program = [sys.executable, "-I", "-S", str(Path(supervisor.__file__)), str(grace_s), "--", *command]
        self._grace_s = grace_s
        self._process = subprocess.Popen(  # noqa: S603 - running the project's command is the purpose
            program,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Not in the terminal's group: Ctrl-C reaches our process, which decides in which order to stop.
            start_new_session=True,
        )
        self._ended = _Ended(self._process)

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        return self._process.pid

    @property
    def output(self) -> IO[bytes]:
        """What the command prints, standard output and error in one stream."""
        assert self._process.stdout is not None
        return self._process.stdout

    def poll(self) -> int | None:
        """Return the exit code, or None while the command runs."""
        return self._process.poll()

    def wait(self, timeout_s: float) -> int | None:
        """Return the exit code, or None if the command still runs after `timeout_s`."""
        return self._ended.wait(timeout_s)

    def stop(self, *, at_once: bool = False) -> int:
        """End the command and return its exit code: SIGTERM, SIGKILL after the grace period or `at_once`."""
        lifeline = self._process.stdin
        assert lifeline is not None
        if not lifeline.closed:
            with contextlib.suppress(BrokenPipeError):  # it has ended by itself
                if at_once:
                    lifeline.write(supervisor.AT_ONCE)
                lifeline.close()
        return self._process.wait(self._grace_s + 10)

    def close(self) -> None:
        """Stop the command if it still runs and release its pipes."""
        self.stop()
        self.output.close()
        self._ended.close()


class _Ended:
    """The end of a process, to be waited for without asking again and again where Linux allows it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._fd = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else -1

    def wait(self, timeout_s: float) -> int | None:
        if self._fd >= 0:
            poll = select.poll()
            poll.register(self._fd, select.POLLIN)
            poll.poll(timeout_s * 1000)
            return self._process.poll()
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a command ended: its `code`, why it was `stopped` ("" if it was not), and its last lines."""

    code: int
    stopped: str
    tail: str


def run_command(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    on_line: Callable[[str], None],
    timeout_s: float | None = None,
    check: Callable[[], str] = lambda: "",
    kill_for: Container[str] = (),
    clock: Clock | None = None,
) -> Exit:
    """Run `command` to its end and return how it ended.

    Every line it prints is given to `on_line`, without its newline; bytes that are not UTF-8 are
    replaced. After `timeout_s`, or when `check` gives a reason (it is asked ten times a second), the
    command and its children are ended and `Exit.stopped` says why. They are given the grace period,
    unless the reason is one of `kill_for`.
    """
    clock = clock or SystemClock()
    process = SupervisedProcess(command, cwd=cwd, env=env)
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    # In the caller's context: a Prefect logger finds its API through context variables, and outside
    # of them it would start a server of its own.
    context = contextvars.copy_context()
    reader = threading.Thread(target=context.run, args=(_follow, process.output, on_line, tail), daemon=True)
    reader.start()
    try:
        stopped = _wait_for_end(process, check=check, timeout_s=timeout_s, clock=clock)
        code = process.stop(at_once=stopped in kill_for)
        reader.join(GRACE_SECONDS)
    finally:
        process.close()
    return Exit(code=code, stopped=stopped, tail="\n".join(tail))


def _wait_for_end(
    process: SupervisedProcess, *, check: Callable[[], str], timeout_s: float | None, clock: Clock
) -> str:
    deadline = None if timeout_s is None else clock.monotonic_s() + timeout_s
    while process.wait(_POLL_SECONDS) is None:
        if reason := check():
            return reason
        if deadline is not None and clock.monotonic_s() > deadline:
            return f"{TIMED_OUT} of {timeout_s:g} s"
    return ""


def _follow(stream: IO[bytes], on_line: Callable[[str], None], tail: deque[str]) -> None:
    for raw in stream:
        line = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        tail.append(line)
        on_line(line)
