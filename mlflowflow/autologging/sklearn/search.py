"""What a search over parameters found: a child run for each of the best settings, and all as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.datasets import used_for
from mlflowflow.autologging.sklearn.scores import is_number
from mlflowflow.autologging.target import TAG, Target
from mlflowflow.tracking.fluent.active import ActiveRun

if TYPE_CHECKING:
    from mlflowflow.tracking.run import Dataset

RESULTS: Final = "cv_results.csv"

#: Columns that say again what ``params`` says, or one for each fold.
_LEFT_OUT: Final = ("param", "split")


def is_search(estimator: Any) -> bool:
    """Answer whether an estimator is a grid search or a random search."""
    from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

    return isinstance(estimator, GridSearchCV | RandomizedSearchCV)


def tags_of(estimator: Any) -> dict[str, str]:
    """Return the tags that say of what class an estimator is."""
    kind = type(estimator)
    return {"estimator_name": kind.__name__, "estimator_class": f"{kind.__module__}.{kind.__name__}"}


def best_params(estimator: Any) -> dict[str, Any]:
    """Return the best setting, each name with ``best_`` before it."""
    return {f"best_{name}": value for name, value in getattr(estimator, "best_params_", {}).items()}


def log_children(
    search: Any,
    target: Target,
    *,
    most: int | None,
    dataset: Dataset | None,
    is_input: bool,
    best_id: str | None = None,
) -> None:
    """Make a child run for each of the best `most` settings, or for all of them.

    What was measured of the setting that won is about the logged model `best_id`, which was fitted with it.

    They begin when the search began, for nobody noted when each was tried.
    """
    import pandas as pd

    table = pd.DataFrame.from_dict(search.cv_results_)
    with target.care.attempt("store the table of results"):
        target.put(table.to_csv(index=False), RESULTS)
    best = table if most is None else table.nsmallest(most, _rank(table.columns, target))
    target.care.inform("makes child runs for %d of %d settings", len(best), len(table))
    seed = search.estimator
    base = seed.get_params(deep=not is_search(seed))
    for place, row in zip(best.index, best.to_dict("records"), strict=True):
        child = _child_of(target, seed)
        child.log_params({**base, **row.get("params", {})})
        numbers = {key: value for key, value in row.items() if _is_result(key, value)}
        won = place == getattr(search, "best_index_", None)
        child.log_metrics(numbers, dataset=dataset, model_id=best_id if won else None)
        if dataset is not None and is_input:
            child.log_inputs([used_for(dataset, "train")])
        target.run.tracker.end_run(child.run_id)


def _rank(columns: Any, target: Target) -> str:
    if "rank_test_score" in columns:
        return "rank_test_score"
    rank = next(str(name) for name in columns if "rank_test_" in name)
    target.care.warn("takes the settings that are best by '%s'", rank)
    return rank


def _child_of(target: Target, seed: Any) -> Target:
    parent, tracker = target.run, target.run.tracker
    source = {key: value for key, value in parent.data.tags.items() if key.startswith("mlflow.source.")}
    run = tracker.create_run(
        parent.info.experiment_id,
        parent_run_id=parent.run_id,
        tags={**source, TAG: target.care.flavor, **tags_of(seed)},
        start_time=parent.info.start_time,
    )
    return Target(run=ActiveRun(run, tracker, owned=True), care=target.care, managed=True)


def _is_result(key: str, value: Any) -> bool:
    return is_number(value) and not key.startswith(_LEFT_OUT)
