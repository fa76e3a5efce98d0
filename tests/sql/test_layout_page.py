"""The page that documents the files."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlflowflow.sql.layout_page as page
from mlflowflow.sql.recipes import RECIPES
from mlflowflow.sql.sample import sample
from mlflowflow.tracking.layout import metrics_part_key, runs_part_key, segment_key

_COMMITTED = Path(page.__file__).with_name("TABLES.md")


def test_the_page_in_the_package_is_what_the_code_says_today() -> None:
    """People read the committed page; it must not be old."""
    assert _COMMITTED.read_text() == page.layout_page(), (
        "The layout of the files has changed and its page has not; write it anew with: "
        "mlff store layout > mlflowflow/sql/TABLES.md"
    )


def test_the_page_is_the_same_at_every_making() -> None:
    """Neither times nor random names of the sample are on it."""
    assert page.layout_page() == page.layout_page()


def test_the_keys_are_those_that_the_code_makes() -> None:
    """The list is taken from the module that makes keys, and names every kind of file."""
    text = page.layout_page()
    assert segment_key("<experiment_id>".strip("<>"), writer="w", seq=1).startswith("exp/experiment_id/hot/")
    for key in (metrics_part_key("0", "<part>"), runs_part_key("0", "<part>")):
        assert key.replace("exp/0/", "exp/<experiment_id>/") in text


def test_every_recipe_is_on_the_page_as_it_is_run() -> None:
    """What is tested is what is shown."""
    text = page.layout_page()
    assert all(recipe.code.strip() in text for recipe in RECIPES)


def test_encodings_and_orders_are_read_from_real_files() -> None:
    """Metrics are sorted, and their numbers are encoded for their kind."""
    found = sample()
    encodings = {each.name: each.encoding for each in page._described(found.metrics)}
    assert found.sorted_by(found.metrics) == ["run_id", "key", "step", "ts"]
    assert encodings == {
        "run_id": "RLE_DICTIONARY",
        "key": "RLE_DICTIONARY",
        "step": "DELTA_BINARY_PACKED",
        "ts": "DELTA_BINARY_PACKED",
        "value": "BYTE_STREAM_SPLIT",
        "link": "RLE_DICTIONARY",
        "attempt": "RLE_DICTIONARY",
    }


def test_a_column_that_nobody_explained_stops_the_page() -> None:
    """A new column is documented, or the tests fail."""
    with pytest.raises(AssertionError, match=r"does not explain \{'new'\}"):
        page._agreed(["run_id", "new"], {"run_id": "the run"})
    with pytest.raises(AssertionError, match=r"does not explain \{'gone'\}"):
        page._agreed(["run_id"], {"run_id": "the run", "gone": "was there once"})
