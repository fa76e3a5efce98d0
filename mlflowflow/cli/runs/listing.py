"""``mlff runs list``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import at_option, open_tracker, store_option
from mlflowflow.cli.output import Form, Output, output_options
from mlflowflow.cli.render import duration, print_json, print_table
from mlflowflow.cli.runs.select import Selection, selecting
from mlflowflow.cli.runs.show import run_to_json
from mlflowflow.clock import moment
from mlflowflow.tracking.views.columns import cell_of, column_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.run import Run

HEADINGS = ("run", "name", "status", "started", "took", "metrics")
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


def print_runs(found: Sequence[Run], *, empty: str) -> None:
    """Print a line per run: state, time, and its first metrics."""
    print_table(HEADINGS, [_row(run) for run in found], empty=empty)


def _row(run: Run) -> tuple[str, ...]:
    metrics = ", ".join(f"{key}={value:.4g}" for key, value in sorted(run.data.metrics.items())[:4])
    info = run.info
    took = duration(info.start_time, info.end_time)
    return (info.run_id, info.run_name, info.status.value, moment(info.start_time), took, metrics)


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
