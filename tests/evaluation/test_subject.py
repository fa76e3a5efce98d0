"""What is evaluated, and how it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from mlflowflow import sklearn
from mlflowflow.data.evaluation_dataset import EvaluationDataset
from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.evaluation.subject import find_subject
from mlflowflow.models.loading import load_model
from mlflowflow.registry.current import current_catalog
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

TABLE = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0], "y": [0, 0, 1, 1]})
FEATURES, LABELS = TABLE[["a", "b"]], TABLE["y"]


@pytest.fixture(autouse=True)
def _session(tmp_path: Path) -> Generator[None]:
    with session_at(str(tmp_path / "store"), tmp_path / "spool"):
        yield


def _saved(model: Any, folder: Path, **options: Any) -> str:
    sklearn.save_model(model, folder / "m", **options)
    return str(folder / "m")


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("array", [True, False])
def test_an_estimator_is_given_names_only_if_it_knows_some(tmp_path: Path, named: bool, array: bool) -> None:
    """No mixture of table and array makes it warn, and the answers are its own."""
    fitted = LogisticRegression().fit(FEATURES if named else FEATURES.to_numpy(), LABELS)
    subject = find_subject(_saved(fitted, tmp_path))
    data = (
        EvaluationDataset(FEATURES.to_numpy(), targets=LABELS.to_numpy())
        if array
        else EvaluationDataset(TABLE, targets="y")
    )
    assert subject.predict is not None
    assert subject.probabilities is not None
    assert subject.score is not None
    assert subject.predict(data).tolist() == [0, 0, 1, 1]
    assert subject.probabilities(data).shape == (4, 2)
    assert subject.score(data, None) == 1.0
    assert subject.score(data, np.ones(4)) == 1.0
    assert subject.classes == (0, 1)


def test_what_a_model_does_not_have_is_none(tmp_path: Path) -> None:
    """A classifier without probabilities still predicts and scores; a regressor has no classes."""
    subject = find_subject(_saved(LinearSVC().fit(FEATURES, LABELS), tmp_path / "1"))
    assert (subject.probabilities is None, subject.score is None) == (True, False)
    regressor = find_subject(_saved(LinearRegression().fit(FEATURES, LABELS), tmp_path / "2"))
    assert (regressor.probabilities, regressor.classes, regressor.model_id) == (None, None, None)


def test_a_function_is_given_a_table_of_its_own() -> None:
    """What it writes into it changes nobody's data."""

    def says(rows: pd.DataFrame) -> Any:
        rows["a"] = -rows["a"]
        return rows["a"]

    data = EvaluationDataset(TABLE, targets="y")
    subject = find_subject(says)
    assert subject.predict is not None
    assert subject.predict(data).tolist() == [0.0, -1.0, -2.0, -3.0]
    assert data.features_data["a"].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_no_model_has_nothing_to_ask() -> None:
    """The predictions are in the data then."""
    assert find_subject(None).predict is None


@pytest.mark.parametrize(
    ("model", "arguments", "word"),
    [
        (LogisticRegression(), {}, "A LogisticRegression cannot be evaluated"),
        ("endpoints:/chat", {}, "deployed endpoint"),
        (None, {"inference_params": {}}, "inference_params"),
        (None, {"env_manager": "virtualenv"}, "env_manager is 'virtualenv'"),
    ],
)
def test_what_cannot_be_asked_is_refused(model: Any, arguments: dict[str, Any], word: str) -> None:
    """The sentence says what can be."""
    with pytest.raises(InvalidInput, match=word):
        find_subject(model, **arguments)


def test_a_loaded_model_is_configured_already(tmp_path: Path) -> None:
    """Its configuration is given when it is loaded."""
    loaded = load_model(_saved(LinearRegression().fit(FEATURES, LABELS), tmp_path))
    with pytest.raises(InvalidInput, match="load_model"):
        find_subject(loaded, model_config={"a": 1})


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Before anything else is done."""
    with pytest.raises(NotFound):
        find_subject(str(tmp_path / "none"))


def test_an_alias_is_resolved_to_the_version_it_means() -> None:
    """A gate asks for the version, not for what an alias meant one day."""
    fitted = LogisticRegression().fit(FEATURES, LABELS)
    logged = sklearn.log_model(fitted, name="m", registered_model_name="wine")
    current_catalog().set_alias("wine", "champion", 1)
    subject = find_subject("models:/wine@champion")
    assert subject.version == "models:/wine/1"
    assert find_subject(logged.model_uri).version is None
