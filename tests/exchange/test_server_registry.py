"""Writing registered models to a running MLflow server."""

from __future__ import annotations

import pytest

from mlflowflow.errors import AlreadyExists
from mlflowflow.exchange.server_registry import EXPORTED_TAG, ServerRegistry
from mlflowflow.registry.version import ModelVersion, RegisteredModel, Stage
from tests.exchange.fake_server import FakeServer


def _model(*numbers: int, stage: Stage = Stage.NONE) -> RegisteredModel:
    versions = [
        ModelVersion(
            name="wine", version=number, source="s3://b/m", creation_time=1, last_updated_time=1, stage=stage
        )
        for number in numbers
    ]
    return RegisteredModel(name="wine", creation_time=1, last_updated_time=1, versions=tuple(versions))


def _registry(server: FakeServer) -> ServerRegistry:
    return ServerRegistry(server.rest(), origin="ours", place_of=lambda _owner, _path: None)


def test_numbers_with_gaps_are_the_same_there() -> None:
    """A server counts by itself, so a number is used up by a version that is deleted."""
    server = FakeServer()
    new = _registry(server).model(_model(2, 5, stage=Stage.STAGING))
    assert (new.models, new.versions) == (1, 2)
    kept = [each["version"] for each in server.versions["wine"] if not each.get("gone")]
    assert kept == ["2", "5"]
    assert {"key": EXPORTED_TAG, "value": "ours"} in server.registered["wine"]["tags"]


def test_versions_are_added_where_others_are() -> None:
    """Repeating it goes on where it was cut off."""
    server = FakeServer()
    _registry(server).model(_model(1))
    new = _registry(server).model(_model(1, 2, stage=Stage.PRODUCTION))
    assert (new.models, new.versions) == (0, 1)
    assert [each["current_stage"] for each in server.versions["wine"]] == ["Production", "Production"]


def test_a_number_that_was_deleted_there_cannot_be_had() -> None:
    """A server never gives a number twice; nothing is left behind by the try."""
    server = FakeServer()
    _registry(server).model(_model(1))
    server.versions["wine"][0]["gone"] = True
    with pytest.raises(AlreadyExists, match="deleted there"):
        _registry(server).model(_model(1))
    assert all(each.get("gone") for each in server.versions["wine"])


def test_a_model_of_somebody_else_is_refused() -> None:
    """It has not our tag."""
    server = FakeServer()
    server._registered_models_create({"name": "wine", "tags": []})
    with pytest.raises(AlreadyExists):
        _registry(server).model(_model(1))
