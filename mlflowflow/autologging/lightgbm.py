"""LightGBM: `lightgbm.train` and the estimators that call it."""

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

FLAVOR: Final = "lightgbm"

#: Arguments that are no params: data, functions, and what is logged otherwise.
_NO_PARAMS: Final = frozenset(
    {
        "params",
        "train_set",
        "valid_sets",
        "valid_names",
        "fobj",
        "feval",
        "init_model",
        "learning_rates",
        "callbacks",
    }
)


def integration(log_model: Callable[..., Any]) -> Integration:
    """Return the integration; `log_model` is that of `mlflowflow.lightgbm`.

    >>> integration(print).knows("4.6.0")
    True
    """
    return Integration(
        flavor=FLAVOR, distributions=("lightgbm",), tried=("4", "5"), patches=partial(_patches, log_model)
    )


def _patches(log_model: Callable[..., Any], options: Options, care: Care) -> Iterator[Patch]:
    lightgbm: Any = import_module("lightgbm")

    rows = Rows()

    def training(*, with_model: bool) -> Callable[[Call, Options, Care], BoosterTraining]:
        return lambda call, options, care: BoosterTraining(
            call=call, options=options, care=care, log_model=log_model if with_model else None, rows=rows
        )

    yield rows.patch(lightgbm.Dataset, care)
    yield Patch(owner=lightgbm, name="train", wrapper=trains(training(with_model=True), options, care))
    yield Patch(
        owner=lightgbm.sklearn, name="train", wrapper=trains(training(with_model=False), options, care)
    )
    kinds = [
        kind
        for _, kind in inspect.getmembers(lightgbm.sklearn, inspect.isclass)
        if issubclass(kind, lightgbm.LGBMModel)
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
            log_data(target, _matrices(arguments), _values)
        self._iterations = Iterations(target=target)
        return with_callback(self.call, partial(_note, self._iterations))

    def end(self, target: Target, result: Any) -> None:
        """Log the best iteration, the importance of the features and the model."""
        best = result.best_iteration
        if best > 0 and self._iterations is not None:
            stopped = len(self._iterations.results)
            self._iterations.note_best(best, stopped=stopped, best_results=best - 1)
        for kind in ("split", "gain"):
            with self.care.attempt("log the importance of the features"):
                counts = result.feature_importance(importance_type=kind).tolist()
                log_importance(target, kind, dict(zip(result.feature_name(), counts, strict=True)))
        if self.log_model is not None and self.options.log_models:
            train_set = Arguments.of(self.call).named["train_set"]
            log_boosted(
                result, lambda: self.rows.of(train_set), result.predict, self, model_id=target.model_id
            )


def _matrices(arguments: Arguments) -> list[tuple[Any, str | None, str]]:
    named = arguments.named
    sets = named.get("valid_sets") or []
    valid = sets if isinstance(sets, list | tuple) else [sets]
    given = named.get("valid_names") or []
    names = [given] if isinstance(given, str) else list(given)
    names += [None] * (len(valid) - len(names))
    evals = [(matrix, name, "eval") for matrix, name in zip(valid, names, strict=False)]
    return [(named["train_set"], None, "train"), *evals]


def _values(dataset: Any) -> Any:
    return dataset.data


def _note(iterations: Iterations, env: Any) -> None:
    """Note the metrics of an iteration: what LightGBM calls after each."""
    iterations.note({f"{each[0]}-{each[1]}": each[2] for each in env.evaluation_result_list}, env.iteration)
