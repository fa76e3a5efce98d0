"""The table of runs in Chromium: until rows are seen, until another order is, until what was typed is found."""

from __future__ import annotations

import statistics
from typing import Final

from benchmarks.programs.browser import chromium, opened, rows_s
from benchmarks.programs.protocol import answer
from benchmarks.programs.server import running

_DEFINED: Final = """
globalThis.head = () => [...document.querySelectorAll("[role=columnheader] button")]
  .find((each) => each.textContent.includes("accuracy"));
"""
#: The heads of metrics may be a frame later than the first rows.
_HEADS: Final = "() => shown(() => head() !== undefined)"
_SORT: Final = """async () => {
  const [before] = names(), began = performance.now();
  head().click();
  return await shown(() => names()[0] !== before) - began;
}"""
_FILTER: Final = """async (words) => {
  const field = document.querySelector("input[type=search]"), count = document.querySelector(".runs-count");
  const before = count.textContent, began = performance.now();
  field.value = words;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  return await shown(() => count.textContent !== before) - began;
}"""
_WORDS: Final = ("1", "17", "4", "42")


def measure(*, data: str, openings: int) -> dict[str, float]:
    """Serve the store `data` and open its table `openings` times; the first finds a server that has read nothing yet."""
    rows, sorts, filters = [], [], []
    with running("mlff", data) as server, chromium() as browser:
        for _ in range(openings):
            with opened(browser, defined=_DEFINED) as page:
                rows.append(rows_s(page, f"http://127.0.0.1:{server.port}/experiments/0"))
                page.evaluate(_HEADS)
                sorts += [float(page.evaluate(_SORT)) for _ in range(3)]
                filters += [float(page.evaluate(_FILTER, words)) for words in _WORDS]
        return {
            "first_s": rows[0],
            "rows_s": statistics.median(rows),
            "sort_ms": statistics.median(sorts),
            "filter_ms": statistics.median(filters),
            "peak_mib": server.peak_mib(),
        }


if __name__ == "__main__":
    answer(measure)
