"""What an attempt's metrics come to: the values of the objectives, and whether constraints hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.sweeps.trial import Outcome, TrialState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.sweeps.trial import TrialEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The `state` an attempt would give its trial, with its `values` and `excesses`, or the `error` that it failed with."""

    state: TrialState
    values: tuple[float, ...] = ()
    excesses: tuple[float, ...] = ()
    error: str = ""


def settled(sweep: SweepSpec, end: TrialEnd) -> Settlement:
    """Return what `end` comes to. An attempt that did not log what the sweep needs has failed.

    NaN is no value: it is neither better nor worse than any other.
    """
    if end.outcome is Outcome.PRUNED:
        return Settlement(state=TrialState.PRUNED)
    if end.outcome is not Outcome.COMPLETED:
        return Settlement(state=TrialState.FAILED, error=end.error or f"it ended as {end.outcome.value}")
    needed = [*(each.metric for each in sweep.objectives), *(each.metric for each in sweep.constraints)]
    missing = [name for name in needed if math.isnan(end.metrics.get(name, math.nan))]
    if missing:
        return Settlement(state=TrialState.FAILED, error=_missing(missing[0], end))
    excesses = tuple(each.excess(end.metrics[each.metric]) for each in sweep.constraints)
    return Settlement(
        state=TrialState.INFEASIBLE if any(each > 0 for each in excesses) else TrialState.COMPLETE,
        values=tuple(end.metrics[each.metric] for each in sweep.objectives),
        excesses=excesses,
    )


def _missing(metric: str, end: TrialEnd) -> str:
    if metric in end.metrics:
        return f"it logged NaN as its '{metric}'"
    return f"it did not log the metric '{metric}' (logged: {_listed(end.metrics)})"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
