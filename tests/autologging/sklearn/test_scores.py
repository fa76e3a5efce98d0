"""Scores on the training data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.sklearn.arguments import Fitted
from mlflowflow.autologging.sklearn.scores import training_score, training_scores

CARE = Care(flavor="sklearn")
X = np.random.default_rng(3).normal(size=(40, 2))
Y = (X[:, 0] + 0.5 * X[:, 1] ** 2 > 0).astype(int)
WEIGHTS = np.linspace(1, 3, 40)


def test_a_classifier_with_chances() -> None:
    """The numbers are those of `sklearn.metrics`, weighted by class and by row."""
    model = LogisticRegression().fit(X, Y, WEIGHTS)
    found = training_scores(model, Fitted(data=X, labels=Y, weights=WEIGHTS), CARE)
    predicted, chances = model.predict(X), model.predict_proba(X)
    shared: dict[str, Any] = {"sample_weight": WEIGHTS, "average": "weighted"}
    assert found == {
        "training_precision_score": metrics.precision_score(Y, predicted, **shared),
        "training_recall_score": metrics.recall_score(Y, predicted, **shared),
        "training_f1_score": metrics.f1_score(Y, predicted, **shared),
        "training_accuracy_score": metrics.accuracy_score(Y, predicted, sample_weight=WEIGHTS),
        "training_log_loss": metrics.log_loss(Y, chances, sample_weight=WEIGHTS),
        "training_roc_auc": metrics.roc_auc_score(Y, chances[:, 1], sample_weight=WEIGHTS),
    }


def test_a_positive_label_is_scored_alone() -> None:
    """As binary scores are."""
    model = RidgeClassifier().fit(X, Y)
    found = training_scores(model, Fitted(data=X, labels=Y), CARE, pos_label=0)
    assert found["training_recall_score"] == metrics.recall_score(Y, model.predict(X), pos_label=0)
    assert "training_log_loss" not in found


def test_a_regressor() -> None:
    """The root of the squared error is one of them."""
    labels = X[:, 0] ** 2
    found = training_scores(LinearRegression().fit(X, labels), Fitted(data=X, labels=labels), CARE)
    assert found["training_root_mean_squared_error"] ** 2 == pytest.approx(
        found["training_mean_squared_error"]
    )
    assert set(found) == {
        f"training_{name}"
        for name in ("mean_squared_error", "mean_absolute_error", "r2_score", "root_mean_squared_error")
    }


def test_without_labels_there_are_none() -> None:
    """Neither is a score that would need them computed."""
    model = KMeans(2).fit(X)
    assert training_scores(model, Fitted(data=X), CARE) == {}
    assert training_score(model, Fitted(data=X), CARE) == {}


@pytest.mark.usefixtures("in_use")
def test_one_that_fails_leaves_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """Its name is told."""
    model = LogisticRegression().fit(X, Y)
    found = training_scores(model, Fitted(data=X, labels=Y), CARE, pos_label="absent")
    assert "training_accuracy_score" in found
    assert "training_f1_score" not in found
    assert "training_f1_score" in caplog.text
