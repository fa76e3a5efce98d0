"""Which values of a metric are the better ones: what an experiment's tags say of it.

MLflow's two tags name one metric, the experiment's primary one. Ours, ``mlff.goal.<metric>``, says it
of any.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Goal(StrEnum):
    """Which values of a metric are the better ones."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


PREFIX: Final = "mlff.goal."
_PRIMARY_NAME: Final = "mlflow.experiment.primaryMetric.name"
_PRIMARY_GREATER: Final = "mlflow.experiment.primaryMetric.greaterIsBetter"


def goals_of(tags: Mapping[str, str]) -> dict[str, Goal]:
    """Return the goal of each metric that an experiment's `tags` speak of; other texts say nothing.

    >>> goals_of({"mlff.goal.loss": "minimize", "mlff.goal.odd": "sideways"})
    {'loss': <Goal.MINIMIZE: 'minimize'>}
    """
    goals = {
        key.removeprefix(PREFIX): Goal(text)
        for key, text in tags.items()
        if key.startswith(PREFIX) and text in set(Goal)
    }
    primary, greater = tags.get(_PRIMARY_NAME), tags.get(_PRIMARY_GREATER, "").lower()
    if primary and greater in {"true", "false"}:
        goals.setdefault(primary, Goal.MAXIMIZE if greater == "true" else Goal.MINIMIZE)
    return goals
