"""`MlflowClient` joins tracking and registry."""

from __future__ import annotations

from mlflowflow.client import MlflowClient
from tests.tracking.sessions import private_session


def test_a_client_registers_where_it_tracks() -> None:
    """A registry that is not named is in the tracking store."""
    with private_session():
        client = MlflowClient("memory://tracked")
    assert client.tracking_uri == client.catalog.store.url == "memory://tracked"


def test_a_registry_can_be_named() -> None:
    """Both addresses may be given."""
    with private_session():
        client = MlflowClient("memory://tracked", "memory://registered")
    assert (client.tracking_uri, client.catalog.store.url) == ("memory://tracked", "memory://registered")


def test_a_client_without_addresses_uses_the_current_ones() -> None:
    """It sees what the fluent functions see."""
    with private_session() as session:
        session.set_registry_uri("memory://registered")
        client = MlflowClient()
        assert (client.tracking_uri, client.catalog.store.url) == (session.tracking_uri, session.registry_uri)


def test_a_run_and_its_model_are_joined() -> None:
    """One client logs a run and registers what it made."""
    with private_session():
        client = MlflowClient()
        run_id = client.create_run(client.create_experiment("digits")).info.run_id
        client.log_metric(run_id, "accuracy", 0.9)
        client.set_terminated(run_id)
        version = client.create_model_version("digits", f"runs:/{run_id}/model", run_id)
        assert version.run_id is not None
        assert client.get_run(version.run_id).data.metrics == {"accuracy": 0.9}
