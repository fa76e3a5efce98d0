"""``mlff experiments``: list experiments."""

from __future__ import annotations

import click

from mlflowflow.cli.context import json_option, open_tracker, store_option
from mlflowflow.cli.render import moment, print_json, print_table


@click.group()
def experiments() -> None:
    """List experiments."""


@experiments.command("list")
@store_option
@json_option
def list_experiments(store: str | None, as_json: bool) -> None:
    """List experiments, the newest first."""
    with open_tracker(store) as tracker:
        found = sorted(tracker.list_experiments(), key=lambda each: each.creation_time, reverse=True)
    if as_json:
        print_json(
            [
                {
                    "experiment_id": each.experiment_id,
                    "name": each.name,
                    "creation_time": each.creation_time,
                    "lifecycle_stage": each.lifecycle_stage.value,
                    "tags": dict(each.tags),
                }
                for each in found
            ]
        )
        return
    print_table(
        ("id", "name", "created"),
        [(each.experiment_id, each.name, moment(each.creation_time)) for each in found],
        empty="There are no experiments.",
    )
