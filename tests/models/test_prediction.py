"""`models.predict`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlflowflow import pyfunc
from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.models import predict

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def model(tmp_path: Path) -> str:
    """Provide a model that gives back a table's first column, halved."""
    pyfunc.save_model(tmp_path / "m", python_model=lambda model_input: model_input["a"] / 2)
    return str(tmp_path / "m")


def test_tables_are_asked_from_memory_and_from_files(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer is the same, printed or written."""
    (tmp_path / "in.csv").write_text("a\n1\n\n3\n")
    (tmp_path / "in.json").write_text('{"dataframe_split": {"columns": ["a"], "data": [[1], [3]]}}')
    predict(model, pd.DataFrame({"a": [1, 3]}))
    predict(model, input_path=tmp_path / "in.json")
    predict(model, input_path=tmp_path / "in.csv", content_type="csv", output_path=tmp_path / "out.json")
    answers = [*capsys.readouterr().out.splitlines(), (tmp_path / "out.json").read_text()]
    assert [json.loads(one) for one in answers] == [{"predictions": [0.5, 1.5]}] * 3


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (np.array([1.0, float("nan")]), [1.0, None]),
        (pd.DataFrame({"x": [1]}), [{"x": 1}]),
        ({"a": (1, None)}, {"a": [1, None]}),
        ("text", "text"),
    ],
)
def test_every_answer_has_a_form_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Any, expected: Any
) -> None:
    """What is not a number is null."""
    pyfunc.save_model(tmp_path / "m", python_model=lambda model_input: answer)
    predict(str(tmp_path / "m"), [1])
    assert json.loads(capsys.readouterr().out) == {"predictions": expected}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, InvalidInput),
        ({"input_data": [1], "input_path": "x"}, InvalidInput),
        ({"input_data": [1], "content_type": "xml"}, InvalidInput),
        ({"input_data": [1], "env_manager": "docker"}, InvalidInput),
        ({"input_data": [1], "extra_envs": {"A": "1"}}, InvalidInput),
        ({"input_path": "absent.json"}, NotFound),
    ],
)
def test_what_cannot_be_asked_is_refused(model: str, given: dict[str, Any], error: type[Exception]) -> None:
    """With the reason."""
    with pytest.raises(error):
        predict(model, **given)
