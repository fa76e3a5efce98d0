"""How the digits example judges a model on the gate's rows."""

from __future__ import annotations

import numpy as np
import pytest
from evaluate import judge, outcomes
from rows import Rows


def _rows(labels: list[int]) -> Rows:
    count = len(labels)
    return Rows(row_id=np.arange(count) + 100, label=np.array(labels), pixels=np.zeros((count, 64)))


def _sure(answers: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Give nine tenths to each answer and share the rest among the other nine digits."""
    return np.eye(10)[answers] * 0.8 + 0.02


def test_metrics_count_right_answers() -> None:
    """Accuracy is over all rows, recall over the rows of one digit."""
    labels = [*range(10), 3, 3]
    metrics = judge(_rows(labels), _sure([*range(10), 3, 5]))
    assert metrics["accuracy"] == pytest.approx(11 / 12)
    assert metrics["recall_3"] == pytest.approx(2 / 3)
    assert metrics["recall_5"] == 1.0


def test_log_loss_is_that_of_the_true_digit() -> None:
    """A sure wrong answer costs what its probability says, in nats."""
    metrics = judge(_rows([*range(10)]), _sure([*range(9), 0]))
    expected = -(9 * np.log(0.82) + np.log(0.02)) / 10
    assert metrics["log_loss"] == pytest.approx(expected)


def test_outcomes_keep_the_row_ids() -> None:
    """Two models can be compared row by row because each row keeps its id."""
    columns = outcomes(_rows([4, 4]), _sure([4, 9]))
    found = {name: values.tolist() for name, values in columns.items()}
    assert found == {"row_id": [100, 101], "label": [4, 4], "prediction": [4, 9]}
