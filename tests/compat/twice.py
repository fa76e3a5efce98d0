"""Run one script on MLflow and on this library, and tell where what they report differs."""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[2]
PEER: Final = ROOT / "build" / "peers" / "mlflow" / "bin" / "python"
SCRIPTS: Final = Path(__file__).parent / "scripts"
SHARED: Final = Path(__file__).parent / "shared"
_MARK: Final = "\x1ecollected "
_QUIET: Final = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}
_DATABASE: Final = "mlflow.db"
_LIMIT_SECONDS: Final = 110


class ScriptFailed(Exception):
    """A script ended with an error; what it wrote is the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that the libraries do not agree on."""

    path: str
    mlflow: Any
    ours: Any

    def __str__(self) -> str:
        """Show both."""
        return f"{self.path}: MLflow reports {self.mlflow!r}, we {self.ours!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """MLflow, with an empty database to begin each script with."""

    database: Path

    @classmethod
    def with_empty_database(cls, folder: Path) -> Self:
        """Let MLflow make its tables once."""
        _finished(
            [str(PEER), "-c", "import mlflow; mlflow.search_experiments()"], cwd=folder, uri=_sqlite(folder)
        )
        return cls(database=folder / _DATABASE)

    def reports(self, script: Path, folder: Path) -> dict[str, Any]:
        """Run `script` in `folder` on MLflow. Raises `ScriptFailed`."""
        shutil.copy(self.database, folder / _DATABASE)
        return _reports(_finished([str(PEER), str(script)], cwd=folder, uri=_sqlite(folder)))


def our_reports(script: Path, folder: Path) -> dict[str, Any]:
    """Run `script` in `folder` on this library. Raises `ScriptFailed`."""
    command = [sys.executable, "-m", "mlflowflow.as_mlflow", str(script)]
    return _reports(_finished(command, cwd=folder, uri=str(folder / "store")))


def differences(mlflow: Any, ours: Any, *, path: str = "") -> Iterator[Difference]:
    """Yield the innermost places at which two reports differ.

    >>> [str(one) for one in differences({"a": [1, 2]}, {"a": [1, 3]})]
    ['a[1]: MLflow reports 2, we 3']
    """
    match mlflow, ours:
        case dict(), dict():
            for key in sorted({*mlflow, *ours}):
                inner = f"{path}.{key}" if path else key
                yield from differences(mlflow.get(key, "nothing"), ours.get(key, "nothing"), path=inner)
        case list(), list() if len(mlflow) == len(ours):
            for place, (one, other) in enumerate(zip(mlflow, ours, strict=True)):
                yield from differences(one, other, path=f"{path}[{place}]")
        case _ if mlflow == ours and isinstance(mlflow, type(ours)):
            return
        case _:
            yield Difference(path=path, mlflow=mlflow, ours=ours)


def undeclared(found: Sequence[Difference], declared: Mapping[str, str]) -> list[Difference]:
    """Return what no pattern of `declared` covers."""
    return [one for one in found if not any(fnmatch.fnmatchcase(one.path, each) for each in declared)]


def unneeded(found: Sequence[Difference], declared: Mapping[str, str]) -> list[str]:
    """Return the patterns of `declared` that nothing needs any more."""
    return [each for each in declared if not any(fnmatch.fnmatchcase(one.path, each) for one in found)]


def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / _DATABASE}"


def _finished(command: Sequence[str], *, cwd: Path, uri: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW", "GIT_"))}
    path = os.pathsep.join([str(SHARED), str(ROOT)])
    environ = {**kept, **_QUIET, "MLFLOW_TRACKING_URI": uri, "PYTHONPATH": path}
    done = subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False
    )
    if done.returncode != 0:
        raise ScriptFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-6000:]}")
    return done.stdout


def _reports(output: str) -> dict[str, Any]:
    lines = [line.removeprefix(_MARK) for line in output.split("\n") if line.startswith(_MARK)]
    reports = [json.loads(line) for line in lines]
    found: dict[str, Any] = {report["name"]: report["value"] for report in reports}
    if not found or len(found) != len(reports):
        raise ScriptFailed("The script reported nothing, or two things under one name.")
    return found
