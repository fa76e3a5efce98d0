"""One call of ``fit``: params and class before, model, scores, pictures and findings after."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.datasets import dataset_of, used_for
from mlflowflow.autologging.examples import Description, described, first_rows
from mlflowflow.autologging.sklearn.arguments import Fitted, fitted_with
from mlflowflow.autologging.sklearn.plots import log_plots
from mlflowflow.autologging.sklearn.scores import training_score, training_scores
from mlflowflow.autologging.sklearn.search import best_params, is_search, log_children, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.sklearn.after import After
    from mlflowflow.autologging.target import Target
    from mlflowflow.autologging.training import Call
    from mlflowflow.tracking.run import Dataset

PAGE: Final = "estimator.html"


@dataclass(slots=True, kw_only=True)
class EstimatorTraining:
    """The `Training` of a scikit-learn estimator; `log_model` is that of `mlflowflow.sklearn`."""

    call: Call
    options: Options
    care: Care
    log_model: Callable[..., Any]
    after: After | None
    is_transparent: bool = False
    _fitted: Fitted | None = None
    _dataset: Dataset | None = None
    _description: Description = field(default_factory=Description)
    _best_id: str | None = None

    @property
    def estimator(self) -> Any:
        """The estimator that is fitted."""
        return self.call.args[0]

    def begin(self, target: Target) -> Call:
        """Log what the estimator is and what it is given."""
        target.log_params(self._params())
        target.set_tags(tags_of(self.estimator))
        self._fitted = fitted = fitted_with(self.call)
        with self.care.attempt("describe the training data"):
            self._dataset = dataset_of(fitted.data, fitted.labels)
            if self._dataset is not None and self.options.log_datasets:
                target.log_inputs([used_for(self._dataset, "train")])
        return self.call

    def end(self, target: Target, result: Any) -> None:
        """Log the model and all that is known of it."""
        del result  # what was fitted is the estimator
        fitted = self._fitted
        if fitted is None:
            return
        model_id = None
        if self.options.log_models:
            model_id = self._log_models(fitted)
        scores = training_scores(
            self.estimator, fitted, self.care, pos_label=self.options.own.get("pos_label")
        )
        scores |= training_score(self.estimator, fitted, self.care)
        if fitted.labels is None and not scores:
            self.care.warn("logs no training metrics, for no labels were given")
        with self.care.attempt("log the training metrics"):
            target.log_metrics(scores, model_id=model_id, dataset=self._dataset)
        log_plots(self.estimator, fitted, target)
        with self.care.attempt(f"store '{PAGE}'"):
            target.put(_page(self.estimator), PAGE)
        if is_search(self.estimator):
            with self.care.attempt("log the results of the search"):
                self._log_search(target, model_id)
        if self.after is not None:
            self.after.watch(self.estimator, target.run, model_id)

    def _params(self) -> dict[str, Any]:
        """Return the estimator's params; of a search not those of its seed, which are tried otherwise."""
        params: dict[str, Any] = self.estimator.get_params(deep=not is_search(self.estimator))
        return params

    def _log_models(self, fitted: Fitted) -> str | None:
        estimator = self.estimator
        self._description = described(
            partial(first_rows, fitted.data), partial(_answer, estimator), self.options, self.care
        )
        model_id = None
        with self.care.attempt("log the model"):
            model_id = self._log_one(
                estimator,
                "model",
                {**self._params(), **best_params(estimator)},
                registered_model_name=self.options.registered_model_name,
            )
        if is_search(estimator) and hasattr(estimator, "best_estimator_"):
            best = estimator.best_estimator_
            with self.care.attempt("log the best model"):
                self._best_id = self._log_one(best, "best_estimator", best.get_params(deep=True))
        return model_id

    def _log_one(self, model: Any, name: str, params: dict[str, Any], **more: Any) -> str | None:
        info = self.log_model(
            model,
            name=name,
            signature=self._description.signature or False,
            input_example=self._description.example,
            serialization_format=self.options.own.get("serialization_format", "cloudpickle"),
            params=params,
            **more,
        )
        model_id: str | None = getattr(info, "model_id", None)
        return model_id

    def _log_search(self, target: Target, model_id: str | None) -> None:
        search = self.estimator
        target.log_params(best_params(search))
        if hasattr(search, "best_score_"):
            target.log_metrics(
                {"best_cv_score": search.best_score_}, model_id=model_id, dataset=self._dataset
            )
        if hasattr(search, "cv_results_"):
            log_children(
                search,
                target,
                most=self.options.own.get("max_tuning_runs", 5),
                dataset=self._dataset,
                is_input=self.options.log_datasets,
                best_id=self._best_id,
            )


def _answer(estimator: Any, rows: Any) -> Any:
    """Ask a fitted estimator for its answer. Raises AttributeError if it has none."""
    return estimator.predict(rows) if hasattr(estimator, "predict") else estimator.transform(rows)


def _page(estimator: Any) -> str:
    from sklearn.utils import estimator_html_repr

    head = '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="UTF-8"/></head>\n'
    return f"{head}<body>\n{estimator_html_repr(estimator)}\n</body>\n</html>\n"
