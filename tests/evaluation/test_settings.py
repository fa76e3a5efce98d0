"""What an evaluation was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.metric import make_metric
from mlflowflow.evaluation.settings import list_evaluators, read_settings

ONE = make_metric(eval_fn=lambda predictions: 1.0, greater_is_better=True, name="one")  # noqa: ARG005


@pytest.mark.parametrize(
    ("evaluators", "config", "expected"),
    [
        (None, None, None),
        (None, {"pos_label": 1}, 1),
        (None, {"default": {"pos_label": 1}}, 1),
        (None, {"default": {"pos_label": 1}, "classifier": {"pos_label": 2}}, 2),
        (None, {"shap": {"pos_label": 1}}, None),
        ("default", {"pos_label": 1}, 1),
        ("classifier", {"pos_label": 1}, 1),
        (["default"], {"default": {"pos_label": 1}}, 1),
        (["classifier", "shap"], {"classifier": {"pos_label": 1}}, 1),
    ],
)
def test_the_configuration_is_found_where_mlflow_takes_it(
    evaluators: Any, config: Any, expected: Any
) -> None:
    """For all evaluators, by an evaluator's name, or by the name that stands for all."""
    settings = read_settings("classifier", evaluators=evaluators, evaluator_config=config)
    assert settings.config.get("pos_label") == expected


@pytest.mark.parametrize(
    ("model_type", "arguments", "word"),
    [
        ("magic", {}, "unknown"),
        ("text", {}, "not evaluated here"),
        (None, {}, "give extra_metrics"),
        ("classifier", {"evaluators": "magic"}, "no evaluator 'magic'"),
        ("classifier", {"evaluators": ["regressor"]}, "can evaluate"),
        ("classifier", {"evaluators": []}, "can evaluate"),
        ("classifier", {"evaluator_config": [1]}, "must be a dictionary"),
        ("classifier", {"evaluators": ["default"], "evaluator_config": {"pos_label": 1}}, "by name"),
        ("classifier", {"extra_metrics": [len]}, "make_metric"),
        ("classifier", {"custom_artifacts": ["x"]}, "is no function"),
    ],
)
def test_a_wrong_wish_is_refused(model_type: Any, arguments: dict[str, Any], word: str) -> None:
    """The sentence names what was found and what was expected."""
    with pytest.raises(InvalidInput, match=word):
        read_settings(model_type, **arguments)


def test_extra_metrics_are_enough() -> None:
    """Without a type of model they are all that is computed."""
    settings = read_settings(None, extra_metrics=[ONE], evaluator_config={"metric_prefix": "val_"})
    assert (settings.kind, settings.extra_metrics, settings.prefix) == (None, (ONE,), "val_")


def test_the_evaluators_are_mlflows() -> None:
    """A script that names one of them runs."""
    assert set(list_evaluators()) == {"default", "shap", "regressor", "classifier"}
