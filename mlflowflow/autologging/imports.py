"""Doing something when a module has been imported, now or later.

A finder in front of the others finds nothing itself. It lets them find, and puts a loader around
theirs that calls back after the module has run. Each name is watched until it is imported once.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import threading
from importlib.abc import Loader, MetaPathFinder
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_LOG: Final = logging.getLogger(__name__)


class _Loader(Loader):
    """Run a module by its own loader, then call back."""

    def __init__(self, loader: Any, done: Callable[[], None]) -> None:
        self._loader = loader
        self._done = done

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._done()


class Imports(MetaPathFinder):
    """The names that are waited for, each with what is to be done."""

    def __init__(self) -> None:
        """Begin with none."""
        self._wanted: dict[str, Callable[[], None]] = {}
        self._busy = threading.local()
        self._lock = threading.Lock()

    def when_imported(self, name: str, action: Callable[[], None]) -> None:
        """Call `action` after the module `name` is imported; at once if it is. A later action replaces it."""
        if _is_complete(name):
            self.forget(name)
            _called(name, action)
            return
        with self._lock:
            self._wanted[name] = action
            if self not in sys.meta_path:
                sys.meta_path.insert(0, self)

    def forget(self, name: str) -> None:
        """Wait for a module no longer."""
        with self._lock:
            self._wanted.pop(name, None)
            if not self._wanted and self in sys.meta_path:
                sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module that is waited for as the other finders do."""
        del path, target
        if fullname not in self._wanted or getattr(self._busy, "on", False):
            return None
        self._busy.on = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._busy.on = False
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Loader(spec.loader, lambda: self._imported(fullname))
        return spec

    def _imported(self, name: str) -> None:
        action = self._wanted.get(name)
        self.forget(name)
        if action is not None:
            _called(name, action)


def _is_complete(name: str) -> bool:
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return name in sys.modules and not getattr(spec, "_initializing", False)


def _called(name: str, action: Callable[[], None]) -> None:
    """Do it; an import must not fail because of us."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 - told, and the program goes on
        _LOG.warning("What was to be done after the import of '%s' failed: %s", name, error)


IMPORTS: Final = Imports()
