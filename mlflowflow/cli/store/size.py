"""``mlff store show`` and ``mlff store stats``: what the store is, how large, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import json_option, store_option
from mlflowflow.cli.render import print_json, print_table, size_text
from mlflowflow.cli.store.place import open_blobs, spool_of
from mlflowflow.clock import SystemClock, moment
from mlflowflow.ids import RandomIds

if TYPE_CHECKING:
    from mlflowflow.maintenance.stats import Cost, Stats, TableSize


@click.command("show")
@store_option
@json_option
def show(store: str | None, as_json: bool) -> None:
    """Show what the store is and what it was found able to do; makes it if it is not there."""
    from mlflowflow.storage.format import prepare

    opened = open_blobs(store)
    known = prepare(opened, clock=SystemClock(), ids=RandomIds())
    spool = spool_of(store)
    facts = {
        "url": opened.url,
        "uuid": known.uuid,
        "format": known.format,
        "created": moment(known.created_us // 1000),
        "conditional_create": known.conditional_create,
        "spool": None if spool is None else str(spool),
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


@click.command("stats")
@click.argument("experiment", required=False)
@click.option(
    "--writers", type=click.IntRange(min=1), help="What so many writers would cost, besides 1 to 1000."
)
@store_option
@json_option
def stats(experiment: str | None, writers: int | None, store: str | None, as_json: bool) -> None:
    """Tell how large the store is, or the experiment with the id EXPERIMENT, and what a month would cost.

    \b
      mlff store stats
      mlff store stats 0 --json
      mlff store stats --writers 64

    The cost is that of requests and of keeping the bytes, for writers that log all month without a pause.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.maintenance.prices import PRICES
    from mlflowflow.maintenance.stats import FLEETS, cost
    from mlflowflow.maintenance.stats import stats as measured

    found = measured(open_blobs(store), experiment)
    fleets = sorted({*FLEETS, writers} if writers else FLEETS)
    costs = [[cost(found.bytes, writers=fleet, prices=prices) for prices in PRICES] for fleet in fleets]
    names = [prices.name for prices in PRICES]
    if as_json:
        print_json({**_sizes_json(found), "cost_usd_per_month": [_cost_json(row, names) for row in costs]})
        return
    rows = [(size.kind, str(size.objects), size_text(size.bytes)) for size in found.sizes]
    rows.append(("all together", str(found.objects), size_text(found.bytes)))
    print_table(("kind", "objects", "bytes"), rows, empty="")
    click.echo()
    print_table(
        ("experiment", "runs", "points", "bytes/point", "segments", "not folded", "manifests"),
        [_table_row(table) for table in found.tables],
        empty="There are no experiments with anything in them.",
    )
    click.echo()
    click.echo("US dollars a month, at the prices of 2026, while so many writers log without a pause:")
    print_table(("writers", "uploads/s", *names), [_cost_row(row) for row in costs], empty="")


def _table_row(table: TableSize) -> tuple[str, ...]:
    each = table.bytes_per_point
    return (
        table.experiment_id,
        str(table.runs),
        str(table.points),
        "-" if each is None else f"{each:.1f}",
        str(table.segments),
        str(table.unfolded),
        str(table.manifests),
    )


def _cost_row(row: list[Cost]) -> tuple[str, ...]:
    return (
        str(row[0].writers),
        f"{row[0].puts_per_s:.1f}",
        *(f"{each.requests + each.keeping:.2f}" for each in row),
    )


def _sizes_json(found: Stats) -> dict[str, Any]:
    return {
        "objects": found.objects,
        "bytes": found.bytes,
        "kinds": [{"kind": size.kind, "objects": size.objects, "bytes": size.bytes} for size in found.sizes],
        "experiments": [
            {
                "experiment_id": table.experiment_id,
                "runs": table.runs,
                "points": table.points,
                "bytes_per_point": table.bytes_per_point,
                "segments": table.segments,
                "unfolded": table.unfolded,
                "manifests": table.manifests,
            }
            for table in found.tables
        ],
    }


def _cost_json(row: list[Cost], names: list[str]) -> dict[str, Any]:
    return {
        "writers": row[0].writers,
        "interval_s": row[0].interval_s,
        "uploads_per_s": row[0].puts_per_s,
        "stores": {
            name: {"requests": each.requests, "keeping": each.keeping}
            for name, each in zip(names, row, strict=True)
        },
    }
