"""Outcomes are the same however their rows are ordered and encoded."""

from __future__ import annotations

import io
import random  # noqa: TC003 - hypothesis reads the annotations
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.gates.outcomes import Outcomes
from tests.gates.examples import from_rows, row_lists

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _parquet(columns: Mapping[str, object]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


@given(row_lists, st.randoms(use_true_random=False))
def test_order_does_not_matter(rows: list[tuple[int, int, int]], source: random.Random) -> None:
    """Rows scored in another order are the same outcomes, with the same digest."""
    shuffled = list(rows)
    source.shuffle(shuffled)
    assert from_rows(shuffled) == from_rows(rows)
    assert from_rows(shuffled).digest == from_rows(rows).digest


@given(row_lists)
def test_parquet_round_trip(rows: list[tuple[int, int, int]]) -> None:
    """Reading what was written gives the same outcomes."""
    kept = from_rows(rows)
    assert Outcomes.from_parquet(kept.to_parquet()) == kept


def test_text_columns() -> None:
    """Labels may be words, also dictionary-encoded as categorical columns are."""
    words = pa.array(["cat", "dog"]).dictionary_encode()
    data = _parquet({"row_id": ["b", "a"], "label": words, "prediction": ["cat", "cat"]})
    assert Outcomes.from_parquet(data).right == (False, True)


def test_whole_and_floating_numbers_compare() -> None:
    """A model that says 1.0 is right about the label 1."""
    assert Outcomes(row_ids=(0,), labels=(1,), predictions=(1.0,)).right == (True,)


@pytest.mark.parametrize(
    ("row_ids", "labels", "predictions", "complaint"),
    [
        ((1, 1), (0, 0), (0, 0), "twice"),
        ((1, 2), (0,), (0, 0), "one length"),
        ((1,), ("1",), (1,), "different types"),
        ((1, "2"), (0, 0), (0, 0), "'row_id'"),
        ((1,), (float("nan"),), (0,), "missing"),
        ((1,), (0,), (None,), "missing"),
    ],
)
def test_refuses_rows_that_cannot_be_compared(
    row_ids: Sequence[int], labels: Sequence[int], predictions: Sequence[int], complaint: str
) -> None:
    """Rows that would be counted wrongly are refused."""
    with pytest.raises(InvalidInput, match=complaint):
        Outcomes(row_ids=tuple(row_ids), labels=tuple(labels), predictions=tuple(predictions))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"no parquet at all", "cannot be read"),
        (_parquet({"row_id": [1], "label": [1]}), "no column 'prediction'"),
        (_parquet({"row_id": [1, 1], "label": [1, 1], "prediction": [1, 1]}), "twice"),
    ],
)
def test_refuses_foreign_files(data: bytes, complaint: str) -> None:
    """A file that holds no outcomes is named with its reason."""
    with pytest.raises(CorruptData, match=complaint) as caught:
        Outcomes.from_parquet(data, name="run/outcomes.parquet")
    assert caught.value.key == "run/outcomes.parquet"
