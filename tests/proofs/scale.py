"""How much a proof does: little in every run of the tests, the promised figure under ``MLFF_PROVE=1``.

A proof is one test in both. So what `make prove` runs for hours was run by everybody a minute ago,
and cannot rot.
"""

from __future__ import annotations

import os
from typing import Final, TypeVar

_T = TypeVar("_T")

#: Whether the large figures are wanted.
PROVING: Final = os.environ.get("MLFF_PROVE", "") not in {"", "0"}


def scale(small: _T, large: _T) -> _T:
    """Return `large` under `make prove`, else `small`."""
    return large if PROVING else small
