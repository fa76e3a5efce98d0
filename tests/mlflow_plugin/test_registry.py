"""The registry through MLflow's client, on a store of ours in the same process."""

from __future__ import annotations

from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from mlflowflow.mlflow_plugin.opened import desk_at

pytestmark = pytest.mark.mlflow


@pytest.fixture
def client(uri: str) -> Any:
    """Give MLflow's client of the store."""
    return MlflowClient(uri, uri)


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    """Return the code of the error that a call ends with."""
    with pytest.raises(MlflowException) as caught:
        call(*args, **kwargs)
    return str(caught.value.error_code)


def test_models_versions_stages_tags_and_aliases(client: Any) -> None:
    """All of MLflow's registry."""
    client.create_registered_model("wine", tags={"team": "a"}, description="red")
    for _ in range(3):
        client.create_model_version("wine", "s3://bucket/model", description="d", tags={"k": "v"})
    client.set_registered_model_alias("wine", "champion", "2")
    client.transition_model_version_stage("wine", "1", "Production")
    client.transition_model_version_stage("wine", "3", "production", archive_existing_versions=True)
    client.set_model_version_tag("wine", "1", "x", "1")
    client.delete_model_version_tag("wine", "1", "k")
    client.update_model_version("wine", "1", "first")
    client.delete_model_version("wine", "2")
    first = client.get_model_version("wine", "1")
    assert (first.current_stage, first.tags, first.description) == ("Archived", {"x": "1"}, "first")
    model = client.get_registered_model("wine")
    assert (model.description, model.tags, model.aliases) == ("red", {"team": "a"}, {})
    assert sorted(int(each.version) for each in client.search_model_versions("name = 'wine'")) == [1, 3]
    assert [each.current_stage for each in client.get_latest_versions("wine", ["Production"])] == [
        "Production"
    ]
    client.set_registered_model_alias("wine", "champion", "3")
    assert int(client.get_model_version_by_alias("wine", "champion").version) == 3
    client.rename_registered_model("wine", "beer")
    client.update_registered_model("beer", "brown")
    client.set_registered_model_tag("beer", "a", "1")
    client.delete_registered_model_tag("beer", "team")
    (found,) = client.search_registered_models("name LIKE 'be%'")
    assert (found.name, found.description, found.tags) == ("beer", "brown", {"a": "1"})
    client.delete_registered_model_alias("beer", "champion")
    client.delete_registered_model("beer")
    assert list(client.search_registered_models()) == []


def test_what_is_not_there_has_mlflows_code(client: Any) -> None:
    """An alias that a model does not have is a wrong argument, as MLflow's clients expect."""
    client.create_registered_model("wine")
    assert refused(client.get_registered_model, "beer") == "RESOURCE_DOES_NOT_EXIST"
    assert refused(client.get_model_version, "wine", "9") == "RESOURCE_DOES_NOT_EXIST"
    assert refused(client.get_model_version_by_alias, "wine", "none") == "INVALID_PARAMETER_VALUE"
    assert refused(client.create_registered_model, "wine") == "RESOURCE_ALREADY_EXISTS"
    assert refused(client.create_model_version, "none", "s3://b/m") == "RESOURCE_DOES_NOT_EXIST"
    client.create_model_version("wine", "s3://b/m")
    assert (
        refused(client.transition_model_version_stage, "wine", "1", "Archived", True)
        == "INVALID_PARAMETER_VALUE"
    )


def test_a_copy_refers_to_the_same_files(client: Any) -> None:
    """Also in a registered model that did not exist."""
    client.create_registered_model("wine")
    client.create_model_version("wine", "s3://b/m")
    copy = client.copy_model_version("models:/wine/1", "beer")
    assert (copy.name, int(copy.version)) == ("beer", 1)
    assert client.get_model_version_download_uri("beer", "1") == "s3://b/m"


def test_a_version_of_a_logged_model_has_its_run(client: Any, uri: str) -> None:
    """And the history of decisions has the registration."""
    run_id = client.create_run("0").info.run_id
    model = client.create_logged_model("0", "wine", run_id)
    client.create_registered_model("wine")
    version = client.create_model_version("wine", model.artifact_location, model_id=model.model_id)
    assert (version.run_id, version.model_id, version.source) == (
        run_id,
        model.model_id,
        model.artifact_location,
    )
    history = desk_at(uri).catalog.get_version("wine", 1)
    assert history.source == desk_at(uri).tracker.model_artifacts(model.model_id).uri()


def test_a_version_has_the_digest_of_its_files(client: Any, uri: str) -> None:
    """So that what is changed afterwards is found out by whoever loads or promotes it."""
    run = client.create_run("0")
    client.log_text(run.info.run_id, "flavors: {}", "model/MLmodel")
    client.create_registered_model("wine")
    client.create_model_version("wine", f"{run.info.artifact_uri}/model", run.info.run_id)
    client.create_model_version("wine", f"{run.info.artifact_uri}/none", run.info.run_id)
    digests = [desk_at(uri).catalog.get_version("wine", number).digest for number in (1, 2)]
    assert digests[0] is not None
    assert len(digests[0]) == 64
    assert digests[1] is None


def test_prompts_are_kept_as_mlflow_keeps_them(client: Any) -> None:
    """MLflow's own code does it over ours; a search for models does not show them."""
    client.register_prompt("ask", "Say {{ what }}.")
    client.register_prompt("ask", "Say it: {{ what }}.", commit_message="shorter")
    client.set_prompt_alias("ask", "live", 2)
    found = client.get_prompt_version_by_alias("ask", "live")
    assert (found.template, found.version) == ("Say it: {{ what }}.", 2)
    assert [each.name for each in client.search_prompts()] == ["ask"]
    assert list(client.search_registered_models()) == []
