"""The table of runs."""

from __future__ import annotations

import math

import pandas as pd

from mlflowflow.tracking.views.dataframe import runs_frame
from tests.tracking.query.strategies import run


def test_the_columns_are_mlflows() -> None:
    """Fixed columns first, then what was logged, by kind and name."""
    table = runs_frame([run("a", metrics={"m": 1.0}), run("b", params={"p": "x"}, tags={"t": "y"})])
    assert list(table.columns) == [
        "run_id",
        "experiment_id",
        "status",
        "artifact_uri",
        "start_time",
        "end_time",
        "metrics.m",
        "params.p",
        "tags.t",
    ]


def test_what_a_run_does_not_have_is_missing() -> None:
    """Metrics are NaN, texts None, and an open end is no time."""
    row = runs_frame([run("a", metrics={"m": 1.0}, params={"p": "x"}), run("b")]).iloc[1]
    assert math.isnan(row["metrics.m"])
    assert row["params.p"] is None
    assert row["end_time"] is pd.NaT


def test_times_are_in_utc() -> None:
    """Milliseconds become moments."""
    row = runs_frame([run(start_time=1500, end_time=2000)]).iloc[0]
    assert row["start_time"] == pd.Timestamp("1970-01-01T00:00:01.5Z")


def test_no_runs_are_an_empty_table() -> None:
    """The fixed columns are there without any run."""
    table = runs_frame([])
    assert len(table) == 0
    assert table["start_time"].dt.tz is not None
