"""``mlff models diff | lineage | watch``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from mlflowflow.cli.context import json_option, open_catalog, open_tracker, store_option
from mlflowflow.cli.models.change import named_version
from mlflowflow.cli.models.group import entry_to_json
from mlflowflow.cli.render import print_json, print_table
from mlflowflow.clock import iso
from mlflowflow.errors import InvalidInput
from mlflowflow.registry.wording import what, why

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflowflow.registry.diff import VersionDiff
    from mlflowflow.sweeps.ancestry import Ancestor

_PARTS = ("params", "tags", "signature", "lineage")
_SHORT = 12


@click.command("diff")
@click.argument("old")
@click.argument("new")
@store_option
@json_option
def diff(old: str, new: str, *, store: str | None, as_json: bool) -> None:
    """Show in what two versions differ: metrics, params, signature, files, tags, origin.

    OLD and NEW are digits/1, digits@champion or any models:/ address, also with ?at=TIME.
    """
    from mlflowflow.registry.diff import diff_versions

    with open_tracker(store) as tracker:
        found = diff_versions(named_version(store, old), named_version(store, new), tracker=tracker)
    if as_json:
        metrics = [
            {**asdict(each), "difference": each.difference, "direction": each.direction}
            for each in found.metrics
        ]
        print_json({**asdict(found), "metrics": metrics})
        return
    print_table(
        ("what", "name", found.old, found.new, ""),
        list(_rows(found)),
        empty="They do not differ in anything.",
    )
    if found.files is None:
        click.echo("The files of one of them cannot be found any more.")


def _rows(found: VersionDiff) -> Iterator[tuple[str, ...]]:
    for metric in found.metrics:
        shift = "" if metric.difference is None else f" {metric.difference:+.6g}"
        yield ("metric", metric.name, _cell(metric.old), _cell(metric.new), f"{metric.direction}{shift}")
    for part in _PARTS:
        for each in getattr(found, part):
            yield (part.removesuffix("s"), each.name, _cell(each.old), _cell(each.new), "")
    for file in found.files or ():
        yield ("file", file.name, _cell(file.old)[:_SHORT], _cell(file.new)[:_SHORT], "")


def _cell(value: object) -> str:
    return "-" if value is None else str(value)


@click.command("lineage")
@click.argument("version", required=False)
@click.option("--run", "run_id", help="Instead: the versions that this run ended in.")
@click.option("--data", "digest", help="Instead: the versions whose runs read the dataset with this digest.")
@store_option
@json_option
def lineage(
    version: str | None, *, run_id: str | None, digest: str | None, store: str | None, as_json: bool
) -> None:
    """Show where a version came from, what it has cost and what was decided about it, or where a run or data ended.

    VERSION is digits/3, digits@champion or any models:/ address.
    """
    from mlflowflow.lineage.text import lines, to_value
    from mlflowflow.lineage.trace import lineage_of, versions_from_data, versions_from_run
    from mlflowflow.sweeps.ancestry import ancestry

    if [version, run_id, digest].count(None) != 2:  # noqa: PLR2004 - all but one
        raise InvalidInput("Lineage is of one thing; give a version, --run or --data.")
    catalog = open_catalog(store)
    with open_tracker(store) as tracker:
        if version is not None:
            named = named_version(store, version)
            found = lineage_of(named, tracker=tracker, catalog=catalog)
            ancestors = ancestry(named, tracker=tracker, catalog=catalog)
            if as_json:
                print_json({**to_value(found), "sweeps": [asdict(each) for each in ancestors]})
            else:
                click.echo("\n".join([*_cost(ancestors), *lines(found)]))
            return
        if run_id is not None:
            ended = versions_from_run(run_id, tracker=tracker, catalog=catalog)
        else:
            ended = versions_from_data(str(digest), tracker=tracker, catalog=catalog)
    if as_json:
        print_json([each.uri for each in ended])
        return
    print_table(
        ("version", "run", "aliases"),
        [(each.uri, each.run_id or "-", ", ".join(each.aliases)) for each in ended],
        empty="No version came of it.",
    )


def _cost(ancestors: Sequence[Ancestor]) -> Iterator[str]:
    """Yield a line for each sweep that a version descends from, the farthest first, and the sum of them."""
    from mlflowflow.cli.sweep.words import amount, attempts, span
    from mlflowflow.sweeps.standing import Limit

    for each in reversed(ancestors):
        origin = "" if each.generation == 0 else ", which a later one started from"
        spent = each.spent
        cost = f", {amount(Limit.COST, spent.cost)}" if spent.cost else ""
        yield f"sweep     {each.run_id}  {each.name}: {attempts(spent.attempts)}, {span(spent.seconds)}{cost}{origin}"
    if money := sum(each.spent.cost for each in ancestors):
        seconds = sum(each.spent.seconds for each in ancestors)
        yield f"cost      {amount(Limit.COST, money)} for {span(seconds)} of workers' time"


@click.command("watch")
@click.argument("name", required=False)
@click.option("--since", type=int, help="Begin after this entry of NAME's history (-1: with the first).")
@click.option("--every", "every_s", type=float, default=1.0, show_default=True, help="Seconds between looks.")
@click.option("--once", is_flag=True, help="Show what there is and end.")
@store_option
@json_option
def watch(
    name: str | None, *, since: int | None, every_s: float, once: bool, store: str | None, as_json: bool
) -> None:
    """Show decisions as they happen, of one model or of all, until interrupted.

    Each comes once, with its number: --since NUMBER goes on where an earlier watch ended.
    """
    for entry in open_catalog(store).watch(
        name, since, every_s=every_s, until=(lambda: True) if once else None
    ):
        if as_json:
            click.echo(json.dumps(entry_to_json(entry), ensure_ascii=False))
        else:
            head = f"{entry.model} {entry.seq}  {iso(entry.at_us)}  {entry.actor}  {what(entry.change)}"
            click.echo(f"{head}  {why(entry)}".rstrip())
