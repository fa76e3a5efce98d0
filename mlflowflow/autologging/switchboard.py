"""Which libraries are logged in this process: switched on, changed and switched off here."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.patching import Patches
from mlflowflow.errors import MissingExtra

if TYPE_CHECKING:
    from mlflowflow.autologging.integration import Integration
    from mlflowflow.autologging.options import Options


@dataclass(slots=True, kw_only=True)
class _Enabled:
    patches: Patches
    options: Options
    with_all: bool = False


class Switchboard:
    """The libraries that are logged, by flavor. All methods may be called from any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._enabled: dict[str, _Enabled] = {}
        self._lock = threading.RLock()

    def switch(self, integration: Integration, options: Options) -> None:
        """Log a library with `options`, instead of those it had; with ``disable``, log it no more.

        Raises `MissingExtra` if the library is not installed.
        """
        care = Care(flavor=integration.flavor, silent=options.silent)
        with self._lock:
            self._turn_off(integration.flavor)
            if options.disable or not _is_wanted(integration, options, care):
                return
            patches = Patches()
            try:
                patches.apply(integration.patches(options, care))
            except BaseException:
                patches.undo()
                raise
            self._enabled[integration.flavor] = _Enabled(patches=patches, options=options)

    def options(self, flavor: str) -> Options | None:
        """Return the options of a library, None if it is not logged."""
        with self._lock:
            enabled = self._enabled.get(flavor)
        return enabled.options if enabled else None

    def is_by_itself(self, flavor: str) -> bool:
        """Answer whether a library is logged because it was asked for, and not with all others."""
        with self._lock:
            enabled = self._enabled.get(flavor)
        return enabled is not None and not enabled.with_all

    def mark_with_all(self, flavor: str) -> None:
        """Note that a library was switched on with all others."""
        with self._lock:
            enabled = self._enabled.get(flavor)
            if enabled is not None:
                enabled.with_all = True

    def turn_all_off(self) -> None:
        """Log no library any more."""
        with self._lock:
            for flavor in list(self._enabled):
                self._turn_off(flavor)

    def renew_lock(self) -> None:
        """Forget who held the lock: called in a forked child, where the holder may not exist."""
        self._lock = threading.RLock()

    def _turn_off(self, flavor: str) -> None:
        enabled = self._enabled.pop(flavor, None)
        if enabled is not None:
            enabled.patches.undo()


def _is_wanted(integration: Integration, options: Options, care: Care) -> bool:
    found = _version(integration)
    if integration.knows(found):
        return True
    first, beyond = integration.tried
    done = "it stays off" if options.disable_for_unsupported_versions else "it may not see everything"
    care.warn("was tried with releases from %s to before %s, not with %s; %s", first, beyond, found, done)
    return not options.disable_for_unsupported_versions


def _version(integration: Integration) -> str:
    for name in integration.distributions:
        with suppress(PackageNotFoundError):
            return version(name)
    raise MissingExtra(
        integration.distributions[0], extra=integration.flavor, purpose="Autologging of its trainings"
    )


SWITCHBOARD: Final = Switchboard()
os.register_at_fork(after_in_child=SWITCHBOARD.renew_lock)


def switch(integration: Integration, options: Options) -> None:
    """Switch the logging of a library in this process, see `Switchboard.switch`."""
    SWITCHBOARD.switch(integration, options)
