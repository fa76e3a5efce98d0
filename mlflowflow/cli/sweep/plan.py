"""``mlff sweep run --plan``: what would be run, what it is expected to take, and nothing is run."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.cli.complete import SWEEPS
from mlflowflow.cli.runs.select import experiment_ids
from mlflowflow.cli.sweep import words
from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.sweeps.forecast import forecast, is_like
from mlflowflow.sweeps.log import read_history
from mlflowflow.sweeps.standing import Limit, limits_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.forecast import Forecast
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.tracking.tracker import Tracker

#: The forecast is by so many earlier sweeps; what was longer ago was of other code.
_LATEST: Final = 5
_LOOKED_AT: Final = 200


def earlier_sweeps(tracker: Tracker, sweep: SweepSpec) -> list[SweepHistory]:
    """Return the latest sweeps of the store that are like `sweep`."""
    named = f"{SWEEPS} AND tags.`mlff.sweep` = '{sweep.name}'"
    runs = tracker.search_runs(experiment_ids(tracker, None), filter_string=named, max_results=_LOOKED_AT)
    return list(islice(_like(tracker, sweep, [run.info.run_id for run in runs]), _LATEST))


def _like(tracker: Tracker, sweep: SweepSpec, run_ids: Sequence[str]) -> Iterator[SweepHistory]:
    for run_id in run_ids:
        try:
            history = read_history(tracker.store, run_id)
        except (NotFound, CorruptData):  # it tells nothing about others
            continue
        if is_like(sweep, history):
            yield history


def plan_json(
    sweep: SweepSpec, fixed: Mapping[str, Scalar], earlier: Sequence[SweepHistory]
) -> dict[str, Any]:
    """Return as JSON values what `sweep` would do with the `fixed` params; times in seconds."""
    return {
        "name": sweep.name,
        "digest": sweep.digest,
        "params": dict(fixed),
        "parallel": sweep.parallel,
        "expected": asdict(forecast(sweep, earlier)),
        "judged_by": [each.run_id for each in earlier],
    }


def plan_lines(sweep: SweepSpec, fixed: Mapping[str, Scalar], earlier: Sequence[SweepHistory]) -> list[str]:
    """Return as lines of text what `sweep` would do with the `fixed` params."""
    pruner = "" if sweep.pruner.name == "none" else f", pruner {sweep.pruner.name}"
    return [
        f"Sweep {sweep.name}  of '{sweep.entry_point}', {sweep.parallel} at once",
        f"{words.aims(sweep)}; {sweep.sampler.name}{pruner}",
        "",
        *_space(sweep.space),
        *([f"with       {words.chosen(fixed)}"] if fixed else []),
        *(
            f"starts at  {start if isinstance(start, str) else words.chosen(start)}"
            for start in sweep.start_from
        ),
        f"ends       {_ends(sweep)}",
        f"expected   {_expected(forecast(sweep, earlier), earlier)}",
        "",
        "Nothing was run. Without --plan it is.",
    ]


def _space(space: Sequence[Dimension]) -> Iterator[str]:
    for number, dimension in enumerate(space):
        yield f"{'' if number else 'tries':<11}{words.range_of(dimension)}"


def _ends(sweep: SweepSpec) -> str:
    limits = limits_of(sweep.budget).items()
    parts = [words.allowance(name, limit) for name, limit in limits if limit is not None]
    return "after " + " or ".join(parts)


def _expected(found: Forecast, earlier: Sequence[SweepHistory]) -> str:
    if not found.known:
        return "nobody knows yet: the store has no trial of a sweep like this one"
    by = f"judged by {found.known} trials of {len(earlier)} earlier sweep{'s' if len(earlier) > 1 else ''}"
    if found.seconds is None or found.wall_s is None:
        return by
    cost = f", {words.amount(Limit.COST, found.cost)} of money" if found.cost else ""
    return f"{found.trials} trials in {words.span(found.wall_s)}, {words.span(found.seconds)} of workers' time{cost}; {by}"
