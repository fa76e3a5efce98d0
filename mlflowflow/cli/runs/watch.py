"""``mlff runs watch``: a run as it goes on, until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from mlflowflow.cli.complete import run_ids
from mlflowflow.cli.context import open_tracker, store_option
from mlflowflow.cli.render import duration, json_text
from mlflowflow.clock import SystemClock
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.table import Table

    from mlflowflow.clock import Clock
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker

_BARS: Final = "▁▂▃▄▅▆▇█"
_SPARK: Final = 30
#: What the exit code says of a run that did not finish well.
_FAILED: Final = 1


@click.command("watch")
@click.argument("run_id", shell_complete=run_ids)
@click.option("--metric", "metrics", multiple=True, metavar="KEY", help="Only these.  [default: all]")
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line per change.")
@store_option
def watch(*, run_id: str, metrics: tuple[str, ...], every: float, as_json: bool, store: str | None) -> int:
    """Watch a run until it ends.

    Its state and the latest value of each metric are shown. In a pipe, a line is printed per change. The exit code is 0 if the run finished, 1 if it failed
    or was killed. Ctrl-C stops watching; the run goes on.
    """
    from rich.console import Console

    console = Console()
    with open_tracker(store) as tracker:
        states = changes(tracker, run_id, every=every, clock=SystemClock())
        if console.is_terminal and not as_json:
            last = _draw(console, states, metrics)
        else:
            last = _print(states, metrics, as_json=as_json)
    return 0 if last == RunStatus.FINISHED else _FAILED


def changes(tracker: Tracker, run_id: str, *, every: float, clock: Clock) -> Iterator[Run]:
    """Yield the run now and after every change, the last time when it has ended. Raises `NotFound`."""
    before: Run | None = None
    while True:
        run = tracker.get_run(run_id)
        if run != before:
            yield run
            before = run
        if run.info.status.is_terminal:
            return
        clock.sleep(every)


def spark(values: list[float]) -> str:
    """Draw values as a line of blocks, the newest to the right.

    >>> spark([0.0, 1.0, 2.0, 7.0])
    '▁▂▃█'
    """
    numbers = [value for value in values[-_SPARK:] if abs(value) < float("inf")]
    if not numbers:
        return ""
    least, span = min(numbers), max(numbers) - min(numbers)
    return "".join(_BARS[round((value - least) / span * 7) if span else 0] for value in numbers)


def _draw(console: Console, states: Iterator[Run], metrics: tuple[str, ...]) -> str:
    from rich.live import Live

    seen: dict[str, list[float]] = {}
    status = ""
    with Live(console=console, auto_refresh=False) as live:
        for run in states:
            for key, value in _wanted(run, metrics).items():
                past = seen.setdefault(key, [])
                if not past or past[-1] != value:
                    past.append(value)
            live.update(_table(run, _wanted(run, metrics), seen), refresh=True)
            status = run.info.status.value
    return status


def _table(run: Run, metrics: dict[str, float], seen: dict[str, list[float]]) -> Table:
    from rich.table import Table

    info = run.info
    took = duration(info.start_time, info.end_time)
    after = f" after {took}" if info.end_time else ""
    table = Table(
        title=f"{info.run_name or info.run_id}  {info.status.value}{after}", title_justify="left", box=None
    )
    for heading in ("metric", "latest", "as it went"):
        table.add_column(heading)
    for key, value in metrics.items():
        table.add_row(key, f"{value:.6g}", spark(seen[key]))
    return table


def _print(states: Iterator[Run], metrics: tuple[str, ...], *, as_json: bool) -> str:
    shown: dict[str, float] = {}
    status = ""
    for run in states:
        new = {
            key: value
            for key, value in _wanted(run, metrics).items()
            if key not in shown or shown[key] != value
        }
        shown |= new
        moved, status = run.info.status.value != status, run.info.status.value
        if not (new or moved):
            continue
        if as_json:
            click.echo(json_text({"run_id": run.info.run_id, "status": status, "metrics": new}))
        else:
            values = "".join(f"  {key}={value:.6g}" for key, value in new.items())
            click.echo(f"{status}{values}")
    return status


def _wanted(run: Run, metrics: tuple[str, ...]) -> dict[str, float]:
    return {key: value for key, value in sorted(run.data.metrics.items()) if not metrics or key in metrics}
