"""The registry over HTTP, in MLflow's documented shapes."""

from __future__ import annotations

import pytest

from tests.server.asking import Asking, refusal


def register(ask: Asking, name: str = "digits") -> str:
    """Register the files of a new run as a version, and return the run's id."""
    run_id = ask.run()
    source = f"mlflow-artifacts:/0/{run_id}/artifacts/model"
    ask.done("model-versions/create", {"name": name, "source": source, "run_id": run_id})
    return run_id


def test_a_version_has_the_shape_that_clients_read(ask: Asking) -> None:
    """Its number is a text, its source an address that the client can use."""
    ask.done("registered-models/create", {"name": "digits", "tags": [{"key": "a", "value": "b"}]})
    run_id = register(ask)
    ask.done("model-versions/set-tag", {"name": "digits", "version": "1", "key": "k", "value": "v"})
    ask.done("registered-models/alias", {"name": "digits", "alias": "champion", "version": "1"})
    version = ask.found("model-versions/get", name="digits", version="1")["model_version"]
    assert version == {
        "name": "digits",
        "version": "1",
        "creation_timestamp": version["creation_timestamp"],
        "last_updated_timestamp": version["last_updated_timestamp"],
        "current_stage": "None",
        "description": "",
        "source": f"mlflow-artifacts:/0/{run_id}/artifacts/model",
        "status": "READY",
        "run_id": run_id,
        "tags": [{"key": "k", "value": "v"}],
        "aliases": ["champion"],
    }
    model = ask.found("registered-models/get", name="digits")["registered_model"]
    assert model["latest_versions"] == [version]
    assert model["aliases"] == [{"alias": "champion", "version": "1"}]
    uri = ask.found("model-versions/get-download-uri", name="digits", version="1")
    assert uri == {"artifact_uri": version["source"]}
    by_alias = ask.found("registered-models/alias", name="digits", alias="champion")
    assert by_alias["model_version"] == version
    stored = ask.desk.catalog.get_version("digits", 1).source
    assert stored == ask.desk.tracker.artifacts(run_id).uri("model")


def test_models_are_changed_found_and_deleted(ask: Asking) -> None:
    """Every call of their life; DELETE has a body."""
    ask.done("registered-models/create", {"name": "a"})
    ask.done("registered-models/update", {"name": "a", "description": "d"}, verb="PATCH")
    ask.done("registered-models/set-tag", {"name": "a", "key": "k", "value": "v"})
    ask.done("registered-models/rename", {"name": "a", "new_name": "b"})
    asked = {"filter": "name = 'b' AND tag.`mlflow.prompt.is_prompt` != 'true'"}
    (found,) = ask.found("registered-models/search", **asked)["registered_models"]
    assert (found["description"], found["tags"]) == ("d", [{"key": "k", "value": "v"}])
    ask.done("registered-models/delete-tag", {"name": "b", "key": "k"}, verb="DELETE")
    ask.done("registered-models/delete", {"name": "b"}, verb="DELETE")
    assert ask.found("registered-models/search") == {}
    assert refusal(ask.get("registered-models/get", name="b")) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_stages_and_versions(ask: Asking) -> None:
    """Any case; archiving others makes sense on the way to two of them."""
    ask.done("registered-models/create", {"name": "digits"})
    for _ in range(2):
        register(ask)
    move = {"name": "digits", "version": "1", "stage": "production", "archive_existing_versions": False}
    stage = ask.done("model-versions/transition-stage", move)["model_version"]["current_stage"]
    assert stage == "Production"
    ask.done("model-versions/transition-stage", {**move, "version": 2, "archive_existing_versions": "true"})
    for verb in ("GET", "POST"):
        asked = {"name": "digits", "stages": ["Archived"]}
        answer = (
            ask.found("registered-models/get-latest-versions", **asked)
            if verb == "GET"
            else ask.done("registered-models/get-latest-versions", asked)
        )
        assert [each["version"] for each in answer["model_versions"]] == ["1"]
    wrong = {**move, "stage": "None", "archive_existing_versions": True}
    assert refusal(ask.post("model-versions/transition-stage", wrong)) == (400, "INVALID_PARAMETER_VALUE")
    ask.done("model-versions/update", {"name": "digits", "version": "1", "description": "x"}, verb="PATCH")
    found = ask.found("model-versions/search", filter="name = 'digits'", order_by=["version_number"])
    assert [each["description"] for each in found["model_versions"]] == ["x", ""]
    ask.done("model-versions/delete-tag", {"name": "digits", "version": "1", "key": "k"}, verb="DELETE")
    ask.done("model-versions/delete", {"name": "digits", "version": "1"}, verb="DELETE")
    assert refusal(ask.get("model-versions/get", name="digits", version="1"))[0] == 404


def test_an_alias_that_is_not_there_is_a_bad_value_of_a_model_that_is(ask: Asking) -> None:
    """MLflow's clients tell the two apart by the code."""
    ask.done("registered-models/create", {"name": "digits"})
    assert refusal(ask.get("registered-models/alias", name="digits", alias="a")) == (
        400,
        "INVALID_PARAMETER_VALUE",
    )
    assert refusal(ask.get("registered-models/alias", name="none", alias="a"))[0] == 404
    ask.done("registered-models/alias", {"name": "digits", "alias": "a"}, verb="DELETE")


def test_a_version_is_registered_under_another_name(ask: Asking) -> None:
    """Its address as a source means its files; MLflow's client copies versions so."""
    ask.done("registered-models/create", {"name": "digits"})
    run_id = register(ask)
    ask.done("registered-models/create", {"name": "copy"})
    made = ask.done("model-versions/create", {"name": "copy", "source": "models:/digits/1"})["model_version"]
    assert made["source"] == f"mlflow-artifacts:/0/{run_id}/artifacts/model"
    assert ask.desk.catalog.get_version("copy", 1).copied_from == "models:/digits/1"


@pytest.mark.parametrize("version", ["0x1", "-1", "", "1.0", "latest"])
def test_a_number_of_a_version_is_a_number(ask: Asking, version: str) -> None:
    """Anything else is refused."""
    ask.done("registered-models/create", {"name": "digits"})
    assert refusal(ask.get("model-versions/get", name="digits", version=version))[0] == 400


def test_versions_of_an_unknown_model_are_refused(ask: Asking) -> None:
    """The client creates the model first, and none comes into being by the way."""
    run_id = ask.run()
    source = f"mlflow-artifacts:/0/{run_id}/artifacts/model"
    refused = ask.post("model-versions/create", {"name": "none", "source": source, "run_id": run_id})
    assert refusal(refused) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert ask.desk.catalog.list_models() == []


def test_a_prompt_is_kept_as_mlflows_clients_send_it(ask: Asking) -> None:
    """A model without files, which a search for models does not find and whose name is no model's."""
    prompt = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    ask.done("registered-models/create", {"name": "ask", "tags": prompt})
    asked = {
        "name": "ask",
        "source": "dummy-source",
        "tags": [*prompt, {"key": "mlflow.prompt.text", "value": "Say."}],
    }
    assert ask.done("model-versions/create", asked)["model_version"]["source"] == "dummy-source"
    assert refusal(ask.post("model-versions/create", {**asked, "source": "/etc"})) == (
        400,
        "INVALID_PARAMETER_VALUE",
    )
    assert ask.found("registered-models/search") == {}
    wanted = "tags.`mlflow.prompt.is_prompt` = 'true'"
    assert len(ask.found("registered-models/search", filter=wanted)["registered_models"]) == 1
    taken = ask.post("registered-models/create", {"name": "ask"})
    assert refusal(taken) == (400, "RESOURCE_ALREADY_EXISTS")
    assert "The prompt 'ask' exists already" in taken.text


def test_what_has_no_files_is_no_source_of_a_model(ask: Asking) -> None:
    """Only prompts have none."""
    ask.done("registered-models/create", {"name": "digits"})
    refused = ask.post("model-versions/create", {"name": "digits", "source": "dummy-source"})
    assert refusal(refused) == (400, "INVALID_PARAMETER_VALUE")
