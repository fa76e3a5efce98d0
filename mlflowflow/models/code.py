"""A model's own Python files: kept in its folder, and imported from there and from nowhere else.

Two models may bring different modules of one name, and the process may have imported a third. So a
model's modules are in `sys.modules` and its folder is on `sys.path` only while the model is loaded or
asked; then what was there before is there again. A module that the process has already imported from
the very same source is shared: objects are then of the classes that the caller knows.
"""

from __future__ import annotations

import importlib
import shutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from types import ModuleType

#: The sub-folder of a model's folder that holds its Python files.
CODE: Final = "code"

_SWAPPING: Final = threading.RLock()
_NOT_CODE: Final = shutil.ignore_patterns("__pycache__", "*.pyc", ".git", ".venv")


def copy_code(paths: Iterable[str | Path], folder: Path) -> str | None:
    """Copy files and folders of Python code into a model's `folder`; return the sub-folder, None for none.

    Raises `NotFound` for a path that is not there and `InvalidInput` for two of one name.
    """
    sources = [Path(path).resolve() for path in paths]
    for place, source in enumerate(sources):
        if not source.exists():
            raise NotFound("file or folder", str(source), hint="'code_paths' lists Python files and folders.")
        if source.name in {other.name for other in sources[:place]}:
            raise InvalidInput(f"'code_paths' lists '{source.name}' twice; rename one of the two.")
    for source in sources:
        copy_tree(source, folder / CODE / source.name)
    return CODE if sources else None


def copy_tree(source: Path, target: Path) -> None:
    """Copy a file, or a folder without what Python compiles, to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_NOT_CODE)
    else:
        shutil.copyfile(source, target)


class OwnCode:
    """The modules in one folder, which are visible inside `active` and nowhere else."""

    def __init__(self, folder: Path) -> None:
        """Use the modules in `folder`; nothing is imported yet."""
        self._folder = folder
        self._names = frozenset(path.stem for path in folder.iterdir() if _is_importable(path))
        self._mine: frozenset[str] | None = None
        self._own: dict[str, ModuleType] = {}

    @contextmanager
    def active(self) -> Generator[None]:
        """Let imports find these modules first. One thread at a time, for all threads share `sys.modules`."""
        with _SWAPPING:
            if self._mine is None:
                self._mine = frozenset(name for name in self._names if not _same_source(name, self._folder))
            aside = _taken(self._mine)
            sys.modules.update(self._own)
            sys.path.insert(0, str(self._folder))
            importlib.invalidate_caches()
            compiling, sys.dont_write_bytecode = sys.dont_write_bytecode, True
            try:
                yield
            finally:
                sys.dont_write_bytecode = compiling
                sys.path.remove(str(self._folder))
                self._own = _taken(self._mine)
                sys.modules.update(aside)

    def wrapped(self, predict: Callable[[Any, Mapping[str, Any]], Any]) -> Callable[..., Any]:
        """Return `predict` with these modules visible inside, for what it imports when it is called."""

        def inside(data: Any, params: Mapping[str, Any]) -> Any:
            with self.active():
                return predict(data, params)

        return inside


def _is_importable(path: Path) -> bool:
    return path.suffix == ".py" or (path.is_dir() and path.name.isidentifier())


def _taken(names: frozenset[str]) -> dict[str, ModuleType]:
    """Take the modules called `names`, and what is in them, out of `sys.modules`."""
    found = [name for name in sys.modules if name.partition(".")[0] in names]
    return {name: sys.modules.pop(name) for name in found}


def _same_source(name: str, folder: Path) -> bool:
    """Answer whether the process has the module `name` from files like those in `folder`."""
    module = sys.modules.get(name)
    origin = getattr(module, "__file__", None)
    if origin is None:
        return False
    single, package = folder / f"{name}.py", folder / name
    if single.is_file():
        return _bytes(Path(origin)) == _bytes(single)
    sources = [path.relative_to(package) for path in package.rglob("*.py")]
    return bool(sources) and all(
        _bytes(Path(origin).parent / path) == _bytes(package / path) for path in sources
    )


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
