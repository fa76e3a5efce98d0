"""Run one command and make sure that it never outlives the process that asked for it.

This file is also a program: ``python -I -S supervisor.py GRACE -- COMMAND…``. It starts the command
in a session of its own and watches its standard input. The asking process holds the other end of
that pipe; whichever way it dies, `kill -9` included, the pipe closes and the supervisor ends the
whole process group: SIGTERM, then SIGKILL after GRACE seconds. A byte written to the pipe says the
same without SIGTERM and grace. It needs the standard library only and starts in some 20 ms.

Exit code: the command's own, or 128 + the signal that ended it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_POLL_SECONDS: Final = 0.02
#: What the asking process writes to have the command killed without a grace period.
AT_ONCE: Final = b"!"


def main(arguments: list[str]) -> int:
    """Supervise the command in `arguments` (``[grace, "--", *command]``) and return its exit code."""
    grace_s = float(arguments[0])
    child = subprocess.Popen(  # noqa: S603 - running the caller's command is the purpose
        arguments[2:],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - this program has one thread
    )
    stopping = _StopFlag()
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, stopping.set)
    wake = _wake_on_child_exit()
    while child.poll() is None and not stopping.is_set:
        readable, _, _ = select.select([0, wake], [], [])
        if 0 in readable:
            if os.read(0, 1):
                grace_s = 0.0
            break
        if wake in readable:
            os.read(wake, 64)
    if child.poll() is None and grace_s:
        _signal_group(child.pid, signal.SIGTERM)
        _wait(child, grace_s)
    # Also after a normal end: what the command left running in its group has no owner any more.
    _signal_group(child.pid, signal.SIGKILL)
    code = child.wait()
    return code if code >= 0 else 128 - code


class _StopFlag:
    """Remember that a signal asked for the end."""

    def __init__(self) -> None:
        self.is_set = False

    def set(self, _signum: int, _frame: object) -> None:
        self.is_set = True


def _wake_on_child_exit() -> int:
    """Return a descriptor that becomes readable when a signal, such as SIGCHLD, arrives."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda _signum, _frame: None)
    return reader


def _die_with_parent() -> None:
    """Ask Linux to kill the command if the supervisor itself is killed; elsewhere do nothing."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _signal_group(pid: int, signum: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signum)


def _wait(child: subprocess.Popen[bytes], seconds: float) -> None:
    # `Popen.wait(timeout=…)` would do; a plain loop keeps SIGTERM during the grace period harmless.
    deadline = time.monotonic() + seconds
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)  # noqa: TID251 - a program of its own, without the library's clock


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
