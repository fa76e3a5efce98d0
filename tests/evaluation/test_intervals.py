"""Confidence intervals, against published and simulated ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import f1_score, precision_score, recall_score

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.intervals import (
    Interval,
    delong,
    demand_level,
    of_averages,
    of_confusion,
    of_means,
    wilson,
)


@given(st.integers(1, 2000).flatmap(lambda rows: st.tuples(st.integers(0, rows), st.just(rows))))
def test_wilson_is_scipys(pair: tuple[int, int]) -> None:
    """The same interval, computed by somebody else."""
    hits, rows = pair
    theirs = binomtest(hits, rows).proportion_ci(0.95, method="wilson")
    ours = wilson(hits, rows)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert 0 <= ours.low <= hits / rows <= ours.high <= 1


def test_delong_covers_as_often_as_it_says() -> None:
    """In 300 worlds with a known area, about 95 of 100 intervals hold it."""
    draw = np.random.default_rng(7)
    area, held = 0.7602, 0  # of two normals one deviation apart: Phi(1/sqrt(2))
    for _ in range(300):
        positive = np.arange(120) < 60
        chance = draw.normal(size=120) + positive
        interval = delong(positive, chance)
        assert interval is not None
        held += interval.low <= area <= interval.high
    assert 0.91 <= held / 300 <= 0.98


def test_delong_needs_two_rows_on_either_side() -> None:
    """One row has no variance."""
    assert delong(np.array([True, False, False]), np.array([0.5, 0.1, 0.2])) is None


def test_the_bootstrap_covers_as_often_as_it_says() -> None:
    """In 200 worlds with a known mean, about 95 of 100 intervals hold it."""
    draw = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        column = draw.exponential(size=(150, 1))
        found = of_means(column, {"mean": lambda means: means[:, 0]})["mean"]
        held += found.low <= 1.0 <= found.high
    assert 0.89 <= held / 200 <= 0.98


def test_the_same_rows_have_the_same_interval() -> None:
    """A second evaluation of the same rows says the same."""
    column = np.random.default_rng(1).normal(size=(50, 1))
    metrics = {"mean": lambda means: means[:, 0]}
    assert of_means(column, metrics) == of_means(column, metrics)


@pytest.mark.parametrize("average", ["binary", "macro", "weighted"])
def test_averages_of_matrices_are_scikit_learns(average: str) -> None:
    """The functions that are drawn over compute what the metrics compute."""
    labels = 2 if average == "binary" else 4
    draw = np.random.default_rng(5)
    truth, said = draw.integers(labels, size=60), draw.integers(labels, size=60)
    matrix = np.zeros((1, labels, labels))
    np.add.at(matrix[0], (truth, said), 1)
    found = {name: float(metric(matrix)[0]) for name, metric in of_averages(average).items()}
    expected: dict[str, Any] = {
        "precision_score": precision_score(truth, said, average=average),
        "recall_score": recall_score(truth, said, average=average),
        "f1_score": f1_score(truth, said, average=average),
    }
    assert found == pytest.approx(expected)


def test_a_matrix_interval_holds_its_metric() -> None:
    """The metric of the rows themselves lies inside; of too many labels nothing is said."""
    matrix = np.array([[40.0, 10.0], [5.0, 45.0]])
    found = of_confusion(matrix, of_averages("binary"))["f1_score"]
    assert found.low < 2 * 45 / (2 * 45 + 15) < found.high
    assert of_confusion(np.eye(51), of_averages("macro")) == {}


@pytest.mark.parametrize("level", [0.0, 1.0, 95, "x", float("nan")])
def test_a_level_lies_between_zero_and_one(level: object) -> None:
    """Ninety-five is not 0.95."""
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        demand_level(level)


@pytest.mark.parametrize(("hits", "rows"), [(1, 0), (3, 2), (-1, 2)])
def test_a_share_needs_rows(hits: int, rows: int) -> None:
    """More hits than rows, and no rows, are a mistake."""
    with pytest.raises(InvalidInput):
        wilson(hits, rows)


def test_a_higher_level_is_a_wider_interval() -> None:
    """And it is kept as plain values."""
    narrow, wide = wilson(9, 10, level=0.8), wilson(9, 10, level=0.99)
    assert wide.low < narrow.low
    assert Interval(**narrow.to_dict()) == narrow
