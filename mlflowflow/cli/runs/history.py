"""``mlff runs history``: every point of a metric."""

from __future__ import annotations

import click

from mlflowflow.cli.complete import run_ids
from mlflowflow.cli.context import at_option, open_tracker, store_option
from mlflowflow.cli.output import Form, Output, output_options
from mlflowflow.cli.render import print_table
from mlflowflow.clock import moment
from mlflowflow.errors import NotFound


@click.command("history")
@click.argument("run_id", shell_complete=run_ids)
@click.argument("metric")
@at_option
@store_option
@output_options
def history(*, run_id: str, metric: str, at_us: int | None, store: str | None, output: Output) -> None:
    """Print every point of a metric.

    Step, time and value, by step.

    \b
      mlff runs history 0192f0... loss --csv > loss.csv
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    with open_tracker(store) as tracker:
        points = tracker.metric_history(run_id, metric, at_us=at_us)
        known = [] if points else sorted(tracker.get_run(run_id).data.metrics)
    if not points:
        logged = f"It logged {', '.join(known)}." if known else "It logged no metrics."
        raise NotFound("metric", metric, hint=f"The run '{run_id}' does not have it. {logged}")
    if output.form is Form.TABLE:
        rows = [(str(point.step), moment(point.timestamp), f"{point.value:.9g}") for point in points]
        print_table(("step", "time", metric), rows, empty="")
        return
    output.write(
        {
            "step": [point.step for point in points],
            "timestamp": [point.timestamp for point in points],
            "value": [point.value for point in points],
        }
    )
