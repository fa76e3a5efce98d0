"""``mlff sweep``: run sweeps, look at them, and steer them wherever they run."""

from __future__ import annotations

import click

from mlflowflow.cli.sweep.best import best
from mlflowflow.cli.sweep.listing import list_sweeps
from mlflowflow.cli.sweep.plot import plot
from mlflowflow.cli.sweep.replaying import replay
from mlflowflow.cli.sweep.running import resume, run
from mlflowflow.cli.sweep.status import status
from mlflowflow.cli.sweep.steering import extend, stop
from mlflowflow.cli.sweep.trials import trials


@click.group()
def sweep() -> None:
    """Run sweeps, look at them, stop, extend and resume them.

    RUN is the id of a sweep's run, or as much of its beginning as no other sweep has.

    \b
      mlff sweep run examples/digits -e tune --trials 50
      mlff sweep status RUN --watch
      mlff sweep extend RUN --trials +20 --resume
      mlff sweep best RUN
    """  # noqa: D301 - backspace is how click is told to leave lines as they are


for command in (run, list_sweeps, status, trials, best, plot, stop, extend, resume, replay):
    sweep.add_command(command)
