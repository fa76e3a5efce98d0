"""Logged models through MLflow's client, on a store of ours in the same process."""

from __future__ import annotations

from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput, LoggedModelStatus, Metric
from mlflow.exceptions import MlflowException

pytestmark = pytest.mark.mlflow


@pytest.fixture
def client(uri: str) -> Any:
    """Give MLflow's client of the store."""
    return MlflowClient(uri, uri)


def test_a_model_is_begun_measured_and_finished(client: Any) -> None:
    """It is pending until it is finished, and has params, tags and metrics of its own."""
    run_id = client.create_run("0").info.run_id
    model = client.create_logged_model(
        "0", "wine", run_id, tags={"t": "1"}, params={"p": "2"}, model_type="sklearn"
    )
    assert model.status == LoggedModelStatus.PENDING
    client.log_model_params(model.model_id, {"q": "3"})
    client.log_batch(run_id, metrics=[Metric("acc", 0.9, 1, 1, model_id=model.model_id)])
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 1)])
    client.set_logged_model_tags(model.model_id, {"u": "4"})
    client.delete_logged_model_tag(model.model_id, "t")
    done = client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    assert (done.status, done.source_run_id, done.model_type) == (LoggedModelStatus.READY, run_id, "sklearn")
    assert (done.params, done.tags) == ({"p": "2", "q": "3"}, {"u": "4"})
    found = client.search_logged_models(["0"], "metrics.acc > 0.5")
    assert [(each.model_id, each.metrics[0].value) for each in found] == [(model.model_id, 0.9)]
    (made,) = client.get_run(run_id).outputs.model_outputs
    assert (made.model_id, made.step) == (model.model_id, 1)


def test_a_deleted_model_is_not_found(client: Any) -> None:
    """Neither by its id nor by a search."""
    model = client.create_logged_model("0", "wine")
    client.delete_logged_model(model.model_id)
    with pytest.raises(MlflowException) as caught:
        client.get_logged_model(model.model_id)
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert list(client.search_logged_models(["0"])) == []


def test_models_are_ordered_and_read_in_pages(client: Any) -> None:
    """The order is asked for in dicts, unlike all other orders of MLflow."""
    for name in ("b", "a", "c"):
        client.create_logged_model("0", name)
    page = client.search_logged_models(
        ["0"], order_by=[{"field_name": "name", "ascending": True}], max_results=2
    )
    rest = client.search_logged_models(
        ["0"], order_by=[{"field_name": "name", "ascending": True}], max_results=2, page_token=page.token
    )
    assert [each.name for each in [*page, *rest]] == ["a", "b", "c"]
