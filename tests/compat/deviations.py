"""Where this library answers otherwise than MLflow on purpose: which script, which value, and why.

A deviation that no longer exists fails the tests too, so the table stays true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Script → pattern of a value's path (as `fnmatch` reads it) → reason.
DEVIATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "tags.py": {"tags.second": "every tag is text, also one that start_run was given as None"},
}
