"""``mlff models predict``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlflowflow import sklearn
from mlflowflow.tracking.fluent.active import start_run
from tests.cli.commands import mlff
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

TABLE = pd.DataFrame({"id": [7, 8, 9], "x": [0.0, 1.0, 2.0]})
ANSWERS = [1.0, 3.0, 5.0]


@pytest.fixture
def model(tmp_path: Path) -> Generator[str]:
    """Provide the registered model ``y = 2x + 1`` and a process that looks it up."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool"):
        with start_run():
            fitted = LinearRegression().fit(TABLE[["x"]], ANSWERS)
            sklearn.log_model(fitted, name="m", registered_model_name="price", input_example=TABLE[["x"]])
        yield "models:/price/1"


def test_a_folder_of_parquet_is_answered(tmp_path: Path, model: str) -> None:
    """The key stands beside the answers; the sums are printed, and a repeated call has nothing to do."""
    (tmp_path / "in").mkdir()
    TABLE.to_parquet(tmp_path / "in" / "a.parquet")
    arguments = ("models", "predict", model, str(tmp_path / "in"), str(tmp_path / "out"), "--keep", "id")
    first = mlff(*arguments)
    assert (first.code, first.err) == (0, "1 of 1 parts, 3 of 3 rows\n")
    assert first.out.startswith("3 rows were answered in ")
    found = pd.read_parquet(tmp_path / "out")
    assert found["id"].tolist() == [7, 8, 9]
    assert found["prediction"].round(9).tolist() == ANSWERS
    assert mlff(*arguments, "--json").json["skipped"] == 1


@pytest.mark.parametrize("name", ["in.csv", "rows.json", "split.json"])
def test_a_single_file_is_answered(tmp_path: Path, model: str, name: str) -> None:
    """CSV, a list of rows, or what a scoring server would be sent."""
    source = tmp_path / name
    if name == "in.csv":
        TABLE.to_csv(source, index=False)
    elif name == "rows.json":
        source.write_text(json.dumps(TABLE.to_dict(orient="records")))
    else:
        source.write_text(json.dumps({"dataframe_split": TABLE.to_dict(orient="split")}))
    target = tmp_path / ("out.csv" if name == "in.csv" else "out.json")
    answer = mlff("models", "predict", model, str(source), str(target), "--json").json
    assert answer == {"output": str(target), "rows": 3}
    if target.suffix == ".csv":
        values = pd.read_csv(target)["prediction"].tolist()
    else:
        values = json.loads(target.read_text())["predictions"]
    assert [round(one, 9) for one in values] == ANSWERS


@pytest.mark.parametrize(
    ("text", "said", "more"),
    [
        ("{", "cannot be read as JSON", ()),
        ('{"rows": []}', "neither a list of rows", ()),
        ('[{"y": 1}]', "lacks 'x'", ()),
        ("[]", "expected name=value", ("--param", "depth")),
        ('[{"x": 1.0}]', "no parameter 'depth'", ("--param", "depth=2")),
    ],
)
def test_bad_input_writes_nothing(
    tmp_path: Path, model: str, *, text: str, said: str, more: tuple[str, ...]
) -> None:
    """The answer is refused as a whole, with the reason."""
    (tmp_path / "in.json").write_text(text)
    answer = mlff("models", "predict", model, str(tmp_path / "in.json"), str(tmp_path / "out.json"), *more)
    assert answer.code == 2
    assert said in answer.err
    assert not (tmp_path / "out.json").exists()


def test_code_is_refused_on_request(tmp_path: Path) -> None:
    """A pickle is not loaded where the caller says so."""
    sklearn.save_model(
        LinearRegression().fit(TABLE[["x"]], ANSWERS), tmp_path / "m", serialization_format="pickle"
    )
    TABLE.to_csv(tmp_path / "in.csv")
    place = [str(tmp_path / name) for name in ("m", "in.csv", "out.csv")]
    answer = mlff("models", "predict", *place, "--no-code")
    assert answer.code == 1
    assert "allow_code is False" in answer.err
