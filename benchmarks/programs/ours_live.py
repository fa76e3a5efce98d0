"""How soon a logged point is on a screen: from `log_metric` in one process to the frame of Chromium that shows it.

Three processes on one machine: a script that logs, a server on the same folder, and a browser on the charts of
the run. The script notes the time before each call. The page counts the points of a curve above its chart; a
point is on the screen when it is counted and the chart is another picture. Both read the clock of the machine.
"""

from __future__ import annotations

import random
import statistics
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

import mlflowflow as mlflow
from benchmarks.programs.browser import chromium, opened
from benchmarks.programs.protocol import answer
from benchmarks.programs.server import running
from mlflowflow.clock import SystemClock

#: So many points are there when the page is opened.
_BEFORE: Final = 100
#: Between two points pass so many seconds, differently many so that all phases of the server's looks are met.
_PAUSES_S: Final = (0.6, 1.4)
_DEFINED: Final = """
globalThis.reading = () => document.querySelector(".chart-reading")?.textContent;
globalThis.picture = () => document.querySelector(".chart-line canvas")?.toDataURL();
"""
_COUNTED: Final = "(points) => shown(() => reading() === `${points} points` && picture() !== undefined)"
#: Begin to look before the point is logged; the outcome is asked for later.
_LOOK: Final = """(points) => {
  const before = picture();
  globalThis.seen = shown(() => reading() === `${points} points` && picture() !== before).then(() => Date.now());
}"""


def measure(*, folder: str, points: int) -> dict[str, float]:
    """Log so many `points` to a run in the store `folder` while its charts are looked at."""
    chance, clock = random.Random(7), SystemClock()
    waits: list[float] = []
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as script,
        running("mlff", folder) as server,
        chromium() as browser,
        opened(browser, defined=_DEFINED) as page,
    ):
        run_id = script.submit(_begin, folder).result()
        page.goto(f"http://127.0.0.1:{server.port}/runs/{run_id}?tab=charts", wait_until="commit")
        page.evaluate(_COUNTED, _BEFORE)
        for step in range(_BEFORE, _BEFORE + points):
            clock.sleep(chance.uniform(*_PAUSES_S))
            page.evaluate(_LOOK, step + 1)
            logged_ms = script.submit(_log, step).result()
            waits.append(float(page.evaluate("() => seen")) - logged_ms)
        script.submit(mlflow.end_run).result()
    return {"median_ms": statistics.median(waits), "longest_ms": max(waits)}


def _begin(folder: str) -> str:
    """Begin a run in the process of the script, log its first points, and return its id."""
    mlflow.set_tracking_uri(folder)
    run = mlflow.start_run()
    for step in range(_BEFORE):
        _log(step)
    return run.info.run_id


def _log(step: int) -> float:
    """Log a point and return when that began, in milliseconds since 1970."""
    began_ms = SystemClock().now_us() / 1e3
    mlflow.log_metric("loss", 1 / (1 + step), step=step)
    return began_ms


if __name__ == "__main__":
    answer(measure)
