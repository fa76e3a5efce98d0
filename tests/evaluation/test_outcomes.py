"""What came of each row."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import log_loss

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.outcomes import (
    RowIds,
    classifier_columns,
    read_row_ids,
    regressor_columns,
    to_parquet,
)
from mlflowflow.gates.outcomes import Outcomes


def test_a_gate_reads_the_file() -> None:
    """The three columns are the gate's, whatever else there is."""
    truth, said = np.array([1, 0, 1]), np.array([1, 1, 1])
    more = {"loss": np.array([0.1, 0.2, 0.3])}
    data = to_parquet(RowIds(ids=(30, 10, 20)), truth, said, more)
    assert Outcomes.from_parquet(data) == Outcomes(
        row_ids=(10, 20, 30), labels=(0, 1, 1), predictions=(1, 1, 1)
    )
    table = pq.read_table(io.BytesIO(data)).to_pydict()
    assert (table["row_id"], table["loss"]) == ([10, 20, 30], [0.2, 0.3, 0.1])


@pytest.mark.parametrize(
    ("truth", "said"), [(np.array(["a"]), np.array(["b"])), (np.array([True]), np.array([False]))]
)
def test_labels_stay_what_they_are(truth: Any, said: Any) -> None:
    """Texts stay texts and truths stay truths."""
    read = Outcomes.from_parquet(to_parquet(RowIds(ids=(0,)), truth, said, {}))
    assert (read.labels, read.predictions) == (tuple(truth.tolist()), tuple(said.tolist()))


def test_labels_and_predictions_of_two_kinds_are_text() -> None:
    """A prediction can be right only if both are written alike."""
    read = Outcomes.from_parquet(to_parquet(RowIds(ids=(0, 1)), [1, 0], ["1", "1"], {}))
    assert read.right == (True, False)


def test_a_missing_label_is_refused() -> None:
    """A gate could not compare it."""
    with pytest.raises(InvalidInput, match="missing"):
        to_parquet(RowIds(ids=(0,)), np.array([np.nan]), np.array([1.0]), {})


def test_the_mean_of_the_losses_is_the_metric() -> None:
    """A row's loss is its part of the log loss; a label the model does not know costs the most."""
    chances = np.array([[0.9, 0.1], [0.0, 1.0], [0.3, 0.7]])
    truth = np.array(["a", "a", "b"])
    columns = classifier_columns(truth, np.array(["a", "b", "b"]), ["a", "b"], chances)
    assert columns["loss"].mean() == pytest.approx(log_loss(truth, chances))
    assert columns["right"].tolist() == [True, False, True]
    assert columns["probability"].tolist() == [0.9, 0.0, 0.7]
    unknown = classifier_columns(np.array(["z"]), np.array(["a"]), ["a", "b"], chances[:1])
    assert unknown["probability"].tolist() == [0.0]
    assert set(classifier_columns(truth, truth, ["a", "b"], None)) == {"right"}


def test_an_error_has_its_sign() -> None:
    """Too much is above zero, and the loss is the square."""
    columns = regressor_columns([1, 2], [3, 1])
    assert (columns["error"].tolist(), columns["loss"].tolist()) == ([2.0, -1.0], [4.0, 1.0])


TABLE = pd.DataFrame({"id": ["x", "y"], "same": [1, 1]}, index=[7, 9])


@pytest.mark.parametrize(
    ("wanted", "table", "ids", "column"),
    [
        (None, None, (0, 1), None),
        (None, TABLE, (7, 9), None),
        (None, TABLE.set_axis([1, 1]), (0, 1), None),
        ("id", TABLE, ("x", "y"), "id"),
        (np.array([5, 4]), TABLE, (5, 4), None),
        ([(1, 2), (1, 3)], TABLE, ("(1, 2)", "(1, 3)"), None),
    ],
)
def test_ids_come_from_where_they_are(
    wanted: Any, table: Any, ids: tuple[Any, ...], column: str | None
) -> None:
    """A column, a list, the index if it tells rows apart, else the place."""
    assert read_row_ids(wanted, table, 2) == RowIds(ids=ids, column=column)


@pytest.mark.parametrize(
    ("wanted", "word"),
    [("same", "two rows"), ("none", "no column"), ([1], "2 rows and 1 row ids"), ([3, 3], "3")],
)
def test_ids_that_tell_nothing_apart_are_refused(wanted: Any, word: str) -> None:
    """Two rows of one id could not be compared with another evaluation's."""
    with pytest.raises(InvalidInput, match=word):
        read_row_ids(wanted, TABLE, 2)
