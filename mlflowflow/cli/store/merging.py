"""``mlff store merge``: bring one store into another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import json_option, store_option
from mlflowflow.cli.render import print_json, print_table, size_text
from mlflowflow.cli.store.place import fail_if, open_blobs, progress
from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds

if TYPE_CHECKING:
    from mlflowflow.maintenance.merge import ExperimentMerge, Merge


@click.command("merge")
@click.argument("source", metavar="SRC")
@click.option("--dry-run", is_flag=True, help="Only tell what would be brought over.")
@store_option
@json_option
def merge(source: str, dry_run: bool, store: str | None, as_json: bool) -> None:
    """Bring everything in the store SRC into this one: experiments, runs, artifacts, models, events.

    \b
      mlff store merge ./laptop/mlff-data --store s3://bucket/ml --dry-run
      mlff store merge ./laptop/mlff-data --store s3://bucket/ml

    SRC is never changed. Repeating it adds only what is new, and finishes what was interrupted. Experiments
    of the same name become one. A model that was decided about in both stores is left out and named.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.maintenance.merge import merge as bring

    clock = SystemClock()
    with progress("copied") as shown:
        done = bring(
            open_blobs(source),
            open_blobs(store),
            clock=clock,
            ids=RandomIds(clock),
            dry_run=dry_run,
            progress=shown,
        )
    if as_json:
        print_json(_merge_json(done))
    else:
        _tell(done, dry_run=dry_run)
    fail_if(not done.is_complete)


def _tell(done: Merge, *, dry_run: bool) -> None:
    columns = ("experiment", "id there", "how", "runs", "points", "parts", "segments")
    print_table(columns, [_row(each) for each in done.experiments], empty="There are no experiments.")
    if done.models:
        click.echo()
        rows = [(each.name, str(each.decisions)) for each in done.models]
        print_table(("model", "decisions"), rows, empty="")
    click.echo()
    verb = "would be" if dry_run else "were"
    noun = "object" if done.objects == 1 else "objects"
    click.echo(f"{done.objects} {noun} ({size_text(done.bytes)}) {verb} written.")
    for warning in _warnings(done):
        click.echo(warning)
    if done.is_complete and not dry_run:
        runs = sum(each.runs for each in done.experiments)
        points = sum(each.points for each in done.experiments)
        click.echo(f"Counted again in the target: all {runs} runs with {points} points are there.")


def _row(each: ExperimentMerge) -> tuple[str, ...]:
    how = "left out" if each.refused else str(each.how)
    return (
        each.name,
        each.target_id,
        how,
        str(each.runs),
        str(each.points),
        str(each.parts),
        str(each.segments),
    )


def _warnings(done: Merge) -> list[str]:
    return [
        *done.warnings,
        *(
            f"Experiment '{each.name}' was left out: {each.refused}."
            for each in done.experiments
            if each.refused
        ),
        *(
            f"Experiment '{each.name}' lacks points of {each.lacking} runs in the target; run fsck on both stores."
            for each in done.experiments
            if each.lacking
        ),
        *(f"Model '{each.name}' was left out: {each.refused}." for each in done.models if each.refused),
        *(f"'{key}' is another object in the target and was kept." for key in done.kept),
    ]


def _merge_json(done: Merge) -> dict[str, Any]:
    return {
        "complete": done.is_complete,
        "objects": done.objects,
        "bytes": done.bytes,
        "experiments": [
            {
                "name": each.name,
                "source_id": each.source_id,
                "target_id": each.target_id,
                "how": str(each.how),
                "runs": each.runs,
                "points": each.points,
                "parts": each.parts,
                "segments": each.segments,
                "refused": each.refused or None,
            }
            for each in done.experiments
        ],
        "models": [
            {"name": each.name, "decisions": each.decisions, "refused": each.refused or None}
            for each in done.models
        ],
        "warnings": _warnings(done),
    }
