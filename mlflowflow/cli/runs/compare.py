"""``mlff runs compare``: runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlflowflow.cli.context import open_tracker, store_option
from mlflowflow.cli.output import Form, Output, output_options
from mlflowflow.cli.render import print_table
from mlflowflow.cli.runs.select import Selection, selecting
from mlflowflow.tracking.goals import Goal, goals_of
from mlflowflow.tracking.views.comparison import Comparison
from mlflowflow.tracking.views.comparison import compare as compared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker
    from mlflowflow.tracking.views.comparison import Cell, Row


@click.command("compare")
@selecting(limit=5)
@click.option("--all", "everything", is_flag=True, help="Also what the runs agree on.")
@click.option(
    "--maximize", "up", multiple=True, metavar="METRIC", help="Mark the greatest value of this metric."
)
@click.option(
    "--minimize", "down", multiple=True, metavar="METRIC", help="Mark the least value of this metric."
)
@store_option
@output_options
def compare(
    *,
    selection: Selection,
    everything: bool,
    up: tuple[str, ...],
    down: tuple[str, ...],
    store: str | None,
    output: Output,
) -> None:
    """Put runs side by side, and show where they differ.

    There is a column for each run, and a line for each parameter, metric and tag. The first run is the base: of every other metric, the difference to it is shown. The best value
    has a star, if the goal of the metric is given, or known from a tag of its experiment
    (mlff experiments tag NAME mlff.goal.loss minimize).

    \b
      mlff runs compare 0192f0... 0192f1...
      mlff runs compare --experiment digits --order-by "metrics.accuracy DESC" --max 3
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    with open_tracker(store) as tracker:
        runs = selection.runs(tracker)
        goals = _goals(tracker, runs, up=up, down=down)
    found = compared(runs, goals=goals)
    shown = found if everything else found.differing()
    if output.form is not Form.TABLE:
        output.write(_columns(shown))
        return
    headings = ("", *(run.info.run_name or run.info.run_id[:12] for run in shown.runs))
    ids = ("run", *(run.info.run_id for run in shown.runs))
    if not shown.rows:
        click.echo("These runs agree in every parameter, metric and tag.")
        return
    print_table(headings, [ids, *(_line(row) for row in shown.rows)], empty="")


def _goals(
    tracker: Tracker, runs: Sequence[Run], *, up: Sequence[str], down: Sequence[str]
) -> dict[str, Goal]:
    goals: dict[str, Goal] = {}
    for experiment_id in {run.info.experiment_id for run in runs}:
        goals |= goals_of(tracker.get_experiment(experiment_id).tags)
    return goals | dict.fromkeys(up, Goal.MAXIMIZE) | dict.fromkeys(down, Goal.MINIMIZE)


def _line(row: Row) -> tuple[str, ...]:
    base = row.cells[0]
    cells = [
        _text(cell, base if at else None) + (" *" if at in row.best else "")
        for at, cell in enumerate(row.cells)
    ]
    return (f"{row.family}.{row.key}", *cells)


def _text(cell: Cell, base: Cell) -> str:
    match cell, base:
        case None, _:
            return "-"
        case float(), float() if cell != base:
            return f"{cell:.6g} ({cell - base:+.3g})"
        case float(), _:
            return f"{cell:.6g}"
        case _:
            return str(cell)


def _columns(comparison: Comparison) -> dict[str, list[Cell]]:
    """Return a row per run, as tables of runs have them everywhere else."""
    columns: dict[str, list[Cell]] = {
        "run_id": [run.info.run_id for run in comparison.runs],
        "run_name": [run.info.run_name for run in comparison.runs],
    }
    return columns | {f"{row.family}.{row.key}": list(row.cells) for row in comparison.rows}
