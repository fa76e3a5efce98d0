"""A chart of long curves in Chromium: from the arrival of its data to the frame in which it is drawn.

The page compares runs that were picked, as somebody does who ticks them in the table. "Arrival" is the end of
the answer as the browser notes it; reading it, laying lines over one axis and drawing them come after.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from benchmarks.programs.browser import chromium, opened
from benchmarks.programs.ours_fill_points import run_name
from benchmarks.programs.protocol import answer
from benchmarks.programs.server import running

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: A canvas counts when something is painted on it.
_DRAWN: Final = """async (label) => {
  const canvas = () => document.querySelector(`.chart-line[aria-label^="${label}"] canvas`);
  const shownAt = await shown(() => canvas() !== null);
  const {width, height} = canvas();
  const isPainted = canvas().getContext("2d").getImageData(0, 0, width, height).data.some((each) => each > 0);
  if (!isPainted) throw new Error(`nothing is drawn of "${label}"`);
  const [asked] = performance.getEntriesByType("resource").filter(({name}) => name.includes("/curves?"));
  return [shownAt - asked.responseEnd, asked.responseEnd - asked.startTime, asked.transferSize];
}"""


def measure(*, data: str, runs: int, openings: int) -> dict[str, float]:
    """Serve the store `data` and draw the metric of its `runs` so many times; of the first, nothing was read yet."""
    picked = [("pick", run_name(number)) for number in range(runs)]
    asked = urlencode([*picked, ("compare", "1"), ("panel", "charts")])
    with running("mlff", data) as server, chromium() as browser:
        url = f"http://127.0.0.1:{server.port}/experiments/0?{asked}"
        found = []
        for _ in range(openings):
            with opened(browser) as page:
                found.append(_drawn(page, url, f"metric_0 of {runs} runs"))
    drawn, waited, sent = zip(*found, strict=True)
    return {
        "drawn_ms": statistics.median(drawn),
        "first_answer_ms": waited[0],
        "answer_ms": statistics.median(waited),
        "sent_kb": statistics.median(sent) / 1e3,
    }


def _drawn(page: Page, url: str, label: str) -> tuple[float, float, float]:
    page.goto(url, wait_until="commit")
    drawn, waited, sent = map(float, page.evaluate(_DRAWN, label))
    return drawn, waited, sent


if __name__ == "__main__":
    answer(measure)
