"""``mlff runs``: list, show, compare, watch, plot and change runs."""

from __future__ import annotations

import click

from mlflowflow.cli.runs.change import delete, end, rename, restore, tag
from mlflowflow.cli.runs.compare import compare
from mlflowflow.cli.runs.history import history
from mlflowflow.cli.runs.listing import list_runs
from mlflowflow.cli.runs.plot import plot
from mlflowflow.cli.runs.printed import run_to_json
from mlflowflow.cli.runs.show import show
from mlflowflow.cli.runs.watch import watch

__all__ = ["run_to_json", "runs"]


@click.group()
def runs() -> None:
    """List, show, compare, watch, plot and change runs.

    \b
      mlff runs list --filter "metrics.accuracy > 0.9" --order-by "metrics.accuracy DESC"
      mlff runs compare RUN RUN
      mlff runs plot RUN RUN --metric loss -o loss.svg
    """  # noqa: D301 - backspace is how click is told to leave lines as they are


for command in (list_runs, show, compare, history, watch, plot, rename, tag, end, delete, restore):
    runs.add_command(command)
