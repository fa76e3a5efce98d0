"""A small store for looking at its files."""

from __future__ import annotations

import io
import json

import pyarrow.parquet as pq

from mlflowflow.sql.sample import sample


def test_there_is_a_file_of_each_kind() -> None:
    """Each is what the writers of the library write."""
    found = sample()
    rows = {
        name: pq.read_table(io.BytesIO(getattr(found, name))).num_rows
        for name in ("segment", "metrics", "runs", "writers")
    }
    assert rows == {"segment": rows["segment"], "metrics": 100, "runs": 1, "writers": 1}
    assert rows["segment"] > 100
    assert {part["kind"] for part in json.loads(found.manifest)["parts"]} == {"metrics", "runs"}


def test_two_samples_are_equal_but_for_names() -> None:
    """The page that is made from them does not change by itself."""
    first, again = sample(), sample()
    assert (first.metrics, first.runs, first.writers) == (again.metrics, again.runs, again.writers)
