"""The best 100 runs of a learning rate, asked of a server over HTTP again and again."""

from __future__ import annotations

import json
import time
from functools import partial

from benchmarks.programs.protocol import answer
from benchmarks.programs.server import Client, running
from benchmarks.programs.stopwatch import median_ms
from benchmarks.programs.workload import BEST, Question, questions


def measure(*, server: str, data: str, searches: int) -> dict[str, float]:
    """Start `server` on the store `data`; `check` is the same for everybody who finds the same."""
    with running(server, data) as started:
        client, asked = Client(started.port), questions()[: searches + 1]
        began = time.perf_counter()
        check = _search(client, asked[0])
        first_ms = (time.perf_counter() - began) * 1000
        warm_ms = median_ms([partial(_search, client, each) for each in asked[1:]])
        figures = {"first_ms": first_ms, "warm_ms": warm_ms, "peak_mib": started.peak_mib()}
        return {**figures, "check": round(check, 9)}


def _search(client: Client, question: Question) -> float:
    body = {
        "experiment_ids": ["0"],
        "filter": question.filter_string,
        "order_by": ["metrics.accuracy DESC"],
        "max_results": BEST,
    }
    found = client.post("runs/search", json.dumps(body).encode())["runs"]
    return sum(
        float(point["value"])
        for run in found
        for point in run["data"]["metrics"]
        if point["key"] == "accuracy"
    )


if __name__ == "__main__":
    answer(measure)
