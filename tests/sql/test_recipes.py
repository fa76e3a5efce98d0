"""The recipes run as they are shown, on a store on disk, and give what the API gives."""

from __future__ import annotations

import math
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from mlflowflow.sql.recipes import DUCKDB, PANDAS, POLARS, RECIPES
from mlflowflow.storage.location import open_store
from tests.sql.stores import Place, place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_EDGES = (0.5, -0.0, math.nan, math.inf, -math.inf, 5e-324)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Give a store in ``./mlff-data`` whose runs lie in several parts, the older of them outdated."""
    monkeypatch.chdir(tmp_path)
    with place(open_store("mlff-data")) as made:
        runs = [made.run() for _ in range(12)]
        for number, run_id in enumerate(runs):
            made.tracker.log_batch(run_id, params={"depth": str(number)})
            for step, value in enumerate(_EDGES):
                made.tracker.log_metric(run_id, "loss", value, step=step)
            made.tracker.log_metric(run_id, "other", 1.0)
        made.fold()
        made.tracker.log_metric(runs[0], "loss", 7.0, step=2**63 - 1)
        made.tracker.log_batch(runs[1], tags={"late": "yes"})
        made.fold()
        yield made


def _expected(here: Place) -> tuple[list[tuple[Any, ...]], dict[str, tuple[Any, ...]]]:
    """Return the points of the metric, and of each run its param, its latest value and its tag."""
    runs = here.tracker.search_runs(["0"])
    points = [
        (run.info.run_id, point.step, point.timestamp, str(point.value))
        for run in runs
        for point in here.tracker.metric_history(run.info.run_id, "loss")
    ]
    facts = {
        run.info.run_id: (run.data.params["depth"], run.data.metrics["loss"], run.data.tags.get("late"))
        for run in runs
    }
    return sorted(points), facts


def _run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    with redirect_stdout(StringIO()):
        exec(compile(code, "recipe", "exec"), names)
    return names


def test_the_recipe_for_duckdb(here: Place) -> None:
    """In any DuckDB, without mlflowflow."""
    with duckdb.connect(":memory:") as connection:
        top = connection.execute(DUCKDB.code).fetchall()
        points = connection.sql("SELECT run_id, step, epoch_ms(ts), value FROM loss").fetchall()
        facts = connection.sql(
            'SELECT run_id, "params.depth", "metrics.loss", "tags.late" FROM runs'
        ).fetchall()
    expected_points, expected_facts = _expected(here)
    assert sorted((*point[:3], str(point[3])) for point in points) == expected_points
    assert {run_id: rest for run_id, *rest in facts} == {
        key: list(fact) for key, fact in expected_facts.items()
    }
    assert len(top) == 10


def test_the_recipe_for_polars(here: Place) -> None:
    """The same from Polars."""
    names = _run(POLARS.code)
    points = names["loss"].select("run_id", "step", names["pl"].col("ts").dt.epoch("ms"), "value").rows()
    facts = names["runs"].select("run_id", "params.depth", "metrics.loss", "tags.late").rows()
    expected_points, expected_facts = _expected(here)
    assert sorted((*point[:3], str(point[3])) for point in points) == expected_points
    assert {run_id: tuple(rest) for run_id, *rest in facts} == expected_facts


def test_the_recipe_for_pandas_sees_hot_segments_too(here: Place) -> None:
    """Points that no compaction has met yet are in its table of the metric."""
    run_id = here.tracker.search_runs(["0"], max_results=1)[0].info.run_id
    here.tracker.log_metric(run_id, "loss", 9.0, step=99)
    here.tracker.log_metric(run_id, "other", 9.0, step=99)
    here.tracker.flush()
    names = _run(PANDAS.code)
    loss, runs = names["loss"], names["runs"]
    times = loss["ts"].dt.as_unit("ms").astype("int64")
    points = zip(loss["run_id"], loss["step"], times, loss["value"].map(str), strict=True)
    expected_points, _ = _expected(here)
    assert sorted(points) == expected_points
    here.fold()
    _, expected_facts = _expected(here)
    columns = [_run(PANDAS.code)["runs"][name] for name in ("run_id", "params.depth", "metrics.loss")]
    assert {run: rest for run, *rest in zip(*columns, strict=True)} == {
        key: list(fact[:2]) for key, fact in expected_facts.items()
    }
    assert len(runs) == 12


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_every_recipe_is_a_whole_program(recipe: Any) -> None:
    """Also the one that is not run here can be parsed, and names the store that the others name."""
    assert "mlff-data" in recipe.code
    if recipe.language == "python":
        compile(recipe.code, recipe.title, "exec")
