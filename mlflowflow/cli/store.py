"""``mlff store``: look after the store."""

from __future__ import annotations

import click

from mlflowflow.cli.context import json_option, open_tracker, settings_for, store_option
from mlflowflow.cli.render import moment, print_json, print_table
from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds


@click.group()
def store() -> None:
    """Look after the store."""


@store.command("show")
@store_option
@json_option
def show(store: str | None, as_json: bool) -> None:
    """Show what the store is and what it was found able to do; makes it if it is not there."""
    from mlflowflow.storage.format import prepare
    from mlflowflow.storage.location import open_store

    opened = open_store(settings_for(store).tracking_uri)
    known = prepare(opened, clock=SystemClock(), ids=RandomIds())
    facts = {
        "url": opened.url,
        "uuid": known.uuid,
        "format": known.format,
        "created": moment(known.created_us // 1000),
        "conditional_create": known.conditional_create,
    }
    if as_json:
        print_json(facts)
        return
    print_table(("", ""), [(key, str(value)) for key, value in facts.items()], empty="")
    if not known.conditional_create:
        click.echo(
            "This store ignores conditional writes: runs can be tracked in it, models cannot be registered. "
            "Set MLFLOWFLOW_REGISTRY_URI to a directory, or to a bucket that honours If-None-Match."
        )


@store.command("compact")
@store_option
@json_option
def compact(store: str | None, as_json: bool) -> None:
    """Fold the small files that writers leave into sorted Parquet parts, for every experiment.

    Safe at any time, from any number of processes; nothing that was logged changes.
    """
    from mlflowflow.tracking.table.compaction import compact as compact_experiment

    clock = SystemClock()
    with open_tracker(store) as tracker:
        tracker.flush()
        reports = {
            each.experiment_id: compact_experiment(
                tracker.store, each.experiment_id, clock=clock, ids=RandomIds(clock)
            )
            for each in tracker.list_experiments(view="all")
        }
    rows = [
        (experiment_id, str(report.segments), str(report.points)) for experiment_id, report in reports.items()
    ]
    if as_json:
        print_json(
            [{"experiment_id": row[0], "segments": int(row[1]), "points": int(row[2])} for row in rows]
        )
        return
    print_table(("experiment", "segments folded", "metric points"), rows, empty="There are no experiments.")


@store.command("recover")
@store_option
def recover(store: str | None) -> None:
    """Upload what processes that died on this machine had acknowledged and not yet uploaded."""
    with open_tracker(store) as tracker:  # opening recovers; this command is for doing it by hand
        tracker.flush()
    click.echo("Everything that was acknowledged on this machine is in the store.")
