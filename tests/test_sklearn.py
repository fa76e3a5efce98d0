"""The functions of `mlflow.sklearn`, as users call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler

from mlflowflow import models, sklearn
from mlflowflow.errors import InvalidInput, NotFound, UnsafeModel
from mlflowflow.models.signature import infer_signature
from mlflowflow.tracking.fluent.active import active_run, start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mlflowflow.tracking.fluent.session import Session

TABLE = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1, 0, 1, 0]})
LABELS = [0, 0, 1, 1]


@pytest.fixture
def session(tmp_path: Path) -> Generator[Session]:
    """Provide an empty store as the process's own."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool") as opened:
        yield opened


@pytest.fixture
def classifier() -> LogisticRegression:
    """Provide a model fitted on a table."""
    return LogisticRegression().fit(TABLE, LABELS)


def test_a_saved_model_is_loaded_as_itself(tmp_path: Path, classifier: Any) -> None:
    """`load_model` gives the estimator, not a wrapper."""
    sklearn.save_model(classifier, tmp_path / "m")
    loaded = sklearn.load_model(tmp_path / "m")
    assert isinstance(loaded, LogisticRegression)
    np.testing.assert_array_equal(loaded.predict(TABLE), classifier.predict(TABLE))


def test_a_signature_is_read_off_the_example(tmp_path: Path, classifier: Any) -> None:
    """Inputs come from the example, outputs from what the model answers."""
    sklearn.save_model(classifier, tmp_path / "m", input_example=TABLE.head(2))
    expected = infer_signature(TABLE, pd.Series(classifier.predict(TABLE)))
    assert models.get_model_info(tmp_path / "m").signature == expected


def test_a_signature_can_be_given_or_declined(tmp_path: Path, classifier: Any) -> None:
    """What the caller says wins over the example."""
    given = infer_signature([{"a": 1.0}])
    sklearn.save_model(classifier, tmp_path / "given", signature=given, input_example=TABLE)
    sklearn.save_model(classifier, tmp_path / "none", signature=False, input_example=TABLE)
    assert models.get_model_info(tmp_path / "given").signature == given
    assert models.get_model_info(tmp_path / "none").signature is None


def test_the_signature_of_another_predict_function(tmp_path: Path, classifier: Any) -> None:
    """The outputs are those of the function that a loaded model calls."""
    sklearn.save_model(classifier, tmp_path / "m", input_example=TABLE, pyfunc_predict_fn="predict_proba")
    signature = models.get_model_info(tmp_path / "m").signature
    assert signature == infer_signature(TABLE, classifier.predict_proba(TABLE))


def test_a_transformer_has_inputs_only(tmp_path: Path) -> None:
    """A model that cannot predict is saved with what is known of it."""
    sklearn.save_model(StandardScaler().fit(TABLE), tmp_path / "m", input_example=TABLE)
    assert models.get_model_info(tmp_path / "m").signature == infer_signature(TABLE)


def test_an_example_of_plain_records_is_enough(tmp_path: Path, classifier: Any) -> None:
    """The example need not be a table."""
    sklearn.save_model(classifier, tmp_path / "m", input_example=[{"a": 1.0, "b": 2}])
    assert models.get_model_info(tmp_path / "m").signature == infer_signature(
        TABLE, pd.Series(classifier.predict(TABLE))
    )


def test_logging_goes_to_the_active_run(session: Session, classifier: Any) -> None:
    """The model is a logged model that the run made, and both addresses lead to it."""
    with start_run() as run:
        info = sklearn.log_model(classifier, name="clf", metadata={"owner": "ada"})
    assert info.model_uri == f"models:/{info.model_id}"
    assert (info.run_id, info.name, info.metadata) == (run.run_id, "clf", {"owner": "ada"})
    (made,) = session.tracker().get_run(run.run_id).outputs.model_outputs
    assert made.model_id == info.model_id
    assert "MLmodel" in [file.path for file in session.tracker().model_artifacts(made.model_id).list()]
    for address in (info.model_uri, f"runs:/{run.run_id}/clf"):
        assert models.get_model_info(address).manifest == info.manifest


def test_logging_without_a_run_starts_one(session: Session, classifier: Any) -> None:
    """As in MLflow, the first log call begins a run."""
    info = sklearn.log_model(classifier, "older-word")
    run = active_run()
    assert run is not None
    assert (info.run_id, info.name) == (run.run_id, "older-word")
    assert session.tracker().get_run(run.run_id).info.run_id == run.run_id


def test_logging_registers_a_version(session: Session, classifier: Any) -> None:
    """Each logged model becomes the next version, found by its number."""
    with start_run():
        infos = [
            sklearn.log_model(classifier, name=f"m{i}", registered_model_name="digits", input_example=TABLE)
            for i in range(2)
        ]
    assert [info.registered_model_version for info in infos] == [1, 2]
    loaded = models.load_model("models:/digits/2")
    assert loaded.model_id == infos[1].model_id
    assert session.registry_uri == session.tracking_uri


def test_requirements_are_a_list(tmp_path: Path) -> None:
    """A text is the path of a file, and a line is one package."""
    with pytest.raises(NotFound, match="no requirements file 'numpy'"):
        sklearn.save_model(LinearRegression(), tmp_path / "m", pip_requirements="numpy")
    with pytest.raises(InvalidInput, match="one package each"):
        sklearn.save_model(LinearRegression(), tmp_path / "m", extra_pip_requirements=["a\nb"])


def test_an_option_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """An argument of MLflow's that has no meaning here is not silently dropped."""
    options: dict[str, Any] = {"conda_envs": "x"}
    with pytest.raises(TypeError, match="conda_envs"):
        sklearn.save_model(LinearRegression(), tmp_path / "m", **options)


def test_code_is_refused_on_request(tmp_path: Path) -> None:
    """A pickle is not loaded by whoever does not allow code; an archive is."""
    model = LinearRegression().fit(TABLE, LABELS)
    sklearn.save_model(model, tmp_path / "pickle", serialization_format="pickle")
    sklearn.save_model(model, tmp_path / "archive", serialization_format="skops")
    with pytest.raises(UnsafeModel):
        sklearn.load_model(tmp_path / "pickle", allow_code=False)
    assert isinstance(sklearn.load_model(tmp_path / "archive", allow_code=False), LinearRegression)


def test_a_model_of_another_flavor_is_not_loaded(tmp_path: Path) -> None:
    """The error tells which flavors the model has."""
    (tmp_path / "MLmodel").write_text("flavors: {xgboost: {}}\n")
    with pytest.raises(NotFound, match="xgboost"):
        sklearn.load_model(tmp_path)
