"""Tests of the registry's facts and of the rules for names."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.registry.version import (
    ModelVersion,
    RegisteredModel,
    Stage,
    demand_alias,
    demand_model_name,
    demand_tag_key,
)


def version(number: int, stage: Stage = Stage.NONE) -> ModelVersion:
    """Build a version."""
    return ModelVersion(
        name="digits", version=number, source="s", creation_time=0, last_updated_time=0, stage=stage
    )


@pytest.mark.parametrize("text", ["Production", "production", "PRODUCTION"])
def test_a_stage_is_read_in_any_case(text: str) -> None:
    """Callers need not know MLflow's spelling."""
    assert Stage.parse(text) is Stage.PRODUCTION


def test_an_unknown_stage_is_refused_with_the_known_ones() -> None:
    """The error lists what would have been right."""
    with pytest.raises(InvalidInput, match="None, Staging, Production, Archived"):
        Stage.parse("live")


def test_the_newest_version_is_the_one_with_the_highest_number() -> None:
    """`latest` looks at numbers, and at the stage if one is given."""
    model = RegisteredModel(
        name="digits",
        creation_time=0,
        last_updated_time=0,
        versions=(version(1, Stage.STAGING), version(2, Stage.STAGING), version(3)),
    )
    assert model.latest() == version(3)
    assert model.latest(Stage.STAGING) == version(2, Stage.STAGING)
    assert model.latest(Stage.ARCHIVED) is None


def test_facts_do_not_share_the_callers_mappings() -> None:
    """A fact stays what it was when it was read."""
    tags, aliases = {"a": "1"}, {"champion": 1}
    model = RegisteredModel(name="m", creation_time=0, last_updated_time=0, tags=tags, aliases=aliases)
    tags.clear()
    aliases.clear()
    assert (model.tags, model.aliases) == ({"a": "1"}, {"champion": 1})


def test_a_version_knows_its_address() -> None:
    """The address names exactly this version."""
    assert version(3).uri == "models:/digits/3"


@pytest.mark.parametrize("name", ["digits", "Größe 2", "a.b-c_d", "team@digits"])
def test_ordinary_names_are_models(name: str) -> None:
    """Names in any script are fine."""
    assert demand_model_name(name) == name


@pytest.mark.parametrize("name", ["", " ", "a/b", "a:b", "a?b", "a#b", "a\nb", " a", "a ", "x" * 257])
def test_names_that_break_addresses_are_refused(name: str) -> None:
    """A model can always be addressed by its name."""
    with pytest.raises(InvalidInput, match="A model cannot be called"):
        demand_model_name(name)


@pytest.mark.parametrize("alias", ["champion", "v", "v1x", "latest-1", "Größe", "1"])
def test_ordinary_words_are_aliases(alias: str) -> None:
    """Only what reads as a version is reserved."""
    assert demand_alias(alias) == alias


def test_a_tag_may_have_blanks_and_slashes() -> None:
    """MLflow's own tags are fine."""
    assert demand_tag_key("mlflow.note/content x") == "mlflow.note/content x"
