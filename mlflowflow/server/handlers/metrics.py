"""The points of metrics: all of one run, or a sample of several."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from mlflowflow.errors import InvalidInput
from mlflowflow.server import shown
from mlflowflow.server.handlers.runs import id_of
from mlflowflow.tracking.paging import offset_of, page_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mlflowflow.server import requests as asked
    from mlflowflow.server.answers import BulkMetricsAnswer, MetricsAnswer
    from mlflowflow.server.desk import Desk


def get_history(desk: Desk, request: asked.GetHistory) -> MetricsAnswer:
    """Return the points of a metric, all of them unless a number is asked for."""
    found = desk.history(id_of(request), request.metric_key)
    question = ("history", id_of(request), request.metric_key)
    page = page_of(
        found,
        offset=offset_of(request.page_token, question),
        max_results=request.max_results or len(found),
        question=question,
    )
    answer = shown.full(metrics=[shown.metric(point) for point in page], next_page_token=page.token)
    return cast("MetricsAnswer", answer)


def get_history_bulk(desk: Desk, request: asked.BulkHistory) -> BulkMetricsAnswer:
    """Return the first points of a metric of several runs."""
    found = [
        replace(point, run_id=run_id)
        for run_id in sorted(set(request.run_id))
        for point in desk.history(run_id, request.metric_key)[: request.max_results]
    ]
    return {"metrics": [shown.metric(point) for point in found[: request.max_results]]}


def get_history_bulk_interval(desk: Desk, request: asked.BulkInterval) -> MetricsAnswer:
    """Return a sample of the points of a metric of several runs, between two steps if they are given."""
    if (request.start_step is None) is not (request.end_step is None):
        raise InvalidInput("Of start_step and end_step one is given; give both or neither.")
    histories = {
        run_id: desk.history(run_id, request.metric_key) for run_id in dict.fromkeys(request.run_ids)
    }
    steps = {run_id: {point.step for point in points} for run_id, points in histories.items()}
    wanted = sampled(steps, first=request.start_step, last=request.end_step, most=request.max_results)
    found = [
        replace(point, run_id=run_id)
        for run_id, points in histories.items()
        for point in sorted(points, key=lambda each: (each.step, each.timestamp))
        if point.step in wanted
    ]
    return cast("MetricsAnswer", shown.full(metrics=[shown.metric(point) for point in found]))


def sampled(
    steps: Mapping[str, Collection[int]], *, first: int | None, last: int | None, most: int
) -> set[int]:
    """Return at most `most` evenly spaced steps from `first` to `last`, and each run's own ends beside.

    >>> sorted(sampled({"a": range(10)}, first=None, last=None, most=3))
    [0, 3, 6, 9]
    """
    low, high = (first, last) if first is not None and last is not None else (None, None)
    if low is not None and high is not None and low > high:
        raise InvalidInput(f"The start_step is {low} and the end_step {high}; expected it to be no less.")

    def inside(each: Iterable[int]) -> list[int]:
        return [step for step in each if (low is None or step >= low) and (high is None or step <= high)]

    every = sorted(inside({step for each in steps.values() for step in each}))
    if len(every) <= most:
        return set(every)
    ends = inside(step for each in steps.values() if each for step in (min(each), max(each)))
    return {every[index * len(every) // most] for index in range(most)} | set(ends)
