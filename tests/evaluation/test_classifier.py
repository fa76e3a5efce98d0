"""Metrics of classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.classifier import Answers, Labels, find_labels, metrics_of, per_class

TRUTH = np.array([0, 0, 1, 1, 1])
SAID = np.array([0, 1, 1, 1, 0])
CHANCE = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]])


def _answers(**changes: Any) -> Answers:
    labels = find_labels(TRUTH, SAID, changes.pop("config", {}))
    known: dict[str, Any] = {"truth": TRUTH, "said": SAID, "labels": labels, "probabilities": CHANCE}
    return Answers(**{**known, **changes})


def test_two_labels_have_counts_and_areas() -> None:
    """Everything MLflow logs of two labels, and the counts are those of the positive one."""
    found = metrics_of(_answers())
    assert {name: found[name] for name in list(found)[:4]} == {
        "true_negatives": 1,
        "false_positives": 1,
        "false_negatives": 1,
        "true_positives": 2,
    }
    assert found["precision_score"] == pytest.approx(2 / 3)
    assert found["roc_auc"] == pytest.approx(sklearn.roc_auc_score(TRUTH, CHANCE[:, 1]))
    assert set(found) >= {"example_count", "accuracy_score", "f1_score", "log_loss", "precision_recall_auc"}


def test_another_positive_label_turns_the_view() -> None:
    """Its column in the probabilities is the first one then."""
    found = metrics_of(_answers(config={"pos_label": 0}))
    assert (found["true_positives"], found["recall_score"]) == (1, 0.5)
    assert found["roc_auc"] == pytest.approx(sklearn.roc_auc_score(TRUTH == 0, CHANCE[:, 0]))
    assert found["log_loss"] == pytest.approx(metrics_of(_answers())["log_loss"])


def test_weights_count() -> None:
    """A row of weight three is three rows; the counts stay counts."""
    weights = np.array([3.0, 1.0, 1.0, 1.0, 1.0])
    found = metrics_of(_answers(weights=weights))
    assert found["accuracy_score"] == pytest.approx(5 / 7)
    assert found["true_negatives"] == 1
    heavy_mistake = np.array([1.0, 3.0, 1.0, 1.0, 1.0])
    assert metrics_of(_answers(weights=heavy_mistake))["precision_score"] == pytest.approx(2 / 5)


@pytest.mark.parametrize("average", [None, "macro", "micro"])
def test_many_labels_are_averaged(average: str | None) -> None:
    """As scikit-learn averages them; an area only where it has one."""
    truth, said = np.array(["a", "b", "c", "a"]), np.array(["a", "b", "b", "a"])
    chances = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.5, 0.4], [0.7, 0.2, 0.1]])
    labels = find_labels(truth, said, {})
    found = metrics_of(Answers(truth=truth, said=said, labels=labels, probabilities=chances), average=average)
    expected = sklearn.f1_score(truth, said, average=average or "weighted")
    assert found["f1_score"] == pytest.approx(expected)
    assert ("roc_auc" in found) is (average != "micro")
    assert "true_positives" not in found


def test_a_label_that_no_row_has_costs_the_area_only() -> None:
    """Everything else can be computed without it."""
    truth = np.array([0, 1, 0])
    chances = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.6, 0.2, 0.2]])
    labels = find_labels(truth, truth, {}, classes=(0, 1, 2), width=3)
    found = metrics_of(Answers(truth=truth, said=truth, labels=labels, probabilities=chances))
    assert labels.every == (0, 1, 2)
    assert ("log_loss" in found, "roc_auc" in found) == (True, False)
    ones = np.array([1, 1])
    both = Answers(
        truth=ones, said=np.array([1, 0]), labels=Labels(every=(0, 1), positive=1), probabilities=CHANCE[:2]
    )
    assert "roc_auc" not in metrics_of(both)


def test_each_label_against_all_others() -> None:
    """One row for each, in the order of the labels."""
    truth, said = np.array(["a", "b", "c", "a"]), np.array(["a", "b", "b", "a"])
    rows = per_class(Answers(truth=truth, said=said, labels=find_labels(truth, said, {})))
    assert [(row["positive_class"], row["true_positives"], row["false_positives"]) for row in rows] == [
        ("a", 2, 0),
        ("b", 1, 1),
        ("c", 0, 0),
    ]


@pytest.mark.parametrize(
    ("truth", "config", "more", "word"),
    [
        ([1, 1], {}, {}, "at least two labels"),
        ([0, 1], {"label_list": [0, 1], "pos_label": 2}, {}, "not in the label_list"),
        ([0, 1], {}, {"width": 3}, "3 probabilities for each row"),
        ([0, "a"], {}, {}, "one order"),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    truth: list[Any], config: dict[str, Any], more: dict[str, Any], word: str
) -> None:
    """The sentence says where to name the labels."""
    column = np.array(truth, dtype=object if word == "one order" else None)
    with pytest.raises(InvalidInput, match=word):
        find_labels(column, column, config, **more)
