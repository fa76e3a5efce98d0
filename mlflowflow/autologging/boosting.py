"""What the trainings of XGBoost and LightGBM have in common.

Both train by a function that takes params, data and callbacks, and by estimators in scikit-learn's
manner that call it. The function is logged with all its iterations; a call by an estimator is the
same, except that the estimator itself logs the model.
"""

from __future__ import annotations

import inspect
import weakref
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.datasets import dataset_of, used_for
from mlflowflow.autologging.examples import described, first_rows
from mlflowflow.autologging.patching import Patch
from mlflowflow.autologging.sklearn.arguments import fitted_with
from mlflowflow.autologging.training import Call, trains
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.patching import Wrapper
    from mlflowflow.autologging.target import Target
    from mlflowflow.tracking.run import Dataset

_FITTING: Final[ContextVar[bool]] = ContextVar("mlflowflow_autologging_fitting", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The arguments of a call by name, those that were not given with their defaults."""

    named: Mapping[str, Any]

    @classmethod
    def of(cls, call: Call) -> Arguments:
        """Read them off a call."""
        bound = inspect.signature(call.original).bind(*call.args, **call.kwargs)
        bound.apply_defaults()
        return cls(named=bound.arguments)

    def without(self, names: frozenset[str]) -> dict[str, Any]:
        """Return those that are logged as params."""
        return {name: value for name, value in self.named.items() if name not in names}


def with_callback(call: Call, callback: Any) -> Call:
    """Return `call` with one more callback; the caller's own list is left as it is."""
    signature = inspect.signature(call.original)
    bound = signature.bind(*call.args, **call.kwargs)
    bound.arguments["callbacks"] = [*(bound.arguments.get("callbacks") or ()), callback]
    return Call(original=call.original, args=bound.args, kwargs=bound.kwargs)


class Rows:
    """The first rows of the data that the libraries turn into matrices of their own and give back no more."""

    def __init__(self) -> None:
        """Begin with none."""
        self._rows: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def patch(self, kind: type, care: Care) -> Patch:
        """Return the patch that takes the rows when a matrix of a `kind` is made."""

        def make(original: Callable[..., Any], matrix: Any, /, *args: Any, **kwargs: Any) -> None:
            original(matrix, *args, **kwargs)
            data = args[0] if args else kwargs.get("data")
            if data is not None and not isinstance(data, str) and hasattr(data, "__getitem__"):
                with care.attempt("take an input example from the training data"):
                    self._rows[matrix] = first_rows(data)

        return Patch(owner=kind, name="__init__", wrapper=make)

    def of(self, matrix: Any) -> Any:
        """Return the rows. Raises `InvalidInput` if nobody saw them."""
        rows = self._rows.get(matrix)
        if rows is None:
            raise InvalidInput(
                "The training data was made before autologging was switched on, or is read from a file; "
                "switch autologging on first, and give the data as an array or a table."
            )
        return rows


@dataclass(slots=True, kw_only=True)
class Iterations:
    """The metrics of each iteration, logged as they come."""

    target: Target
    results: list[dict[str, float]] = field(default_factory=list)

    def note(self, metrics: Mapping[str, Any], step: int) -> None:
        """Log the metrics of an iteration. Names like ``ndcg@3`` are written ``ndcg_at_3``."""
        named = {name.replace("@", "_at_"): value for name, value in metrics.items()}
        self.results.append(named)
        with self.target.care.attempt("log an iteration"):
            self.target.log_metrics(named, step=step)

    def note_best(self, best: int, *, stopped: int, best_results: int) -> None:
        """Log where the training stopped and which iteration was best, and again the metrics of that one."""
        self.target.log_metrics({"stopped_iteration": stopped, "best_iteration": best})
        if 0 <= best_results < len(self.results):
            self.target.log_metrics(self.results[best_results], step=len(self.results))


def log_data(
    target: Target, matrices: list[tuple[Any, str | None, str]], values: Callable[[Any], Any]
) -> None:
    """Name the training and validation data as inputs: matrices, each with a name and its use."""
    for matrix, name, context in matrices:
        with target.care.attempt("describe the training data"):
            data = values(matrix)
            dataset: Dataset | None = None if data is None else dataset_of(data, name=name)
            if dataset is not None:
                target.log_inputs([used_for(dataset, context)])


@dataclass(slots=True, kw_only=True)
class BoostedEstimator:
    """The `Training` of an estimator that calls the library's function: the model is what it adds."""

    call: Call
    options: Options
    care: Care
    log_model: Callable[..., Any]
    is_transparent: bool = True
    _rows: Any = None

    def begin(self, target: Target) -> Call:
        """Keep the first rows."""
        del target
        with self.care.attempt("take an input example from the training data"):
            self._rows = first_rows(fitted_with(self.call).data)
        return self.call

    def end(self, target: Target, result: Any) -> None:
        """Log the estimator."""
        del result
        if self.options.log_models:
            estimator = self.call.args[0]
            log_boosted(estimator, lambda: self._rows, estimator.predict, self, model_id=target.model_id)


def log_boosted(
    model: Any,
    rows: Callable[[], Any],
    predict: Callable[[Any], Any],
    training: Any,
    *,
    model_id: str | None,
) -> None:
    """Log a model, perhaps one that was begun, with its example and signature, as the options of a `training` say."""
    options: Options = training.options
    kept = described(rows, predict, options, training.care)
    more = {"model_format": options.own["model_format"]} if "model_format" in options.own else {}
    with training.care.attempt("log the model"):
        training.log_model(
            model,
            name="model",
            signature=kept.signature,
            input_example=kept.example,
            registered_model_name=options.registered_model_name,
            model_id=model_id,
            **more,
        )


def estimator_patches(
    kinds: list[type], log_model: Callable[..., Any], options: Options, care: Care
) -> Iterator[Patch]:
    """Return the patches of estimators in scikit-learn's manner."""
    make = partial(_estimator_training, log_model)
    for kind in sorted(kinds, key=lambda kind: len(kind.__mro__)):
        yield Patch(owner=kind, name="fit", wrapper=partial(_outermost, trains(make, options, care)))


def _outermost(wrapper: Wrapper, original: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Log a ``fit`` unless it is called by one: derived estimators call that of their base."""
    if _FITTING.get():
        return original(*args, **kwargs)
    mark = _FITTING.set(True)
    try:
        return wrapper(original, *args, **kwargs)
    finally:
        _FITTING.reset(mark)


def _estimator_training(
    log_model: Callable[..., Any], call: Call, options: Options, care: Care
) -> BoostedEstimator:
    return BoostedEstimator(call=call, options=options, care=care, log_model=log_model)
