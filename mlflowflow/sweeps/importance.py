"""Which dimensions of a sweep mattered for an objective.

PED-ANOVA compares how a dimension's values are spread among the best trials with how they are spread
among all: a dimension that can have any value in a good trial did not matter. It takes a fraction of
a second, knows conditional dimensions, and needs nothing but NumPy; a forest (fANOVA) would need
scikit-learn.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.gates.policy import Goal
from mlflowflow.projects.wording import choose_among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.projects.space import Dimension
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

#: Fewer trials say nothing.
FEWEST: Final = 8
_BEST_PART: Final = 0.1  # as in Optuna
_FEWEST_BEST: Final = 5  # as its documentation advises


def importances(history: SweepHistory, metric: str | None = None) -> dict[str, float]:
    """Return the share of each dimension in reaching the best tenth of `metric`, the largest first.

    `metric` is an objective, by default the one by which the winner is picked. The shares sum to 1, or
    are all 0 if nothing mattered. Trials outside a constraint count, pruned ones do not. Empty while
    fewer than `FEWEST` trials have a finite value.

    Raises:
        InvalidInput: `metric` is not an objective.
    """
    sweep = history.sweep
    names = [each.metric for each in sweep.objectives]
    wanted = sweep.selecting_objective.metric if metric is None else metric
    if wanted not in names:
        raise InvalidInput(
            f"'{wanted}' is not an objective of sweep '{sweep.name}'. {choose_among(wanted, names, noun='objectives')}"
        )
    position = names.index(wanted)
    sign = 1.0 if sweep.objectives[position].goal is Goal.MINIMIZE else -1.0
    counted = [
        (trial, sign * trial.values[position])
        for trial in history.trials
        if trial.state.has_values and math.isfinite(trial.values[position])
    ]
    if len(counted) < FEWEST:
        return {}
    weights = _weights(sweep.space, counted)
    total = sum(weights.values())
    shares = {name: weight / total if total > 0 else 0.0 for name, weight in weights.items()}
    return dict(sorted(shares.items(), key=lambda each: (-each[1], each[0])))


def _weights(space: tuple[Dimension, ...], counted: Sequence[tuple[TrialRecord, float]]) -> dict[str, float]:
    """Return the weight of each dimension, given trials and their losses."""
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator
    from optuna.trial import create_trial

    from mlflowflow.sweeps.samplers import distribution
    from mlflowflow.sweeps.suggestion import quietly

    written = {each.name: distribution(each) for each in space}
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # nobody asked for this study
    with quietly():
        study = optuna.create_study()
        study.add_trials(
            [
                create_trial(
                    value=loss,
                    params=dict(trial.params),
                    distributions={name: written[name] for name in trial.params},
                )
                for trial, loss in counted
            ]
        )
        tried = sorted({name for trial, _ in counted for name in trial.params})
        evaluator = PedAnovaImportanceEvaluator(target_quantile=max(_BEST_PART, _FEWEST_BEST / len(counted)))
        found = evaluator.evaluate(study, tried)
    return {each.name: float(found.get(each.name, 0.0)) for each in space}
