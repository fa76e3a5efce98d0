"""Searching registered models and versions."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidFilter
from mlflowflow.registry.search import MODELS, VERSIONS, search_models, search_versions
from mlflowflow.registry.version import ModelVersion, RegisteredModel, Stage
from mlflowflow.tracking.query.tree import Entity, Field


def _version(name: str, version: int, **facts: str) -> ModelVersion:
    return ModelVersion(
        name=name,
        version=version,
        source=f"runs:/r{version}/model",
        run_id=f"r{version}",
        creation_time=version,
        last_updated_time=version,
        stage=Stage(facts.get("stage", "None")),
        tags={"team": facts["team"]} if "team" in facts else {},
    )


def _model(name: str, created: int, *versions: ModelVersion) -> RegisteredModel:
    return RegisteredModel(
        name=name, creation_time=created, last_updated_time=created, versions=versions, tags={"kind": name[0]}
    )


_MODELS = (
    _model("dogs", 1, _version("dogs", 1, team="pets")),
    _model("cats", 2, _version("cats", 1), _version("cats", 2, stage="Production")),
)


@pytest.mark.parametrize(
    ("text", "order_by", "found"),
    [
        ("", [], ["cats", "dogs"]),
        ("", ["creation_timestamp"], ["dogs", "cats"]),
        ("name ILIKE 'D%'", [], ["dogs"]),
        ("tags.kind = 'c' OR name = 'dogs'", ["name DESC"], ["dogs", "cats"]),
    ],
)
def test_models_are_found(text: str, order_by: list[str], found: list[str]) -> None:
    """By name, times and tags; in the order of their names."""
    assert [model.name for model in search_models(_MODELS, filter_string=text, order_by=order_by)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [("cats", 2), ("cats", 1), ("dogs", 1)]),
        ("name = 'cats' AND version_number > 1", [("cats", 2)]),
        ("version_number = '2'", [("cats", 2)]),
        ('name = "cats" AND version_number < "2"', [("cats", 1)]),
        ("run_id IN ('r1')", [("cats", 1), ("dogs", 1)]),
        ("source_path LIKE 'runs:/r2/%'", [("cats", 2)]),
        ("current_stage = 'Production'", [("cats", 2)]),
        ("tags.team = 'pets'", [("dogs", 1)]),
    ],
)
def test_versions_are_found(text: str, found: list[tuple[str, int]]) -> None:
    """By what they are and where they came from; the newest of each model first."""
    versions = search_versions(_MODELS, filter_string=text)
    assert [(version.name, version.version) for version in versions] == found


@pytest.mark.parametrize(
    "text",
    ["version_number = 'x'", "version_number = '1.0'", "version_number = '-1'", "creation_timestamp > '0'"],
)
def test_in_quotes_only_a_versions_number_is_a_number(text: str) -> None:
    """As in MLflow; everything else in quotes is a mistake, not the text of a number."""
    with pytest.raises(InvalidFilter, match="a number without quotes"):
        search_versions(_MODELS, filter_string=text)


@pytest.mark.parametrize("attribute", sorted(MODELS.attributes))
def test_every_attribute_of_a_model_can_be_read(attribute: str) -> None:
    """Each attribute that may be named exists."""
    assert MODELS.reader(Field(entity=Entity.ATTRIBUTE, key=attribute))(_MODELS[0]) is not None


@pytest.mark.parametrize("attribute", sorted(VERSIONS.attributes.keys() - {"digest", "model_id"}))
def test_every_attribute_of_a_version_can_be_read(attribute: str) -> None:
    """Each attribute that may be named exists; a digest or a logged model need not be known."""
    assert VERSIONS.reader(Field(entity=Entity.ATTRIBUTE, key=attribute))(_MODELS[0].versions[0]) is not None


def test_versions_changed_last_come_first() -> None:
    """That is MLflow's order where none is asked for; an order that is asked for has names to break ties."""
    old, new = (
        RegisteredModel(
            name=name,
            creation_time=1,
            last_updated_time=1,
            versions=(
                ModelVersion(name=name, version=1, source="s", creation_time=1, last_updated_time=time),
            ),
        )
        for name, time in (("a", 1), ("b", 2))
    )
    assert [each.name for each in search_versions([old, new])] == ["b", "a"]
    assert [each.name for each in search_versions([new, old], order_by=["version_number"])] == ["a", "b"]


@pytest.mark.parametrize(
    "text", ["tags.`mlflow.prompt.is_prompt` != 'true'", "tag.`mlflow.prompt.is_prompt` = 'false'"]
)
def test_what_is_not_called_a_prompt_is_none(text: str) -> None:
    """MLflow's clients add such a filter to every search of models."""
    assert [model.name for model in search_models(_MODELS, filter_string=text)] == ["cats", "dogs"]
    assert len(search_versions(_MODELS, filter_string=text)) == 3
