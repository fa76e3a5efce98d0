"""Programs that system tests start, and what became of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
#: One command's longest time on a busy machine, in seconds.
PATIENCE = 500


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A command that ended: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON values."""
        return json.loads(self.out)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A folder to work in and the environment of commands started there."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def mlff(self, *arguments: str) -> Ended:
        """Run the command line to its end."""
        done = subprocess.run(
            [SCRIPTS / "mlff", *arguments],
            cwd=self.folder,
            env=self._environ(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start the command line in a process group of its own, as a terminal does."""
        with (self.folder / "printed.txt").open("wb") as printed:
            return subprocess.Popen(
                [SCRIPTS / "mlff", *arguments],
                cwd=self.folder,
                env=self._environ(),
                stdout=printed,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    @property
    def printed(self) -> str:
        """What the started command has printed so far."""
        return (self.folder / "printed.txt").read_text(errors="replace")

    def _environ(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MLFLOWFLOW", "PREFECT"))
        }
        return {**kept, "MLFLOWFLOW_USER": "tester", **self.environ}

    def project(self, *, trials: int | None = None) -> str:
        """Copy the example project here, with fewer trials if asked, and return its folder's name."""
        shutil.copytree(ROOT / "examples" / "digits", self.folder / "digits", dirs_exist_ok=True)
        if trials is not None:
            file = self.folder / "digits" / "MLproject"
            text = file.read_text()
            assert "budget: {trials: 24}" in text
            file.write_text(text.replace("budget: {trials: 24}", f"budget: {{trials: {trials}}}"))
        return "digits"


def wait_for(question: Any, *, seconds: float = 120) -> None:
    """Ask until the answer is true."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def descendants(pid: int) -> set[int]:
    """Return the processes that `pid` started, and theirs, and so on."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found: set[int] = set()
    level = {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level} - found
        found |= level
    return found


def is_alive(pid: int) -> bool:
    """Answer whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C: the terminal signals the whole group."""
    os.killpg(process.pid, signal.SIGINT)
