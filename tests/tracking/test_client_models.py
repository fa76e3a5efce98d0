"""The client's half for logged models."""

from __future__ import annotations

import pytest

import mlflowflow as mlflow
from mlflowflow.errors import InvalidState, NotFound
from tests.tracking.sessions import private_session


def test_a_model_lives_and_is_deleted() -> None:
    """Everything by its id; a deleted one is neither found nor counted."""
    with private_session():
        client = mlflow.MlflowClient()
        model = client.create_logged_model("0", name="wine", tags={"a": "1"}, params={"p": "1"})
        client.set_logged_model_tags(model.model_id, {"b": 2})
        client.delete_logged_model_tag(model.model_id, "a")
        client.log_model_params(model.model_id, {"q": "2"})
        with pytest.raises(InvalidState):
            client.log_model_params(model.model_id, {"p": "other"})
        found = client.finalize_logged_model(model.model_id, "FAILED")
        assert (found.status.value, dict(found.params), dict(found.tags)) == (
            "FAILED",
            {"p": "1", "q": "2"},
            {"b": "2"},
        )
        other = client.create_logged_model("0", name="beer")
        assert [one.name for one in client.search_logged_models(["0"], filter_string="name = 'beer'")] == [
            "beer"
        ]
        client.delete_logged_model(other.model_id)
        assert [one.name for one in client.search_logged_models(["0"])] == ["wine"]
        with pytest.raises(NotFound):
            client.get_logged_model(other.model_id)
