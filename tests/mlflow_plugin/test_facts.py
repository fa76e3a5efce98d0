"""Our facts as MLflow's entities, and back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.mlflow_plugin import facts
from mlflowflow.registry.version import ModelVersion, RegisteredModel, Stage
from mlflowflow.tracking.logged.model import LoggedModel, LoggedModelStatus
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    FileInfo,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
)

pytestmark = pytest.mark.mlflow

_TEXT = st.text(min_size=1, max_size=9)
_DATASETS = st.one_of(st.tuples(st.none(), st.none()), st.tuples(_TEXT, _TEXT))


_POINTS = st.builds(
    lambda dataset, *rest: Metric(*rest, *dataset),
    _DATASETS,
    _TEXT,
    st.floats(),
    st.integers(0, 2**62),
    st.integers(-(2**62), 2**62),
    st.none() | _TEXT,
)


@given(_POINTS)
def test_a_point_comes_back(point: Metric) -> None:
    """Nothing of a point is lost on the way to MLflow and back, NaN and the infinities included."""
    assert repr(facts.our_metric(facts.metric(point))) == repr(point)


@given(_TEXT, _TEXT, st.none() | _TEXT, st.lists(st.tuples(_TEXT, _TEXT)))
def test_an_input_comes_back(name: str, digest: str, schema: str | None, tags: list[tuple[str, str]]) -> None:
    """Nor anything of a dataset."""
    given_ = DatasetInput(
        Dataset(name, digest, "local", "{}", schema), tuple(InputTag(*each) for each in tags)
    )
    assert facts.our_dataset_input(facts._dataset_input(given_)) == given_


def test_a_logged_model_is_shown_whole() -> None:
    """Every field that MLflow's entity has."""
    found = LoggedModel(
        "0",
        "m-1",
        "wine",
        "/store/x",
        1,
        2,
        "sklearn",
        "4f1c",
        LoggedModelStatus.PENDING,
        "slow",
        {"t": "1"},
        {"p": "2"},
        [Metric("a", math.inf, 3, 4, "m-1")],
    )
    shown = facts.logged_model(found, "mlff+file:///store/x")
    fields = (
        "experiment_id",
        "model_id",
        "name",
        "creation_timestamp",
        "last_updated_timestamp",
        "model_type",
    )
    assert [getattr(shown, each) for each in fields] == [getattr(found, each) for each in fields]
    assert (shown.source_run_id, shown.status_message, shown.status.value) == ("4f1c", "slow", "PENDING")
    assert (shown.artifact_location, shown.tags, shown.params) == (
        "mlff+file:///store/x",
        {"t": "1"},
        {"p": "2"},
    )
    assert [(point.key, point.value, point.model_id) for point in shown.metrics] == [("a", math.inf, "m-1")]


def test_a_registered_model_is_shown_with_its_newest_versions() -> None:
    """Sources are told by whoever answers; aliases and tags are dicts."""
    version = ModelVersion(
        name="wine",
        version=2,
        source="/store/m",
        creation_time=5,
        last_updated_time=6,
        stage=Stage.STAGING,
        aliases=["champion"],
        tags={"k": "v"},
        model_id="m-1",
    )
    model = RegisteredModel(
        name="wine", creation_time=1, last_updated_time=6, versions=(version,), aliases={"champion": 2}
    )
    shown = facts.model(model, lambda source: f"told:{source}")
    (newest,) = shown.latest_versions
    assert (shown.name, shown.aliases, shown.tags) == ("wine", {"champion": 2}, {})
    assert (newest.source, newest.current_stage, newest.aliases, newest.tags, newest.model_id) == (
        "told:/store/m",
        "Staging",
        ["champion"],
        {"k": "v"},
        "m-1",
    )


def test_small_things_come_back() -> None:
    """Files, models that a run used and made, and tags that are objects."""
    assert facts.file(FileInfo(path="a", is_dir=False, file_size=3)).file_size == 3
    assert facts.our_model_input(LoggedModelInput("m-1")) == LoggedModelInput("m-1")
    assert facts.our_model_output(LoggedModelOutput("m-1", 4)) == LoggedModelOutput("m-1", 4)
    assert facts.texts([InputTag("a", "1"), InputTag("a", "2")]) == {"a": "2"}
    assert facts.texts(None) == {}
