"""``mlff sweep``: run sweeps, look at them, and steer them wherever they run."""

from __future__ import annotations

import click

from mlflowflow.cli.sweep.best import best
from mlflowflow.cli.sweep.listing import list_sweeps
from mlflowflow.cli.sweep.status import status
from mlflowflow.cli.sweep.trials import trials


@click.group()
def sweep() -> None:
    """Run sweeps, look at them, stop, extend and resume them.

    RUN is the id of a sweep's run, or as much of its beginning as no other sweep has.

    \b
      mlff sweep list
      mlff sweep status RUN --watch
      mlff sweep best RUN
    """  # noqa: D301 - backspace is how click is told to leave lines as they are


for command in (list_sweeps, status, trials, best):
    sweep.add_command(command)
