"""Tests of model addresses."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, InvalidUri, NotFound
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.uri import (
    AliasUri,
    LatestUri,
    ModelUri,
    PlaceUri,
    RunUri,
    StageUri,
    VersionUri,
    parse_model_uri,
    resolve_version,
)
from mlflowflow.registry.version import Stage
from mlflowflow.storage.memory import MemoryBlobStore

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("models:/digits/3", VersionUri(name="digits", version=3)),
        ("models:/digits/Production", StageUri(name="digits", stage=Stage.PRODUCTION)),
        ("models:/digits/none", StageUri(name="digits", stage=Stage.NONE)),
        ("models:/digits/latest", LatestUri(name="digits")),
        ("models:/digits/LATEST", LatestUri(name="digits")),
        ("models:/digits@champion", AliasUri(name="digits", alias="champion")),
        ("models:/team@digits/3", VersionUri(name="team@digits", version=3)),
        ("models:/team@digits@champion", AliasUri(name="team@digits", alias="champion")),
        (
            "models:/digits@champion?at=1970-01-01T00:00:07Z",
            AliasUri(name="digits", alias="champion", at_us=8 * SECOND - 1),
        ),
        (
            "models:/digits/3?at=1970-01-01T02:00:00+01:00",
            VersionUri(name="digits", version=3, at_us=3601 * SECOND - 1),
        ),
        ("runs:/4f1c/model/best", RunUri(run_id="4f1c", path="model/best")),
        ("runs:/4f1c", RunUri(run_id="4f1c", path="")),
        ("runs:/4f1c/model/", RunUri(run_id="4f1c", path="model")),
        ("./model", PlaceUri(url="./model")),
        ("s3://bucket/model", PlaceUri(url="s3://bucket/model")),
    ],
)
def test_every_form_is_read(text: str, uri: ModelUri) -> None:
    """Each documented form means what the table says."""
    assert parse_model_uri(text) == uri


@pytest.mark.parametrize(
    "text",
    [
        "",
        "models:/digits",
        "models:/digits/",
        "models:/",
        "models://digits/3",
        "models:/digits/3/4",
        "models:/digits/live",
        "models:/digits@",
        "models:/digits@v3",
        "models:/digits@a b",
        "models:/digits/3?at=yesterday",
        "models:/digits/3?at=",
        "models:/digits/3?when=now",
        "models:/digits/٣",
        "models:digits/3",
        "runs:/",
        "runs:/../model",
        "runs:4f1c/model",
    ],
)
def test_a_wrong_address_is_refused_with_the_forms(text: str) -> None:
    """The error shows the address and what is understood."""
    with pytest.raises(InvalidUri, match="expected"):
        parse_model_uri(text)


@given(st.text(max_size=12).map(lambda tail: f"models:/{tail}") | st.text(max_size=12))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    """No text brings the reader down."""
    with suppress(InvalidUri):
        parse_model_uri(text)


@pytest.fixture
def catalog() -> Catalog:
    """Give three versions, one a second from second 1 on; the champion moves to each when it comes."""
    clock = ManualClock(start_us=0)
    catalog = Catalog(MemoryBlobStore(), clock=clock)
    for number in (1, 2, 3):
        clock.advance(1)
        catalog.create_version("digits", source="s")
        catalog.set_alias("digits", "champion", number)
    clock.advance(1)
    for number in (1, 2):
        catalog.transition_stage("digits", number, "Staging")
    return catalog


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("models:/digits/2", 2),
        ("models:/digits/latest", 3),
        ("models:/digits/staging", 2),
        ("models:/digits@champion", 3),
        ("models:/digits@champion?at=1970-01-01T00:00:02Z", 2),
        ("models:/digits/latest?at=1970-01-01T00:00:01.5", 1),
        ("models:/digits/2?at=1970-01-01T00:00:02Z", 2),
    ],
)
def test_an_address_leads_to_its_version(catalog: Catalog, text: str, version: int) -> None:
    """Every form of the registry resolves, now and at a time."""
    assert resolve_version(catalog, parse_model_uri(text)).version == version


@pytest.mark.parametrize(
    "text",
    [
        "models:/digits/4",
        "models:/digits/Production",
        "models:/digits@rival",
        "models:/churn/latest",
        "models:/digits/3?at=1970-01-01T00:00:02Z",
        "models:/digits/staging?at=1970-01-01T00:00:03Z",
    ],
)
def test_what_the_address_names_must_exist(catalog: Catalog, text: str) -> None:
    """An address of nothing is an error that names it."""
    with pytest.raises(NotFound):
        resolve_version(catalog, parse_model_uri(text))


@pytest.mark.parametrize("text", ["runs:/4f1c/model", "./model"])
def test_only_addresses_of_the_registry_name_versions(catalog: Catalog, text: str) -> None:
    """A folder is no version."""
    with pytest.raises(InvalidInput, match="does not name a registered version"):
        resolve_version(catalog, parse_model_uri(text))
