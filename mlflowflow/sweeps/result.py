"""What a sweep came to, for programs and notebooks: the winner, every trial, and a table of them.

It is made from the sweep's history, so it says the same whether the sweep has just ended or was read
from the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidState, MissingExtra
from mlflowflow.tracking.views.notebook import number, pairs, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mlflowflow.plots.picture import Picture
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord
    from mlflowflow.sweeps.trial import TrialState

#: So many trials a notebook shows, the best ones.
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """One trial: what it was given, how it ended, and the `values` of the objectives by their metrics.

    `value` is that of the objective by which the winner is picked; None without a result.
    """

    number: int
    run_id: str
    state: TrialState
    params: Mapping[str, Scalar]
    values: Mapping[str, float]
    value: float | None
    attempts: int
    seconds: float
    cost: float
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """What the sweep that is the run `run_id` came to: `trials` by number, and why it `ended`.

    `refit_run_id` is the run of the winner that was run once more, if that was asked for.
    """

    run_id: str
    name: str
    metric: str
    trials: tuple[TrialResult, ...]
    front: tuple[TrialResult, ...]
    ended: str
    refit_run_id: str | None = None
    history: SweepHistory = field(repr=False, compare=False)
    _best: TrialResult | None = field(repr=False)

    @classmethod
    def of(cls, history: SweepHistory, *, refit_run_id: str | None = None) -> SweepResult:
        """Return what `history` says."""
        trials = tuple(_trial(history, each) for each in history.trials)
        best = history.best
        return cls(
            run_id=history.run_id,
            name=history.sweep.name,
            metric=history.sweep.selecting_objective.metric,
            trials=trials,
            front=tuple(trials[each.number] for each in history.front),
            ended="" if history.ended is None else history.ended.sentence,
            refit_run_id=refit_run_id,
            history=history,
            _best=None if best is None else trials[best.number],
        )

    @property
    def best(self) -> TrialResult:
        """The winner. Raises `InvalidState` if no trial came to a result."""
        if self._best is None:
            raise InvalidState(
                f"The sweep '{self.name}' has no best trial: none of its {len(self.trials)} came to a result."
            )
        return self._best

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each trial: number, state, the objectives' metrics, ``params.*``, and what it took.

        Raises `MissingExtra` if pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra("pandas", extra="pandas", purpose="A table of trials (to_pandas)") from error
        names = [each.name for each in self.history.sweep.space]
        aims = dict.fromkeys(each.metric for each in self.history.sweep.objectives)
        rows: list[dict[str, Any]] = [
            {
                "number": each.number,
                "state": each.state.value,
                **aims,
                **each.values,  # noqa: PD011 - no table
                **{f"params.{name}": each.params.get(name) for name in names},
                "seconds": each.seconds,
                "cost": each.cost,
                "attempts": each.attempts,
                "run_id": each.run_id,
            }
            for each in self.trials
        ]
        return pd.DataFrame(rows)

    def plot(self, kind: str = "history") -> Picture:
        """Return a picture that shows itself in a notebook, of a `kind` in `mlflowflow.sweeps.plots.PLOT_KINDS`.

        Raises `InvalidInput` for another kind.
        """
        from mlflowflow.sweeps.importance import importances
        from mlflowflow.sweeps.plots import picture_of

        return picture_of(self.history, kind, importance=importances(self.history))

    def _repr_html_(self) -> str:
        """Show the winner and the next best in a notebook."""
        facts = {"sweep": self.name, "run": self.run_id, "trials": str(len(self.trials)), "ended": self.ended}
        ranked = sorted((each for each in self.trials if each.value is not None), key=self._rank)[:_SHOWN]
        names = [each.name for each in self.history.sweep.space]
        rows = [
            [
                str(each.number),
                number(each.value or 0.0),
                *(escape(_text(each.params.get(name))) for name in names),
                escape(each.state.value),
            ]
            for each in ranked
        ]
        return f"<div>{pairs('', facts)}{table(['trial', self.metric, *names, 'state'], rows)}</div>"

    def _rank(self, trial: TrialResult) -> tuple[bool, float]:
        maximize = self.history.sweep.selecting_objective.goal.value == "maximize"
        value = trial.value or 0.0
        return (trial.state.value != "COMPLETE", -value if maximize else value)


def _trial(history: SweepHistory, record: TrialRecord) -> TrialResult:
    objectives = history.sweep.objectives
    found = record.values  # noqa: PD011 - no table
    values = {each.metric: value for each, value in zip(objectives, found, strict=False)}
    return TrialResult(
        number=record.number,
        run_id=record.run_id,
        state=record.state,
        params=record.params,
        values=values,
        value=values.get(history.sweep.selecting_objective.metric),
        attempts=len(record.attempts),
        seconds=record.seconds,
        cost=record.cost,
        error=next((each.error for each in reversed(record.attempts) if each.error), ""),
    )


def _text(value: Scalar | None) -> str:
    if value is None:
        return "-"
    return number(value) if isinstance(value, float) else str(value)
