"""The registry half of `MlflowClient`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlflowflow.errors import AlreadyExists, InvalidInput, NotFound
from mlflowflow.registry.client import RegistryClient
from mlflowflow.registry.version import Stage
from mlflowflow.storage.memory import MemoryBlobStore
from tests.tracking.sessions import private_session


@pytest.fixture
def client() -> RegistryClient:
    """Open a client over a fresh registry."""
    with private_session():
        return RegistryClient(MemoryBlobStore().url)


@pytest.fixture
def two(client: RegistryClient) -> RegistryClient:
    """Register two versions of the model ``digits``."""
    client.create_model_version("digits", "runs:/r1/model", "r1", {"a": "1"}, description="first")
    client.create_model_version("digits", "runs:/r2/model")
    return client


def test_a_model_lives(client: RegistryClient) -> None:
    """It is created once, described, tagged, found and deleted."""
    client.create_registered_model("digits", {"team": "x"}, "old")
    with pytest.raises(AlreadyExists):
        client.create_registered_model("digits")
    client.update_registered_model("digits", "new")
    client.set_registered_model_tag("digits", "n", 1)
    client.delete_registered_model_tag("digits", "team")
    model = client.get_registered_model("digits")
    assert (model.description, dict(model.tags)) == ("new", {"n": "1"})
    assert client.search_registered_models("tags.n = '1'", 1, ["name"]) == [model]
    client.delete_registered_model("digits")
    assert client.search_registered_models() == []


def test_versions_count_up(two: RegistryClient) -> None:
    """A version may be asked for by a number or its text, as MLflow's clients do."""
    first = two.get_model_version("digits", "1")
    assert (first.version, first.run_id, first.description) == (1, "r1", "first")
    assert two.get_model_version_download_uri("digits", 2) == "runs:/r2/model"


def test_a_version_is_described_and_tagged(two: RegistryClient) -> None:
    """Description and tags can change."""
    two.update_model_version("digits", 1, "better")
    two.set_model_version_tag("digits", "1", "b", 2)
    two.delete_model_version_tag("digits", 1, "a")
    found = two.get_model_version("digits", 1)
    assert (found.description, dict(found.tags)) == ("better", {"b": "2"})


def test_an_alias_moves(two: RegistryClient) -> None:
    """An alias points to one version, and may be taken away."""
    two.set_registered_model_alias("digits", "champion", "1")
    two.set_registered_model_alias("digits", "champion", 2)
    assert two.get_model_version_by_alias("digits", "champion").version == 2
    two.delete_registered_model_alias("digits", "champion")
    with pytest.raises(NotFound):
        two.get_model_version_by_alias("digits", "champion")


def test_stages_work(two: RegistryClient) -> None:
    """A transition can archive who was there; the newest of each stage is found."""
    two.transition_model_version_stage("digits", 1, "production")
    two.transition_model_version_stage("digits", 2, "Production", archive_existing_versions=True)
    newest = {found.stage: found.version for found in two.get_latest_versions("digits")}
    assert newest == {Stage.PRODUCTION: 2, Stage.ARCHIVED: 1}
    assert [found.version for found in two.get_latest_versions("digits", ["Production"])] == [2]
    assert two.get_model_version_stages("digits", "1") == ["None", "Staging", "Production", "Archived"]


def test_an_unknown_stage_is_refused(two: RegistryClient) -> None:
    """A misspelt stage is an error."""
    with pytest.raises(InvalidInput, match="'Live'"):
        two.get_latest_versions("digits", ["Live"])


def test_a_version_is_copied(two: RegistryClient) -> None:
    """The same files become the first version of another model."""
    copied = two.copy_model_version("models:/digits/1", "numbers")
    assert (copied.uri, copied.source, copied.run_id) == ("models:/numbers/1", "runs:/r1/model", "r1")


def test_a_version_is_deleted(two: RegistryClient) -> None:
    """A deleted version is not found any more."""
    two.delete_model_version("digits", 2)
    assert [found.version for found in two.search_model_versions("name = 'digits'", 5, ["version"])] == [1]


def test_a_version_reads_as_mlflows(two: RegistryClient) -> None:
    """What MLflow's entity has, ours has, under its names, and `dict` gives all of it."""
    two.create_model_version("digits", "s", None, None, "http://run", "third", 0, "m-1")
    found = dict(two.get_model_version("digits", "3"))
    created = found.pop("creation_timestamp")
    assert created == found.pop("last_updated_timestamp") > 0
    assert found == {
        "aliases": [],
        "current_stage": "None",
        "deployment_job_state": None,
        "description": "third",
        "metrics": None,
        "model_id": "m-1",
        "name": "digits",
        "params": None,
        "run_id": None,
        "run_link": "http://run",
        "source": "s",
        "status": "READY",
        "status_message": None,
        "tags": {},
        "user_id": None,
        "version": 3,
        "workspace": "default",
    }


def test_a_model_reads_as_mlflows(two: RegistryClient) -> None:
    """A model has its newest versions by stage, and its aliases by name."""
    two.transition_model_version_stage("digits", "1", "staging")
    two.set_registered_model_alias("digits", "best", "2")
    found = dict(two.get_registered_model("digits"))
    assert [(each.version, each.current_stage) for each in found["latest_versions"]] == [
        (1, "Staging"),
        (2, "None"),
    ]
    assert (found["aliases"], found["workspace"], found["deployment_job_id"]) == (
        {"best": 2},
        "default",
        None,
    )
    assert found["deployment_job_state"] is None
    assert found["creation_timestamp"] <= found["last_updated_timestamp"]


def test_the_newest_of_no_stages_in_particular_are_those_of_all(two: RegistryClient) -> None:
    """An empty list of stages asks for all of them, in any case of letters."""
    two.transition_model_version_stage("digits", 2, "Archived")
    assert [each.version for each in two.get_latest_versions("digits", [])] == [1, 2]
    assert [each.version for each in two.get_latest_versions("digits", ["archived"])] == [2]


def test_archiving_on_the_way_to_a_stage_that_is_not_active_is_refused(two: RegistryClient) -> None:
    """Only Staging and Production are cleared; nothing changes."""
    with pytest.raises(InvalidInput, match="Staging or Production"):
        two.transition_model_version_stage("digits", 1, "Archived", True)
    assert two.get_model_version("digits", 1).current_stage == "None"


def test_a_tag_is_set_on_the_newest_version_in_a_stage(two: RegistryClient) -> None:
    """A version is named by its number or by its stage, never by both or neither."""
    two.transition_model_version_stage("digits", 1, "Staging")
    two.set_model_version_tag("digits", key="k", value=3, stage="staging")
    assert two.get_model_version("digits", 1).tags["k"] == "3"
    two.delete_model_version_tag("digits", key="k", stage="Staging")
    assert "k" not in two.get_model_version("digits", 1).tags
    for version, stage in ((None, None), (1, "Staging")):
        with pytest.raises(InvalidInput, match="give exactly one"):
            two.set_model_version_tag("digits", version, "k", 1, stage)
    with pytest.raises(InvalidInput, match="needs a key"):
        two.set_model_version_tag("digits", 1, None, 1)
    with pytest.raises(NotFound, match="No version is in stage 'Production'"):
        two.set_model_version_tag("digits", None, "k", 1, "Production")


@pytest.mark.parametrize("version", ["abc", "", "-1", None, True, 1.5])
def test_what_is_no_number_of_a_version_is_refused(two: RegistryClient, version: Any) -> None:
    """A wrong version is named; it is not taken for a missing one."""
    with pytest.raises(InvalidInput, match="not the number of a version"):
        two.get_model_version("digits", version)


@pytest.mark.parametrize("alias", ["latest", "Latest", "v1", "V22", "", "a b", "x" * 256, None])
def test_an_alias_that_reads_as_something_else_is_refused(two: RegistryClient, alias: Any) -> None:
    """Reserved and impossible aliases are refused, and nothing changes."""
    with pytest.raises(InvalidInput, match="cannot be an alias"):
        two.set_registered_model_alias("digits", alias, 1)
    assert two.get_registered_model("digits").aliases == {}


def test_latest_reads_as_an_alias(two: RegistryClient) -> None:
    """Nobody can set it, and everybody can ask for it."""
    assert two.get_model_version_by_alias("digits", "latest").version == 2


def test_removing_an_alias_twice_is_no_error(two: RegistryClient) -> None:
    """As in MLflow, only a missing model is."""
    two.delete_registered_model_alias("digits", "never")
    with pytest.raises(NotFound):
        two.delete_registered_model_alias("churn", "never")


def test_a_description_can_be_removed_but_not_forgotten(two: RegistryClient) -> None:
    """Updating a version with nothing is a mistake; of a model, None removes the text."""
    with pytest.raises(InvalidInput, match="nothing to change"):
        two.update_model_version("digits", 1)
    two.update_registered_model("digits", "text")
    assert two.update_registered_model("digits").description is None


def test_what_was_never_described_has_no_description(client: RegistryClient) -> None:
    """None is not the text "": scripts see which it was, for models and for versions."""
    assert client.create_registered_model("bare").description is None
    assert client.create_registered_model("mute", description="").description == ""
    assert client.create_model_version("bare", "s").description is None
    assert client.update_model_version("bare", 1, "").description == ""


def test_what_was_read_is_plain_and_the_readers_own(client: RegistryClient) -> None:
    """Scripts write tags and aliases as JSON; whatever they do to them, the registry stays as it is."""
    client.create_registered_model("wine", {"a": "1"})
    client.create_model_version("wine", "s", tags={"k": "2"})
    client.set_registered_model_alias("wine", "champion", 1)
    model, version = client.get_registered_model("wine"), client.get_model_version("wine", 1)
    assert json.dumps([model.tags, model.aliases, version.tags, version.aliases]) == (
        '[{"a": "1"}, {"champion": 1}, {"k": "2"}, ["champion"]]'
    )
    for held in (model.tags, model.aliases, version.tags):
        assert isinstance(held, dict)
        held.clear()
    again = client.get_registered_model("wine")
    assert (again.tags, again.aliases, again.versions[0].tags) == ({"a": "1"}, {"champion": 1}, {"k": "2"})


def test_pages_fit_together(two: RegistryClient) -> None:
    """Every version is on one page, and a token of another question is refused."""
    two.create_model_version("cats", "s")
    first = two.search_model_versions(max_results=2)
    assert first.token is not None
    rest = two.search_model_versions(max_results=2, page_token=first.token)
    assert [each.uri for each in [*first, *rest]] == [
        "models:/cats/1",
        "models:/digits/2",
        "models:/digits/1",
    ]
    assert rest.token is None
    with pytest.raises(InvalidInput, match="token"):
        two.search_registered_models(page_token=first.token)
    models = two.search_registered_models(max_results=1)
    assert [each.name for each in two.search_registered_models(page_token=models.token)] == ["digits"]


@pytest.mark.parametrize("number", [0, -1, 200_001, True, None, "7"])
def test_a_page_of_an_impossible_size_is_refused(two: RegistryClient, number: Any) -> None:
    """MLflow's limits are kept."""
    with pytest.raises(InvalidInput, match="max_results"):
        two.search_model_versions(max_results=number)
    with pytest.raises(InvalidInput, match="max_results"):
        two.search_registered_models(max_results=1_001)


def test_prompts_are_no_models(two: RegistryClient) -> None:
    """What MLflow keeps as models and are none is found only by who asks for it."""
    two.create_registered_model("greeting", {"mlflow.prompt.is_prompt": "true"})
    assert [each.name for each in two.search_registered_models()] == ["digits"]
    asked = two.search_registered_models("tags.`mlflow.prompt.is_prompt` = 'true'")
    assert [each.name for each in asked] == ["greeting"]


def test_deployment_jobs_are_refused(client: RegistryClient) -> None:
    """What is asked for and cannot be had is said, not passed over."""
    with pytest.raises(InvalidInput, match="deployment jobs"):
        client.create_registered_model("digits", deployment_job_id="7")
    assert client.search_registered_models() == []


@pytest.mark.parametrize("tags", [{"": "1"}, {"k" * 251: "1"}, {"k": "v" * 100_001}])
def test_tags_beyond_the_limits_change_nothing(client: RegistryClient, tags: dict[str, str]) -> None:
    """A model with a wrong tag does not come into being."""
    with pytest.raises(InvalidInput):
        client.create_registered_model("digits", tags)
    with pytest.raises(InvalidInput):
        client.create_model_version("digits", "s", tags=tags)
    assert client.search_registered_models() == []


@pytest.mark.parametrize("name", ["", "a/b", "a:b", None, 7])
def test_a_model_cannot_be_called_anything(client: RegistryClient, name: Any) -> None:
    """A name that would not fit an address is refused, whatever its type."""
    with pytest.raises(InvalidInput, match="cannot be called"):
        client.create_registered_model(name)


def test_a_copy_says_what_it_is_a_copy_of(two: RegistryClient) -> None:
    """Every address of a version can be copied, and a run's cannot."""
    two.set_registered_model_alias("digits", "best", 1)
    copied = two.copy_model_version("models:/digits@best", "numbers")
    assert (copied.version, copied.copied_from, dict(copied.tags)) == (1, "models:/digits/1", {"a": "1"})
    assert copied.aliases == []
    with pytest.raises(InvalidInput, match="does not name a registered version"):
        two.copy_model_version("runs:/r1/model", "numbers")


def test_a_model_is_renamed(two: RegistryClient) -> None:
    """Everything goes with it, and the old name says where it went."""
    assert two.rename_registered_model("digits", "numbers").name == "numbers"
    assert [each.name for each in two.search_model_versions()] == ["numbers", "numbers"]
    with pytest.raises(NotFound, match="renamed to 'numbers'"):
        two.get_registered_model("digits")
    for wrong in ("", "  ", "a/b", None):
        with pytest.raises(InvalidInput):
            two.rename_registered_model("numbers", wrong)  # type: ignore[arg-type]
