"""``mlff runs plot``: metrics over steps or time, in the terminal or as a file."""

from __future__ import annotations

import math
import shutil
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mlflowflow.cli.context import open_tracker, store_option
from mlflowflow.cli.runs.select import Selection, selecting
from mlflowflow.errors import MissingExtra, NotFound
from mlflowflow.plots.chart import MOST, Chart, Line, smoothed
from mlflowflow.tracking.views.series import Axis, Place, over, parse_axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.run import Metric, Run
    from mlflowflow.tracking.tracker import Tracker

_LABELS: Final = {Axis.STEP: "step", Axis.RELATIVE: "seconds since the start", Axis.TIME: "time (s, UTC)"}
_HEIGHT: Final = 20


@click.command("plot")
@selecting(limit=10)
@click.option("--metric", "metrics", multiple=True, required=True, metavar="KEY", help="May be repeated.")
@click.option(
    "-x", "axis", default="step", show_default=True, help="step, time, relative, or metrics.KEY for another."
)
@click.option(
    "--smooth",
    type=click.FloatRange(0, MOST),
    default=0.0,
    show_default=True,
    help="How much the past counts in the moving average.",
)
@click.option("--log", "log_y", is_flag=True, help="A logarithmic scale for the values.")
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a .png, .svg or .pdf file instead of drawing in the terminal.",
)
@store_option
def plot(
    *,
    selection: Selection,
    metrics: tuple[str, ...],
    axis: str,
    smooth: float,
    log_y: bool,
    path: Path | None,
    store: str | None,
) -> None:
    """Plot metrics of runs, here or into a file.

    \b
      mlff runs plot 0192f0... --metric loss --metric val_loss
      mlff runs plot --experiment digits --metric loss --smooth 0.6 -o loss.svg
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    place = parse_axis(axis)
    with open_tracker(store) as tracker:
        runs = selection.runs(tracker)
        lines = _lines(tracker, runs, metrics, place)
    if not lines:
        known = sorted({key for run in runs for key in run.data.metrics})
        hint = f"They logged {', '.join(known)}." if known else "They logged no metrics."
        raise NotFound("metric", ", ".join(metrics), hint=f"None of these runs has it. {hint}")
    chart = Chart(
        title=", ".join(metrics),
        x_label=place.metric or _LABELS[place.axis],
        y_label=metrics[0] if len(metrics) == 1 else "",
        lines=tuple(_smooth(line, smooth) for line in lines),
        log_y=log_y,
    )
    if path is not None:
        _to_file(chart, path)
    else:
        _to_terminal(chart)


def _lines(tracker: Tracker, runs: Sequence[Run], metrics: Sequence[str], place: Place) -> list[Line]:
    other = place.metric
    by_run = {key: _histories(tracker, runs, key) for key in {*metrics, *([other] if other else [])}}
    lines: list[Line] = []
    for run in runs:
        for metric in metrics:
            info = run.info
            beside = by_run[other][info.run_id] if other else ()
            points = by_run[metric][info.run_id]
            xs, ys = over(points, place.axis, start_ms=info.start_time, other=beside)
            if xs:
                name = info.run_name or info.run_id[:12]
                label = name if len(metrics) == 1 else metric if len(runs) == 1 else f"{name}: {metric}"
                lines.append(Line(label=label, xs=tuple(xs), ys=tuple(ys)))
    return lines


def _histories(tracker: Tracker, runs: Sequence[Run], key: str) -> dict[str, list[Metric]]:
    by_experiment: dict[str, list[str]] = defaultdict(list)
    for run in runs:
        by_experiment[run.info.experiment_id].append(run.info.run_id)
    found: dict[str, list[Metric]] = {}
    for experiment_id, ids in by_experiment.items():
        found |= tracker.reader.metric_histories(experiment_id, ids, key)
    return found


def _smooth(line: Line, weight: float) -> Line:
    if not weight:
        return line
    return Line(label=line.label, xs=line.xs, ys=tuple(smoothed(line.ys, weight)), raw=line.ys)


def _to_file(chart: Chart, path: Path) -> None:
    try:
        from mlflowflow.plots.figure import draw
    except ImportError as error:
        raise MissingExtra("matplotlib", extra="plot", purpose="A chart as a file") from error
    draw(chart, path)
    points = sum(len(line.xs) for line in chart.lines)
    click.echo(f"{path}: {len(chart.lines)} {'line' if len(chart.lines) == 1 else 'lines'}, {points} points")


def _to_terminal(chart: Chart) -> None:
    try:
        from mlflowflow.plots.terminal import text_of
    except ImportError as error:
        raise MissingExtra("plotext", extra="plot", purpose="A chart in the terminal") from error
    width = shutil.get_terminal_size((100, _HEIGHT)).columns
    click.echo(text_of(chart, width=width, height=_HEIGHT, colour=sys.stdout.isatty()))
    missing = sum(math.isnan(value) for line in chart.lines for value in line.ys)
    if missing:
        click.echo(f"{missing} values are NaN and not drawn.", err=True)
