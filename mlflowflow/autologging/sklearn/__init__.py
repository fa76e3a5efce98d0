"""scikit-learn: every estimator's ``fit``, and what is asked of it afterwards.

Estimators that only prepare data (scalers, encoders, imputers, feature selectors) are logged as
parts of a pipeline, never by themselves. An estimator is fitted by many calls, of which the outermost
is logged; work that scikit-learn hands to threads counts as inside the call that handed it out.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.integration import Integration
from mlflowflow.autologging.patching import Patch
from mlflowflow.autologging.scope import inside, is_inside
from mlflowflow.autologging.training import observes, trains

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.sklearn.after import After

FLAVOR: Final = "sklearn"

_FITTING: Final = ("fit", "fit_transform", "fit_predict")
_PREDICTING: Final = ("predict", "predict_proba", "transform", "predict_log_proba")

#: Modules whose estimators prepare data.
_PREPARING: Final = (
    "sklearn.preprocessing",
    "sklearn.impute",
    "sklearn.feature_extraction",
    "sklearn.feature_selection",
    "sklearn.compose._column_transformer",
)

#: Functions that fit many copies of an estimator; none of these trainings is one that was asked for.
_TRYING: Final = (
    "cross_validate",
    "cross_val_predict",
    "cross_val_score",
    "learning_curve",
    "permutation_test_score",
    "validation_curve",
)

#: What `sklearn.metrics` offers that measures nothing.
_NO_METRICS: Final = frozenset({"check_scoring", "get_scorer", "make_scorer", "get_scorer_names"})


def integration(log_model: Callable[..., Any]) -> Integration:
    """Return the integration; `log_model` is that of `mlflowflow.sklearn`.

    >>> integration(print).knows("1.7.2")
    True
    """
    return Integration(
        flavor=FLAVOR,
        distributions=("scikit-learn",),
        tried=("1.5", "2"),
        patches=partial(_patches, log_model),
    )


def _patches(log_model: Callable[..., Any], options: Options, care: Care) -> Iterator[Patch]:
    from mlflowflow.autologging.sklearn.after import After
    from mlflowflow.autologging.sklearn.fitting import EstimatorTraining

    watches = options.own.get("log_post_training_metrics", True)
    after = After(care, log_datasets=options.log_datasets) if watches else None

    def make(call: Any, options: Options, care: Care) -> EstimatorTraining:
        return EstimatorTraining(call=call, options=options, care=care, log_model=log_model, after=after)

    yield from _handed_out()
    fits = trains(make, options, care)
    for kind in _estimators():
        for name in _FITTING:
            yield Patch(owner=kind, name=name, wrapper=fits)
        if after is not None:
            yield from _asked(kind, after, care)
    if after is not None:
        yield from _metrics(after, care)
    yield from _tried()


def _asked(kind: type, after: After, care: Care) -> Iterator[Patch]:
    for name in _PREDICTING:
        yield Patch(owner=kind, name=name, wrapper=observes(after.predicted, care))
    yield Patch(owner=kind, name="score", wrapper=observes(after.scored, care))


def _metrics(after: After, care: Care) -> Iterator[Patch]:
    from sklearn import metrics

    for name in metrics.__all__:
        found = getattr(metrics, name, None)
        if callable(found) and not inspect.isclass(found) and name not in _NO_METRICS:
            yield Patch(owner=metrics, name=name, wrapper=observes(after.measured, care))


def _tried() -> Iterator[Patch]:
    from sklearn import model_selection

    def unseen(original: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        with inside():
            return original(*args, **kwargs)

    for name in _TRYING:
        yield Patch(owner=model_selection, name=name, wrapper=unseen)


def _handed_out() -> Iterator[Patch]:
    """Let work that scikit-learn gives to threads know that it is part of a training.

    A thread of joblib's begins with an empty context. The object that carries the work is made in
    the thread that gives it out, and called in the one that does it.
    """
    from sklearn.utils import parallel

    carrier: Any = getattr(parallel, "_FuncWrapper", None)
    if carrier is None:
        return

    def make(original: Callable[..., Any], self: Any, /, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.mlflowflow_inside = is_inside()

    def call(original: Callable[..., Any], self: Any, /, *args: Any, **kwargs: Any) -> Any:
        with inside(hidden=getattr(self, "mlflowflow_inside", False)):
            return original(self, *args, **kwargs)

    yield Patch(owner=carrier, name="__init__", wrapper=make, always=True)
    yield Patch(owner=carrier, name="__call__", wrapper=call, always=True)


def _estimators() -> list[type]:
    """Return the estimators that are logged, base classes before those derived from them."""
    from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
    from sklearn.pipeline import Pipeline
    from sklearn.utils import all_estimators

    found = {kind for _, kind in all_estimators()} | {GridSearchCV, RandomizedSearchCV, Pipeline}
    kept = [kind for kind in found if not kind.__module__.startswith(_PREPARING)]
    return sorted(kept, key=lambda kind: (len(kind.__mro__), kind.__module__, kind.__name__))
