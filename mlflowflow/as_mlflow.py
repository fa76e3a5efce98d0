"""Run a script that says ``import mlflow`` on this library, without a change to the script.

::

    python -m mlflowflow.as_mlflow train.py --depth 3

or, in a program of one's own and before anything imports ``mlflow``::

    import mlflowflow.as_mlflow
    mlflowflow.as_mlflow.install()

Afterwards ``mlflow`` and ``mlflow.<name>`` are names for ``mlflowflow`` and ``mlflowflow.<name>``: the
same module objects, each imported when it is first asked for. That is done by a finder rather than by
entries in `sys.modules`, which would have to import everything at once. What this library does not have
is not there under the other name either: its import fails as that of any unknown module does.
"""

from __future__ import annotations

import importlib
import importlib.util
import runpy
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, InvalidState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["install", "main", "uninstall"]

_OURS: Final = "mlflowflow"
_THEIRS: Final = "mlflow"


class _Alias(Loader):
    """Hand out one of our modules under the other name, and leave it as it is."""

    def __init__(self, ours: str) -> None:
        self._ours = ours
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        del spec
        module = importlib.import_module(self._ours)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has just put the alias's there


class _Finder(MetaPathFinder):
    """Find ``mlflow`` and all below it among our modules."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        top, dot, rest = fullname.partition(".")
        if top != _THEIRS:
            return None
        ours = f"{_OURS}{dot}{rest}"
        found = importlib.util.find_spec(ours)
        if found is None:
            return None
        is_package = found.submodule_search_locations is not None
        return ModuleSpec(fullname, _Alias(ours), origin=found.origin, is_package=is_package)


_FINDER: Final = _Finder()


def install() -> None:
    """Make ``import mlflow`` mean this library in this process; again does nothing.

    Raises `InvalidState` if MLflow itself was imported before: two libraries would share one name.

    >>> install()
    >>> import mlflow, mlflow.entities
    >>> mlflow.entities.Param("depth", "3").value
    '3'
    >>> uninstall()
    """
    if _FINDER in sys.meta_path:
        return
    present = sys.modules.get(_THEIRS)
    if present is not None:
        raise InvalidState(
            f"'{_THEIRS}' was imported already, from '{getattr(present, '__file__', None)}'; call "
            "mlflowflow.as_mlflow.install() before anything that imports it."
        )
    sys.meta_path.insert(0, _FINDER)


def uninstall() -> None:
    """Take the name away again, also from what was imported under it; without `install` do nothing.

    Raises nothing. What a program holds of this library stays as it is.

    >>> install()
    >>> import mlflow.entities
    >>> uninstall()
    >>> [name for name in sys.modules if name.startswith("mlflow.")]
    []
    """
    if _FINDER not in sys.meta_path:
        return
    sys.meta_path.remove(_FINDER)
    for name in [name for name in sys.modules if name.partition(".")[0] == _THEIRS]:
        del sys.modules[name]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the script that `arguments` begin with, as ``python script …`` would.

    By default the arguments are those of the command line. `sys.argv` and the first entry of `sys.path` are
    the script's afterwards: the process is meant to be its own.

    Raises `InvalidInput` if no script is given or it is no file, `InvalidState` if MLflow itself was imported
    before, and what the script raises.

    >>> _ = Path("train.py").write_text("import mlflow, sys; print(mlflow.__name__, sys.argv[1:])")
    >>> before = sys.argv, sys.path[0]
    >>> main(["train.py", "--depth", "3"])
    mlflowflow ['--depth', '3']
    >>> uninstall()
    >>> sys.argv, sys.path[0] = before
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or not Path(given[0]).is_file():
        found = f"'{given[0]}', which is no file" if given else "nothing"
        raise InvalidInput(
            f"A script to run was expected, but found {found}; say: "
            "python -m mlflowflow.as_mlflow SCRIPT [ARGUMENTS]"
        )
    install()
    sys.argv = given
    sys.path[0] = str(Path(given[0]).resolve().parent)
    runpy.run_path(given[0], run_name="__main__")


if __name__ == "__main__":
    main()
