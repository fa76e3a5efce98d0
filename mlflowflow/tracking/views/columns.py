"""Runs as columns: the names that searches use, and the value of each in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.run import Run

Value: TypeAlias = str | int | float | None

#: The attributes of a run, in the order they are shown.
ATTRIBUTES: Final = (
    "run_id",
    "run_name",
    "experiment_id",
    "status",
    "start_time",
    "end_time",
    "user_id",
    "lifecycle_stage",
    "artifact_uri",
)
#: Tags that the library sets itself begin so; they say nothing about what was tried.
SYSTEM_TAGS: Final = ("mlflow.", "mlff.")
_FAMILIES: Final = ("metrics", "params", "tags")


def column_names(runs: Sequence[Run]) -> list[str]:
    """Return the name of every column that `runs` fill: attributes, then metrics, params and tags.

    >>> column_names([])[:3]
    ['run_id', 'run_name', 'experiment_id']
    """
    keyed = [
        f"{family}.{key}"
        for family in _FAMILIES
        for key in sorted({key for run in runs for key in getattr(run.data, family)})
    ]
    return [*ATTRIBUTES, *keyed]


def cell_of(run: Run, name: str) -> Value:
    """Return the value of the column `name` in `run`, None if it has none; times in milliseconds.

    Raises `InvalidInput` for a name that is neither an attribute nor ``metrics.…``, ``params.…`` or
    ``tags.…``.
    """
    family, _, key = name.partition(".")
    if key and family in _FAMILIES:
        found: Value = getattr(run.data, family).get(key)
        return found
    if name not in ATTRIBUTES:
        raise InvalidInput(
            f"There is no column '{name}'; expected {', '.join(ATTRIBUTES)}, or a key such as "
            "metrics.loss, params.lr or tags.team."
        )
    value: Value = getattr(run.info, name)
    return str(value) if isinstance(value, str) else value
