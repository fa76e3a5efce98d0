"""What an evaluation was asked for, checked before anything is started.

MLflow has several evaluators, and a configuration for each or one for all; only one of them does the
work for a type of model. Here that choice is made once, and what comes out is one configuration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.metric import EvaluationMetric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CLASSIFIER: Final = "classifier"
REGRESSOR: Final = "regressor"
DEFAULT: Final = "default"
SHAP: Final = "shap"
#: The evaluators there are, as MLflow names them.
EVALUATORS: Final = (DEFAULT, SHAP, REGRESSOR, CLASSIFIER)
_OF_TEXT: Final = frozenset({"question-answering", "text-summarization", "text", "retriever"})


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One evaluation: the `kind` of model (None for extra metrics only), and its configuration.

    `explained` says whether the influence of features was asked for.
    """

    kind: str | None
    config: Mapping[str, Any] = field(default_factory=_nothing)
    extra_metrics: tuple[EvaluationMetric, ...] = ()
    custom_artifacts: tuple[Callable[..., Any], ...] = ()
    explained: bool = True

    @property
    def prefix(self) -> str:
        """What the names of metrics and files begin with."""
        return str(self.config.get("metric_prefix") or "")


def list_evaluators() -> list[str]:
    """Return the names that `evaluate` takes as `evaluators`.

    >>> list_evaluators()
    ['default', 'shap', 'regressor', 'classifier']
    """
    return list(EVALUATORS)


def read_settings(
    model_type: str | None,
    *,
    evaluators: str | Sequence[str] | None = None,
    evaluator_config: Mapping[str, Any] | None = None,
    extra_metrics: Sequence[EvaluationMetric] | None = None,
    custom_artifacts: Sequence[Callable[..., Any]] | None = None,
) -> Settings:
    """Check what was asked for and choose the configuration. Raises `InvalidInput`.

    >>> read_settings("classifier", evaluator_config={"default": {"pos_label": 1}}).config["pos_label"]
    1
    """
    _check_type(model_type, extra_metrics)
    wanted = [evaluators] if isinstance(evaluators, str) else evaluators
    if wanted is not None:
        _check_evaluators(wanted, model_type)
    return Settings(
        kind=model_type,
        config=MappingProxyType(_config(model_type, evaluators, evaluator_config)),
        extra_metrics=_metrics(extra_metrics or ()),
        custom_artifacts=_functions(custom_artifacts or ()),
        explained=wanted is None or bool({SHAP, DEFAULT} & set(wanted)),
    )


def _check_type(model_type: str | None, extra_metrics: Sequence[EvaluationMetric] | None) -> None:
    if model_type in _OF_TEXT:
        raise InvalidInput(
            f"Models of the type '{model_type}' are not evaluated here; classifiers and regressors are, and "
            "any model by extra_metrics with model_type=None."
        )
    if model_type not in {None, CLASSIFIER, REGRESSOR}:
        raise InvalidInput(f"The model_type {model_type!r} is unknown; expected 'classifier' or 'regressor'.")
    if model_type is None and not extra_metrics:
        raise InvalidInput("Without a model_type there is nothing to compute; give extra_metrics.")


def _check_evaluators(wanted: Sequence[str], model_type: str | None) -> None:
    for name in wanted:
        if name not in EVALUATORS:
            raise InvalidInput(
                f"There is no evaluator {name!r}; list_evaluators() says which there are: {', '.join(EVALUATORS)}."
            )
    if not {model_type, DEFAULT} & set(wanted):
        raise InvalidInput(
            f"None of the evaluators {', '.join(wanted) or '(none)'} can evaluate a model of the type {model_type!r}."
        )


def _config(
    model_type: str | None, evaluators: str | Sequence[str] | None, given: Mapping[str, Any] | None
) -> dict[str, Any]:
    if given is None:
        return {}
    if not _is_mapping(given):
        raise InvalidInput(f"The evaluator_config must be a dictionary, not {given!r}.")
    if isinstance(evaluators, str):
        return dict(given)
    nested = set(given) & set(EVALUATORS)
    if evaluators is not None and not (
        set(given) <= set(evaluators) and all(_is_mapping(one) for one in given.values())
    ):
        raise InvalidInput(
            "With a list of evaluators, the evaluator_config must have a dictionary for each of them by name; "
            f"found the keys {', '.join(map(repr, given))}."
        )
    if not nested:
        return dict(given)
    return dict(given.get(model_type or DEFAULT) or given.get(DEFAULT) or {})


def _metrics(extra: Sequence[EvaluationMetric]) -> tuple[EvaluationMetric, ...]:
    wrong = [one for one in extra if not _is_metric(one)]
    if wrong:
        raise InvalidInput(
            f"In extra_metrics, {wrong[0]!r} is a {type(wrong[0]).__name__}; expected what make_metric() returns."
        )
    return tuple(extra)


def _functions(functions: Sequence[Callable[..., Any]]) -> tuple[Callable[..., Any], ...]:
    wrong: list[object] = [one for one in functions if not _is_function(one)]
    if wrong:
        raise InvalidInput(f"In custom_artifacts, {wrong[0]!r} is no function.")
    return tuple(functions)


def _is_mapping(found: object) -> bool:
    return isinstance(found, dict | MappingProxyType)


def _is_function(found: object) -> bool:
    return callable(found)


def _is_metric(found: object) -> bool:
    return isinstance(found, EvaluationMetric)
