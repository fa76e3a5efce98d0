"""How large the programs and styles of all our pages are, compressed as they are sent."""

from __future__ import annotations

import gzip

from benchmarks.programs.protocol import answer
from mlflowflow.ui import STATIC

_KINDS = (".js", ".css")


def measure() -> dict[str, float]:
    """Weigh what was built. Raises `FileNotFoundError`."""
    files = [each.read_bytes() for each in STATIC.rglob("*") if each.suffix in _KINDS]
    if not files:
        raise FileNotFoundError(
            f"The pages were not built into '{STATIC}'; installing the checkout builds them."
        )
    return {
        "bundle_kb": sum(map(len, files)) / 1e3,
        "zipped_kb": sum(len(gzip.compress(each)) for each in files) / 1e3,
    }


if __name__ == "__main__":
    answer(measure)
