"""What Tab offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.complete import experiment_names, model_names, run_ids

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Small


def _offered(source: Callable[..., list[Any]], store: str, incomplete: str) -> list[str]:
    context = click.Context(click.Command("any"))
    context.params["store"] = store
    return [item.value for item in source(context, click.Option(["--any"]), incomplete)]


def test_what_begins_so_is_offered(small: Small) -> None:
    """Runs by id, experiments and models by name."""
    assert _offered(run_ids, small.url, small.run_id[:-1]) == [small.run_id]
    assert _offered(run_ids, small.url, "nobody") == []
    assert _offered(experiment_names, small.url, "dig") == ["digits"]
    assert _offered(model_names, small.url, "d") == ["digits"]


def test_a_store_that_cannot_be_asked_offers_nothing(tmp_path: Path) -> None:
    """An error in the middle of a line being typed helps nobody."""
    file = tmp_path / "file"
    file.write_text("no store")
    for source in (run_ids, experiment_names, model_names):
        assert _offered(source, str(file), "") == []
