"""Where files are, as a client is told."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.mlflow_plugin.opened import desk_at
from mlflowflow.mlflow_plugin.places import Telling


def test_clients_of_a_server_are_not_told_where_the_store_is(uri: str) -> None:
    """They ask the server for the files."""
    desk = desk_at(uri)
    info = desk.tracker.create_run("0").info
    model = desk.tracker.logged_models.create("0", name="m")
    telling = Telling.of(desk, "mlflow-artifacts:/")
    told = [
        telling.of_run(info),
        telling.of_model(model),
        telling.of_experiment(desk.tracker.get_experiment("0")),
        telling.of_source(f"{desk.tracker.artifacts(info.run_id).uri('model')}"),
    ]
    assert told == [
        f"mlflow-artifacts:/0/{info.run_id}/artifacts",
        f"mlflow-artifacts:/0/models/{model.model_id}/artifacts",
        "mlflow-artifacts:/0",
        f"mlflow-artifacts:/0/{info.run_id}/artifacts/model",
    ]


def test_programs_that_open_the_store_are_given_addresses_that_the_plugin_opens(uri: str) -> None:
    """Each is the address of the store with the way to the files behind it."""
    desk = desk_at(uri)
    info = desk.tracker.create_run("0").info
    telling = Telling.of(desk)
    assert telling.of_run(info).startswith(f"{uri}/artifacts/0/{info.run_id}")
    assert telling.of_experiment(desk.tracker.get_experiment("0")).startswith(f"{uri}/artifacts/0")


@pytest.mark.parametrize("proxied", [True, False])
def test_the_registry_keeps_the_stores_own_address(uri: str, *, proxied: bool) -> None:
    """What a client is told, given back as a source, is kept as this library knows it, and told again the same."""
    desk = desk_at(uri)
    info = desk.tracker.create_run("0").info
    telling = Telling.of(desk, "mlflow-artifacts:/" if proxied else None)
    told = f"{telling.of_run(info)}/model"
    kept = telling.stored(told, run_id=info.run_id, model_id=None)
    assert kept == desk.tracker.artifacts(info.run_id).uri("model")
    assert telling.of_source(kept) == told


@pytest.mark.parametrize("proxied", [True, False])
def test_a_version_that_refers_to_a_model_or_a_run_has_that_ones_files(uri: str, *, proxied: bool) -> None:
    """MLflow's web page asks for the files of such a version by its download address."""
    desk = desk_at(uri)
    info = desk.tracker.create_run("0").info
    model = desk.tracker.logged_models.create("0", name="m")
    telling = Telling.of(desk, "mlflow-artifacts:/" if proxied else None)
    assert telling.of_files(f"models:/{model.model_id}") == telling.of_model(model)
    assert telling.of_files(f"runs:/{info.run_id}/a/b") == f"{telling.of_run(info)}/a/b"
    assert telling.of_files(f"runs:/{info.run_id}/") == telling.of_run(info)
    assert telling.of_files("s3://bucket/model") == "s3://bucket/model"


def test_a_place_outside_the_store_stays_as_it_is(uri: str) -> None:
    """The registry may name files that are elsewhere, also where the name of the store begins alike."""
    telling = Telling.of(desk_at(uri))
    root = telling.desk.tracker.uri
    for source in ("s3://bucket/model", "runs:/4f1c/model", f"{root}-other/model"):
        assert telling.stored(source, run_id=None, model_id=None) == source
        assert telling.of_source(source) == source


def test_a_servers_client_names_no_other_runs_files(uri: str) -> None:
    """A source below another run than the one that is given is refused."""
    desk = desk_at(uri)
    mine, other = (desk.tracker.create_run("0").info for _ in range(2))
    telling = Telling.of(desk, "mlflow-artifacts:/")
    with pytest.raises(InvalidInput, match="does not lie in the run"):
        telling.stored(telling.of_run(other), run_id=mine.run_id, model_id=None)
