"""Programs that fork children, listen to them and kill them, and how a test runs one.

Forking is done by a program of its own with one thread, which has imported everything but opened
nothing: a child begins to work a few milliseconds later, so thousands of kills are affordable, and
pytest's process, which has threads, never forks.

A child says what it was promised by writing one byte for each call that returned. The pipe outlives
the child, so the parent knows exactly what was acknowledged at the kill.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Longer than any child takes that is not stuck.
GUARD_S: Final = 60.0


@dataclass(slots=True, kw_only=True)
class Child:
    """A forked process: its `pid`, the pipe `fd` it writes to, what was `heard` from it, and its exit `code`."""

    pid: int
    fd: int
    heard: bytes = b""
    code: int | None = None

    @property
    def acknowledged(self) -> int:
        """How many calls of the child have returned, as far as was heard."""
        return len(self.heard)

    def listen(self) -> bool:
        """Take what the child has written by now; False at the end of the pipe."""
        data = os.read(self.fd, 1 << 20)
        self.heard += data
        return bool(data)

    def kill(self) -> None:
        """Kill it, and hear all that it said before."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Hear it to the end and return its exit code; it is killed if it takes longer than it may."""
        deadline = time.monotonic() + GUARD_S
        with selectors.DefaultSelector() as selector:
            selector.register(self.fd, selectors.EVENT_READ)
            while True:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    os.kill(self.pid, signal.SIGKILL)
                elif not self.listen():
                    break
        os.close(self.fd)
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code


def fork(work: Callable[[int], None]) -> Child:
    """Run `work` in a child, which is given the pipe to write to and ends without cleaning up."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid=pid, fd=reading)
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.close(reading)
        work(writing)
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it was, the child must not go on as the parent
        with contextlib.suppress(OSError):
            traceback.print_exc()
    finally:
        os._exit(code)


def hear_for(children: Iterable[Child], seconds: float) -> None:
    """Listen to `children` for a time, so that none waits because its pipe is full."""
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for child in children:
            selector.register(child.fd, selectors.EVENT_READ, child)
        while (left := deadline - time.monotonic()) > 0 and selector.get_map():
            for key, _ in selector.select(left):
                if not key.data.listen():
                    selector.unregister(key.fileobj)


def ask(question: Callable[[], Any]) -> Any:
    """Return what `question` returns in a child of its own, by way of JSON."""
    child = fork(lambda fd: _send(fd, json.dumps(question()).encode()))
    code = child.wait()
    if code != 0:
        raise ChildProcessError(f"a child ended with {code}")
    return json.loads(child.heard)


def _send(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def run_program(module: str, plan: dict[str, Any], *, timeout_s: float = 3600.0) -> dict[str, Any]:
    """Run `python -m module` with `plan` as JSON; its last line of output is the answer, as JSON.

    Raises `ChildProcessError` if it fails and `TimeoutError` if it takes too long.
    """
    command = [sys.executable, "-m", module, json.dumps(plan)]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, start_new_session=True, **pipes) as program:
        try:
            said, complained = program.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{module} did not end within {timeout_s:.0f} s: {plan}") from error
        finally:
            with contextlib.suppress(ProcessLookupError):  # its children too, which may be what is stuck
                os.killpg(program.pid, signal.SIGKILL)
    if program.returncode != 0:
        raise ChildProcessError(f"{module} ended with {program.returncode}:\n{complained[-4000:]}")
    answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    return answer
