"""Peers' environments: each its own, installed once from the pins in ``benchmarks/peers``."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.benchmark import OURS
from mlflowflow.ids import digest

ROOT: Final = Path(__file__).parents[1]
_PINS: Final = ROOT / "benchmarks" / "peers"
_STAMP: Final = ".installed"
_PIN: Final = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[\w.+!-]+)")


class InstallFailed(Exception):
    """A peer could not be installed; what pip said is the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """Where the interpreters are: ours, and a peer's under `folder`."""

    folder: Path

    def python(self, name: str) -> str:
        """Return the interpreter of the environment `name`."""
        return sys.executable if name == OURS else str(self.folder / name / "bin" / "python")

    def install(self, name: str) -> None:
        """Make the environment `name` unless it is there as pinned. Raises `InstallFailed`."""
        if name == OURS:
            return
        pins = _PINS / f"{name}.txt"
        stamp = self.folder / name / _STAMP
        wanted = digest(pins.read_bytes())
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        self._renewed(name)
        self._pip(name, "install", "--quiet", "--requirement", str(pins))
        stamp.write_text(wanted)

    def pin_newest(self, name: str) -> None:
        """Install the newest release of the peer `name` anew and pin what came. Raises `InstallFailed`."""
        self._renewed(name)
        self._pip(name, "install", "--quiet", name)
        frozen = self._pip(name, "list", "--format=freeze", "--exclude", "pip", "--exclude", "setuptools")
        (_PINS / f"{name}.txt").write_text("\n".join(sorted(_pins_in(frozen), key=str.lower)) + "\n")

    def version(self, name: str) -> str:
        """Return the release of the peer `name` that is pinned."""
        pins = dict(pin.split("==") for pin in _pins_in((_PINS / f"{name}.txt").read_text()))
        return pins.get(name, "unknown")

    def _renewed(self, name: str) -> None:
        command = [sys.executable, "-m", "venv", "--clear", str(self.folder / name)]
        subprocess.run(command, check=True)

    def _pip(self, name: str, *arguments: str) -> str:
        command = [self.python(name), "-m", "pip", "--disable-pip-version-check", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise InstallFailed(f"'{name}' cannot be installed into '{self.folder / name}':\n{done.stderr}")
        return done.stdout


def _pins_in(text: str) -> list[str]:
    """Return the plain pins among the lines of `text`; whatever names an address is left out."""
    return [line for line in text.split() if _PIN.fullmatch(line)]
