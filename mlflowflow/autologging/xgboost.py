"""XGBoost: `xgboost.train` and the estimators that call it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.boosting import (
    Arguments,
    Iterations,
    Rows,
    estimator_patches,
    log_boosted,
    log_data,
    with_callback,
)
from mlflowflow.autologging.importance import log_importance
from mlflowflow.autologging.integration import Integration
from mlflowflow.autologging.patching import Patch
from mlflowflow.autologging.training import trains

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.target import Target
    from mlflowflow.autologging.training import Call

FLAVOR: Final = "xgboost"

#: Arguments that are no params: data, functions, and what is logged otherwise.
_NO_PARAMS: Final = frozenset(
    {"params", "dtrain", "evals", "obj", "feval", "evals_result", "xgb_model", "callbacks", "learning_rates"}
)


def integration(log_model: Callable[..., Any]) -> Integration:
    """Return the integration; `log_model` is that of `mlflowflow.xgboost`.

    >>> integration(print).knows("3.1.1")
    True
    """
    return Integration(
        flavor=FLAVOR,
        distributions=("xgboost", "xgboost-cpu"),
        tried=("2", "4"),
        patches=partial(_patches, log_model),
    )


def _patches(log_model: Callable[..., Any], options: Options, care: Care) -> Iterator[Patch]:
    xgboost: Any = import_module("xgboost")

    rows = Rows()

    def training(*, with_model: bool) -> Callable[[Call, Options, Care], BoosterTraining]:
        return lambda call, options, care: BoosterTraining(
            call=call, options=options, care=care, log_model=log_model if with_model else None, rows=rows
        )

    yield rows.patch(xgboost.DMatrix, care)
    yield Patch(owner=xgboost, name="train", wrapper=trains(training(with_model=True), options, care))
    yield Patch(
        owner=xgboost.sklearn, name="train", wrapper=trains(training(with_model=False), options, care)
    )
    kinds = [
        kind
        for _, kind in inspect.getmembers(xgboost.sklearn, inspect.isclass)
        if issubclass(kind, xgboost.sklearn.XGBModel)
    ]
    yield from estimator_patches(kinds, log_model, options, care)


@dataclass(slots=True, kw_only=True)
class BoosterTraining:
    """The `Training` of one call of ``train``; without `log_model`, an estimator logs the model."""

    call: Call
    options: Options
    care: Care
    log_model: Callable[..., Any] | None
    rows: Rows
    is_transparent: bool = False
    _iterations: Iterations | None = None

    def begin(self, target: Target) -> Call:
        """Log the params and the data, and look at each iteration."""
        arguments = Arguments.of(self.call)
        if self.log_model is not None and self.options.log_models:
            target.begin_model()
        target.log_params({**arguments.named["params"], **arguments.without(_NO_PARAMS)})
        if self.options.log_datasets:
            evals = [(matrix, name, "eval") for matrix, name in arguments.named.get("evals") or ()]
            log_data(target, [(arguments.named["dtrain"], None, "train"), *evals], _values)
        self._iterations = Iterations(target=target)
        return with_callback(self.call, _callback(self._iterations))

    def end(self, target: Target, result: Any) -> None:
        """Log the best iteration, the importance of the features and the model."""
        named = Arguments.of(self.call).named
        if named.get("early_stopping_rounds") and self._iterations is not None:
            best = result.best_iteration
            stopped = len(self._iterations.results) - 1
            self._iterations.note_best(best, stopped=stopped, best_results=best)
        for kind in self.options.own.get("importance_types") or ["weight"]:
            with self.care.attempt("log the importance of the features"):
                log_importance(target, kind, result.get_score(importance_type=kind))
        if self.log_model is not None and self.options.log_models:
            log_boosted(
                result,
                lambda: self.rows.of(named["dtrain"]),
                partial(_answer, result),
                self,
                model_id=target.model_id,
            )


def _answer(booster: Any, rows: Any) -> Any:
    xgboost: Any = import_module("xgboost")

    return booster.predict(xgboost.DMatrix(rows))


def _values(matrix: Any) -> Any:
    return matrix.get_data()


def _callback(iterations: Iterations) -> Any:
    """Return a callback; its class is made here, for its base comes of the library."""
    xgboost: Any = import_module("xgboost")

    class AutologCallback(xgboost.callback.TrainingCallback):  # type: ignore[misc] # no types without xgboost
        """Note the metrics of each iteration."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            """Note the newest of each, and let the training go on."""
            del model
            newest = {
                f"{data}-{name}": values[-1]
                for data, metrics in evals_log.items()
                for name, values in metrics.items()
            }
            iterations.note(newest, epoch)
            return False

    return AutologCallback()
