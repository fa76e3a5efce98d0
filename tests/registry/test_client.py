"""The registry half of `MlflowClient`."""

from __future__ import annotations

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
    assert two.get_model_version_stages() == ["None", "Staging", "Production", "Archived"]


def test_an_unknown_stage_is_refused(two: RegistryClient) -> None:
    """A misspelt stage is an error."""
    with pytest.raises(InvalidInput, match="'Live'"):
        two.get_latest_versions("digits", ["Live"])


def test_a_version_is_copied(two: RegistryClient) -> None:
    """The same files become the first version of another model."""
    copied = two.copy_model_version("digits", 1, "numbers")
    assert (copied.uri, copied.source, copied.run_id) == ("models:/numbers/1", "runs:/r1/model", "r1")


def test_a_version_is_deleted(two: RegistryClient) -> None:
    """A deleted version is not found any more."""
    two.delete_model_version("digits", 2)
    assert [found.version for found in two.search_model_versions("name = 'digits'", 5, ["version"])] == [1]
