"""Counting what an import would find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.exchange.counting import count_store
from mlflowflow.exchange.importing import Wanted, import_store
from mlflowflow.exchange.source import FoundModel, FoundVersion
from tests.exchange.stores import MemorySource, a_run, write

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.tracker import Tracker


def test_an_import_finds_what_was_counted(tracker: Tracker, catalog: Catalog, tmp_path: Path) -> None:
    """The trial run would otherwise promise something else."""
    write(tmp_path, {"a": "1", "b/MLmodel": "flavors: {}\n"})
    model = FoundModel(name="wine", versions=(FoundVersion(version=1, source=str(tmp_path / "b"), files=""),))
    source = MemorySource(all_runs=[a_run(artifact_uri=str(tmp_path))], registered=[model])
    counted = count_store(source)
    assert counted.found == import_store(source, tracker=tracker, catalog=catalog).found
    assert (counted.new.runs, counted.found.runs, counted.found.files) == (0, 1, 2)


def test_what_is_not_wanted_is_not_counted() -> None:
    """As with an import."""
    with pytest.raises(NotFound):
        count_store(MemorySource(), wanted=Wanted(experiments=frozenset({"x"})))
    counted = count_store(MemorySource(registered=[FoundModel(name="wine")]), wanted=Wanted(models=False))
    assert counted.found.models == 0
