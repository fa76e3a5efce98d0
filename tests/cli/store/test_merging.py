"""``mlff store merge``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.location import open_store
from tests.cli.commands import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Small


def test_a_merge_tells_what_came_over_and_counts_it_again(small: Small, tmp_path: Path) -> None:
    """Each experiment and model has a line; the last one says that everything was found again."""
    there = Terminal(store=str(tmp_path / "there"))
    answer = there.mlff("store", "merge", small.url)
    lines = answer.lines
    assert lines[0] == "experiment id there how runs points parts segments"
    assert any(line.startswith(f"digits {small.experiment_id} new 2 1 0 ") for line in lines)
    assert "digits 4" in lines
    assert lines[-1] == "Counted again in the target: all 2 runs with 1 points are there."
    assert there.mlff("runs", "show", small.run_id, "--json").json["params"] == {"C": "10.0"}


def test_a_dry_run_writes_nothing(small: Small, tmp_path: Path) -> None:
    """The same table, and no store afterwards."""
    answer = Terminal(store=str(tmp_path / "there")).mlff("store", "merge", small.url, "--dry-run")
    assert answer.lines[-1].endswith("would be written.")
    assert not (tmp_path / "there").exists()


def test_what_was_left_out_is_named_and_an_exit_code(own: Terminal, small: Small, tmp_path: Path) -> None:
    """A model that went its own way in each store needs a person."""
    there = Terminal(store=str(tmp_path / "there"))
    there.mlff("store", "merge", small.url)
    Catalog(open_store(there.store)).describe_model("digits", "theirs")
    Catalog(open_store(own.store)).describe_model("digits", "mine")
    answer = there.mlff("store", "merge", own.store)
    assert answer.code == 1
    assert "Model 'digits' was left out: decision 4 is another one in each store" in answer.out
    said = there.mlff("store", "merge", own.store, "--json")
    assert (said.code, '"complete": false' in said.out) == (1, True)


def test_a_mistyped_source_is_refused(tmp_path: Path) -> None:
    """Nothing is made at either place."""
    answer = Terminal(store=str(tmp_path / "there")).mlff("store", "merge", str(tmp_path / "nowhere"))
    assert answer.code == 2
    assert "There is no store" in answer.err
    assert list(tmp_path.glob("*/store.json")) == []
