"""Registering what was registered elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.exchange.import_models import ORIGIN_TAG
from mlflowflow.exchange.importing import Wanted, import_store
from mlflowflow.exchange.source import FoundModel, FoundVersion
from tests.exchange.stores import RUN, MemorySource, a_run, write

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.exchange.report import Report
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.tracker import Tracker


@pytest.fixture
def source(tmp_path: Path) -> MemorySource:
    """Give a registered model whose second version was deleted."""
    write(tmp_path, {"net/MLmodel": "flavors: {}\n"})
    versions = [
        FoundVersion(
            version=number,
            source=f"{tmp_path}/{RUN}/artifacts/net",
            files="",
            run_id=RUN,
            stage=stage,
            description=f"number {number}",
            tags={"n": str(number)},
        )
        for number, stage in ((1, "Archived"), (3, "Production"))
    ]
    model = FoundModel(
        name="wine",
        description="red",
        tags={"owner": "ada"},
        aliases={"champion": 3},
        versions=tuple(versions),
    )
    return MemorySource(all_runs=[a_run(artifact_uri=str(tmp_path))], registered=[model])


def _imported(source: MemorySource, tracker: Tracker, catalog: Catalog) -> Report:
    return import_store(source, tracker=tracker, catalog=catalog)


def test_numbers_stages_aliases_and_tags_are_the_same(
    source: MemorySource, tracker: Tracker, catalog: Catalog
) -> None:
    """A number that was deleted there is used up here too."""
    report = _imported(source, tracker, catalog)
    model = catalog.get_model("wine")
    assert (model.description, model.tags["owner"], dict(model.aliases)) == ("red", "ada", {"champion": 3})
    first, third = model.versions
    assert [(each.version, each.stage.value, dict(each.tags)) for each in (first, third)] == [
        (1, "Archived", {"n": "1"}),
        (3, "Production", {"n": "3"}),
    ]
    assert (third.source, third.run_id, third.description) == (f"runs:/{RUN}/net", RUN, "number 3")
    assert third.digest is not None
    assert (report.new.models, report.new.versions, report.new.aliases, report.problems) == (1, 2, 1, [])


def test_the_second_import_decides_nothing(source: MemorySource, tracker: Tracker, catalog: Catalog) -> None:
    """The model's history stays as it is."""
    _imported(source, tracker, catalog)
    before = len(catalog.log("wine"))
    report = _imported(source, tracker, catalog)
    assert len(catalog.log("wine")) == before
    assert (report.new.models, report.new.versions, report.new.aliases) == (0, 0, 0)
    assert (report.found.models, report.found.versions, report.found.aliases) == (1, 2, 1)


def test_what_was_cut_off_between_a_number_and_its_deletion_is_completed(
    source: MemorySource, tracker: Tracker, catalog: Catalog
) -> None:
    """A stand-in that was left over is no version."""
    catalog.create_model("wine", tags={ORIGIN_TAG: source.where})
    catalog.create_version("wine", source=f"runs:/{RUN}/net", tags={"n": "1"})
    catalog.create_version("wine", source="deleted before the import")
    _imported(source, tracker, catalog)
    found = {each.version: each.stage.value for each in catalog.get_model("wine").versions}
    assert found == {1: "Archived", 3: "Production"}


def test_a_model_that_came_from_elsewhere_is_left_alone(
    source: MemorySource, tracker: Tracker, catalog: Catalog
) -> None:
    """Whose version 3 would it be?"""
    catalog.create_model("wine")
    report = _imported(source, tracker, catalog)
    assert catalog.get_model("wine").versions == ()
    assert "is left alone" in report.problems[0]


def test_a_version_whose_files_are_gone_comes_without_a_digest(
    source: MemorySource, tracker: Tracker, catalog: Catalog, tmp_path: Path
) -> None:
    """It is named, and its number is not lost."""
    (tmp_path / "net" / "MLmodel").unlink()
    report = _imported(source, tracker, catalog)
    versions = catalog.get_model("wine").versions
    assert [(each.version, each.digest, each.tags["n"]) for each in versions] == [
        (1, None, "1"),
        (3, None, "3"),
    ]
    assert ["has no digest" in problem for problem in report.problems] == [True, True]


def test_registered_models_can_be_left_out(source: MemorySource, tracker: Tracker, catalog: Catalog) -> None:
    """Some only want the runs."""
    report = import_store(source, tracker=tracker, catalog=catalog, wanted=Wanted(models=False))
    assert (report.found.models, catalog.list_names()) == (0, [])
