"""``mlff runs list``."""

from __future__ import annotations

from typing import Any

import click

from mlflowflow.cli.context import at_option, open_tracker, store_option
from mlflowflow.cli.output import Form, Output, output_options
from mlflowflow.cli.render import print_json, print_table
from mlflowflow.cli.runs.printed import print_runs, run_to_json
from mlflowflow.cli.runs.select import Selection, selecting
from mlflowflow.clock import moment
from mlflowflow.tracking.views.columns import cell_of, column_names

_NONE = "There are no such runs. 'mlff run PROJECT' makes some."


@click.command("list")
@selecting(limit=50, named=False)
@click.option(
    "--columns",
    metavar="NAMES",
    help="Show these, separated by commas: run_name,params.lr,metrics.loss,tags.team.",
)
@at_option
@store_option
@output_options
def list_runs(
    *, selection: Selection, columns: str | None, at_us: int | None, store: str | None, output: Output
) -> None:
    """List runs, the newest first unless told otherwise.

    With --at, as of the last compaction before that time; a day back at most, unless the store keeps
    more (mlff store gc --help).

    \b
      mlff runs list --filter "params.model = 'tree'" --order-by "metrics.accuracy DESC" --max 10
      mlff runs list --columns run_name,params.lr,metrics.loss --csv > runs.csv
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    with open_tracker(store) as tracker:
        found = selection.runs(tracker, at_us=at_us)
    if columns is None and output.form is Form.JSON:
        print_json([run_to_json(run) for run in found])
        return
    names = column_names(found) if columns is None else [name.strip() for name in columns.split(",")]
    if output.form is not Form.TABLE:
        output.write({name: [cell_of(run, name) for run in found] for name in names})
    elif columns is None:
        print_runs(found, empty=_NONE)
    else:
        print_table(
            names, [[_text(cell_of(run, name), name) for name in names] for run in found], empty=_NONE
        )


def _text(value: Any, name: str) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.6g}"
        case int() if name.endswith("_time"):
            return moment(value)
        case _:
            return str(value)
