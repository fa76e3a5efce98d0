"""The table of runs in Chromium: until rows are seen, until another order is, until what was typed is found.

Times are the page's own, from the start of the navigation, the click or the letter to the frame that
shows the outcome, so they come in steps of a frame. Every opening is a new profile: nothing is kept.
"""

from __future__ import annotations

import shutil
import statistics
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from benchmarks.programs.protocol import answer
from benchmarks.programs.server import running

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser, Page

_LIMIT_MS: Final = 120_000
#: Defined in every page: wait for the frame in which `done()` holds, and say when that was.
_FRAMES: Final = """
globalThis.shown = (done) => new Promise((tell) => {
  const look = () => done() ? requestAnimationFrame(() => tell(performance.now())) : requestAnimationFrame(look);
  look();
});
globalThis.first = () => document.querySelector("[role=rowheader] a")?.textContent;
globalThis.head = () => [...document.querySelectorAll("[role=columnheader] button")]
  .find((each) => each.textContent.includes("accuracy"));
"""
_ROWS: Final = "() => shown(() => first() !== undefined)"
#: The heads of metrics may be a frame later than the first rows.
_HEADS: Final = "() => shown(() => head() !== undefined)"
_SORT: Final = """async () => {
  const before = first(), began = performance.now();
  head().click();
  return await shown(() => first() !== before) - began;
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
    with running("mlff", data) as server, _chromium() as browser:
        for _ in range(openings):
            page = _opened(browser)
            page.goto(f"http://127.0.0.1:{server.port}/experiments/0")
            rows.append(float(page.evaluate(_ROWS)) / 1e3)
            page.evaluate(_HEADS)
            sorts += [float(page.evaluate(_SORT)) for _ in range(3)]
            filters += [float(page.evaluate(_FILTER, words)) for words in _WORDS]
            page.context.close()
        return {
            "first_s": rows[0],
            "rows_s": statistics.median(rows),
            "sort_ms": statistics.median(sorts),
            "filter_ms": statistics.median(filters),
            "peak_mib": server.peak_mib(),
        }


@contextmanager
def _chromium() -> Generator[Browser]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("Chromium is not installed; Debian's package is 'chromium'.")
    with sync_playwright() as playwright:
        # a container has no sandbox to offer
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def _opened(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(_FRAMES)
    page = context.new_page()
    page.set_default_timeout(_LIMIT_MS)
    return page


if __name__ == "__main__":
    answer(measure)
