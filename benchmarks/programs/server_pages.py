"""The table of runs of our pages and of MLflow's, in the same Chromium: until the first rows are seen.

Both show an experiment of the same runs at the address that their own lists lead to, in the state in which
a new user finds it. Nothing is tuned: MLflow's server has the four workers and the database that its manual
starts, its pages load the 100 runs that they always do, and ours all of them. The clock is the page's, from
the start of the navigation to the frame that has the names of ten runs.
"""

from __future__ import annotations

import statistics
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from benchmarks.programs.browser import chromium, opened, rows_s
from benchmarks.programs.protocol import answer
from benchmarks.programs.server import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_PLACES: Final = {"mlff": "/experiments/0", "mlflow": "/#/experiments/0/runs"}
_SENT: Final = """() => ["navigation", "resource"]
  .flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, each) => sum + each.transferSize, 0)"""


def measure(*, server: str, python: str, data: str, openings: int) -> dict[str, float]:
    """Serve `data` with the interpreter `python`, and open its runs once in vain and then `openings` times.

    The first opening finds a server that has read nothing, and counts for nobody. It may even fail: on a
    machine with little time MLflow replaces workers that are slow to begin, and whoever talks to them.
    """
    from playwright.sync_api import Error

    with running(server, data, python=python) as started, chromium() as browser:
        url = f"http://127.0.0.1:{started.port}{_PLACES[server]}"
        with suppress(Error):
            _opening(browser, url)
        times, sent = zip(*(_opening(browser, url) for _ in range(openings)), strict=True)
    return {"rows_s": statistics.median(times), "sent_kb": statistics.median(sent) / 1e3}


def _opening(browser: Browser, url: str) -> tuple[float, int]:
    with opened(browser) as page:
        return rows_s(page, url), int(page.evaluate(_SENT))


if __name__ == "__main__":
    answer(measure)
