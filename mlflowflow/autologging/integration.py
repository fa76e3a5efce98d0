"""What a library must offer to be logged without being asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.patching import Patch


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """One library: what is patched in it, and which of its releases that was tried with.

    It is installed as one of `distributions`. `patches` imports the library; it is called when autologging is switched on. `tried` are the
    first release that is known to work and the first that has not been tried.
    """

    flavor: str
    distributions: tuple[str, ...]
    tried: tuple[str, str]
    patches: Callable[[Options, Care], Iterable[Patch]]

    def knows(self, version: str) -> bool:
        """Answer whether a release of the library was tried.

        >>> boost = Integration(flavor="b", distributions=("boost",), tried=("2.0", "4"), patches=lambda *_: [])
        >>> boost.knows("3.1.0rc1"), boost.knows("4.0"), boost.knows("1.9")
        (True, False, False)
        """
        first, beyond = map(_release, self.tried)
        return first <= _release(version) < beyond


def _release(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()
