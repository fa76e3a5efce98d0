"""``mlff sweep plot``: pictures of a sweep, in the terminal or as files."""

from __future__ import annotations

import shutil
import sys
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mlflowflow.cli.context import store_option
from mlflowflow.cli.sweep.find import open_sweep, sweep_argument
from mlflowflow.errors import InvalidState, MissingExtra
from mlflowflow.plots.chart import Chart, Line
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from mlflowflow.projects.sweep_spec import Objective
    from mlflowflow.sweeps.history import SweepHistory

_HEIGHT: Final = 20
#: What ``--kind`` and ``--format`` take; a test holds them against what can be drawn, which is slow to import.
KINDS: Final = (
    "history",
    "pareto",
    "importance",
    "slice",
    "contour",
    "parallel",
    "intermediate",
    "edf",
    "timeline",
)
FORMATS: Final = ("svg", "png", "html")


@click.command("plot")
@sweep_argument
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write files into this folder instead of drawing in the terminal.",
)
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only this picture; may be repeated."
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="May be repeated; html is one page with all pictures.  [default: html]",
)
@store_option
def plot(
    *, run: str, folder: Path | None, kinds: tuple[str, ...], formats: tuple[str, ...], store: str | None
) -> None:
    """Draw a sweep from the store alone, while it runs and after.

    Without -o the values of the trials and the best so far are drawn in the terminal. With it, files are
    written: one page that needs nothing else, or a picture each.

    \b
      mlff sweep plot 0192f0
      mlff sweep plot 0192f0 -o plots
      mlff sweep plot 0192f0 -o plots --kind parallel --kind slice --format svg
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    if folder is None and (kinds or formats):
        raise click.UsageError("Pictures of other kinds are files; say with -o DIR where they are to go.")
    with open_sweep(store, run) as found:
        history = found.history
    if folder is None:
        _to_terminal(history)
    else:
        _to_files(history, folder, kinds=kinds or None, formats=formats or ("html",))


def _to_files(history: SweepHistory, folder: Path, **wanted: Any) -> None:
    try:
        from mlflowflow.sweeps.plots import write_plots
    except ImportError as error:
        raise MissingExtra("matplotlib", extra="plot", purpose="A picture as a file") from error
    for path in write_plots(history, folder, importance=_importance(history), **wanted):
        click.echo(str(path))


def _importance(history: SweepHistory) -> dict[str, float] | None:
    """Return how much each dimension mattered, or None if it is too early to tell."""
    from mlflowflow.sweeps.importance import importances

    return importances(history) or None


def _to_terminal(history: SweepHistory) -> None:
    try:
        from mlflowflow.plots.terminal import text_of
    except ImportError as error:
        raise MissingExtra("plotext", extra="plot", purpose="A chart in the terminal") from error
    width = shutil.get_terminal_size((100, _HEIGHT)).columns
    charts = [chart_of(history, at, each) for at, each in enumerate(history.sweep.objectives)]
    for chart in charts:
        click.echo(text_of(chart, width=width, height=_HEIGHT, colour=sys.stdout.isatty()))


def chart_of(history: SweepHistory, at: int, objective: Objective) -> Chart:
    """Return the value of objective number `at` of every complete trial, and the best so far.

    Raises `InvalidState` if there is none yet.
    """
    from mlflowflow.gates.policy import Goal

    done = [trial for trial in history.trials if trial.state is TrialState.COMPLETE]
    if not done:
        raise InvalidState(
            f"The sweep '{history.run_id}' has no complete trial yet, so there is nothing to draw. "
            f"'mlff sweep status {history.run_id}' shows how it stands."
        )
    better = min if objective.goal is Goal.MINIMIZE else max
    numbers = tuple(float(trial.number) for trial in done)
    values = tuple(trial.values[at] for trial in done)
    best = list(accumulate(values, better))
    # a step where a better one came, no slope towards it; no legend, it would hide the first trials
    steps = [(numbers[0], best[0])]
    for number, before, now in zip(numbers[1:], best, best[1:], strict=False):
        steps += [(number, before), (number, now)]
    return Chart(
        title=f"{objective.metric} (dots: trials, line: the best so far)",
        x_label="trial",
        y_label=objective.metric,
        lines=(
            Line(label="", xs=tuple(x for x, _ in steps), ys=tuple(y for _, y in steps)),
            Line(label="", xs=numbers, ys=values, joined=False),
        ),
    )
