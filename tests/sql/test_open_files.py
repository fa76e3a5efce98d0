"""Every file is readable by every program that reads Parquet, to the last bit."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from mlflowflow.storage.location import open_store
from mlflowflow.tracking.run import Metric
from tests.sql.stores import place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_INT64 = (0, 1, -1, 2**53 + 1, 2**63 - 1, -(2**63))
_VALUES = (0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, 0.1)
_TEXTS = ("", "x", "ü\U0001f600", "a\nb", "1e309", "NaN")

_READERS: dict[str, Callable[[str], list[dict[str, Any]]]] = {
    "duckdb": lambda file: duckdb.read_parquet(file).to_arrow_table().to_pylist(),
    "polars": lambda file: pl.read_parquet(file).rows(named=True),
    "pandas": lambda file: pd.read_parquet(file).to_dict("records"),
    "pyarrow": lambda file: pq.read_table(file).to_pylist(),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an experiment's folder with a hot segment and parts of runs and metrics, all edges in each."""
    root = tmp_path_factory.mktemp("open")
    points = [
        Metric(key=f"m{number}", value=value, timestamp=0, step=step)
        for number, value in enumerate(_VALUES)
        for step in _INT64
    ]
    with place(open_store(root)) as here:
        run_id = here.run()
        for again in (True, False):
            here.tracker.log_batch(
                run_id, metrics=points, tags={str(n): text for n, text in enumerate(_TEXTS)}
            )
            if again:
                here.fold()
        here.tracker.flush()
    return root / "exp" / "0"


def _only(folder: Path, kind: str) -> str:
    return str(max((folder / kind).glob("*.parquet")))


def _bits(value: float) -> object:
    return "nan" if math.isnan(value) else struct.pack("<d", value)


@pytest.mark.parametrize("reader", list(_READERS))
@pytest.mark.parametrize("kind", ["metrics", "hot"])
def test_points_are_read_to_the_last_bit(folder: Path, kind: str, reader: str) -> None:
    """Every encoding that is used, NaN, infinities, the sign of zero, the ends of int64."""
    rows = _READERS[reader](_only(folder, kind))
    keys = {f"m{number}" for number in range(len(_VALUES))}
    found = [(row["key"], row["step"], _bits(row["value"])) for row in rows if row["key"] in keys]
    assert sorted(map(str, found)) == sorted(
        str((f"m{number}", step, _bits(value))) for number, value in enumerate(_VALUES) for step in _INT64
    )


@pytest.mark.parametrize("reader", list(_READERS))
def test_runs_are_read_with_all_their_columns(folder: Path, reader: str) -> None:
    """Values and texts as they were given; the latest point is the one of the greatest step."""
    (row,) = _READERS[reader](_only(folder, "runs"))
    values = [_bits(row[f"metrics.m{number}"]) for number in range(len(_VALUES))]
    assert values == [_bits(value) for value in _VALUES]
    assert [row[f"tags.{number}"] for number in range(len(_TEXTS))] == list(_TEXTS)
    assert row["metrics_at.m0"]["step"] == 2**63 - 1
    assert row["started_at"]["at"] > 0
