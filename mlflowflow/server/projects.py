"""The projects that pages may run: those that whoever started the server named, and nothing else.

A page names a project, a plan of it and values for its parameters; what is run is what ``mlff run`` would run
for the same. A run outlives the server that began it. What runs of the store say about projects is never run:
whoever can write there could otherwise run anything here.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.projects.plan import make_plan
from mlflowflow.projects.spec import load_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from mlflowflow.projects.spec import ProjectSpec

_PROGRAM: Final = (sys.executable, "-m", "mlflowflow")


def begin(arguments: Sequence[str]) -> None:
    """Begin ``mlff`` with `arguments` as a process that neither Ctrl-C nor the end of this one reaches."""
    process = subprocess.Popen(  # noqa: S603 - this library's own command, without a shell
        [*_PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, name="mlff-run", daemon=True).start()  # else it stays a zombie


def _nothing() -> Mapping[str, Path]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Projects:
    """Folders of projects by name, the `store` that they run on, and what begins a command."""

    store: str = ""
    folders: Mapping[str, Path] = field(default_factory=_nothing)
    begin: Callable[[Sequence[str]], None] = begin

    @classmethod
    def of(cls, folders: Iterable[Path], *, store: str) -> Projects:
        """Return the projects in `folders`, named after them.

        Raises `NotFound` and `InvalidProject` for a folder that holds none, and `InvalidInput` for two of a name.
        """
        found: dict[str, Path] = {}
        for folder in folders:
            root = load_project(folder).root
            if found.setdefault(root.name, root) != root:
                raise InvalidInput(
                    f"Two projects are in folders called '{root.name}', '{found[root.name]}' and '{root}'; pages "
                    "tell projects apart by the names of their folders, so give one of them."
                )
        return cls(store=store, folders=MappingProxyType(found))

    def spec(self, name: str) -> ProjectSpec:
        """Read a project as it is now. Raises `NotFound`, and `InvalidProject` with what is wrong in its file."""
        if name not in self.folders:
            raise NotFound(
                "project", name, hint="Start the server with --project FOLDER to let pages run it."
            )
        return load_project(self.folders[name])

    def start(self, project: str, plan: str, given: Mapping[str, str], *, experiment: str = "") -> None:
        """Begin `plan` of a project with the values `given`.

        Raises `NotFound` and `InvalidInput` for what ``mlff run`` would refuse.
        """
        spec = self.spec(project)
        make_plan(spec, plan, given)
        values = [f"--param={name}={value}" for name, value in given.items()]
        where = [f"--experiment={experiment}"] if experiment else []
        self.begin(["run", str(spec.root), f"--entry-point={plan}", *where, *values, f"--store={self.store}"])
