"""What a running project looks like: a live table in a terminal, one line per fact in a pipe."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, TypeAlias

import click
from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from mlflowflow.cli.sweep.lines import SweepLines
from mlflowflow.cli.sweep.picture import picture
from mlflowflow.clock import SystemClock
from mlflowflow.orchestration.progress import Progress, Started, StepEnded, StepStarted, StepState, SweepMoved

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import RenderableType

    from mlflowflow.clock import Clock
    from mlflowflow.sweeps.history import SweepHistory

_MARKS: Final = {
    StepState.COMPLETED: ("✓", "green"),
    StepState.REUSED: ("↺", "cyan"),
    StepState.SKIPPED: ("-", "dim"),
    StepState.FAILED: ("✗", "red"),
}


@dataclass(slots=True, kw_only=True)
class _Row:
    """One step on the screen."""

    step: str
    run_id: str = ""
    state: StepState | None = None
    text: str = ""
    seconds: float = 0.0
    sweep: SweepHistory | None = None


class TerminalView:
    """Draw the steps as a table that changes in place, on standard error."""

    def __init__(self, console: Console, *, clock: Clock | None = None) -> None:
        """Draw on `console`."""
        self._clock = clock or SystemClock()
        self._rows: dict[str, _Row] = {}
        self._stage = "starting"
        self._live = Live(console=console, refresh_per_second=5, get_renderable=self._render)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Draw once more and leave the table on the screen."""
        self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Take one fact; it shows at the next refresh."""
        match progress:
            case Started(what=what):
                self._stage = what
            case StepStarted(step=step, run_id=run_id):
                self._rows[step] = _Row(step=step, run_id=run_id)
            case SweepMoved(step=step, turn=turn):
                # no more than that: trials may end by the hundred between two pictures
                self._rows.setdefault(step, _Row(step=step)).sweep = turn.history
            case StepEnded(step=step, state=state, seconds=seconds, sentence=sentence):
                row = self._rows.setdefault(step, _Row(step=step))
                row.state, row.seconds, row.text = state, seconds, sentence or row.text

    def _render(self) -> Group:
        table = Table.grid(padding=(0, 1))
        for row in self._rows.values():
            mark, style = _MARKS[row.state] if row.state else ("", "")
            first = Text(mark, style=style) if row.state else Spinner("dots")
            took = f"{row.seconds:.1f} s" if row.state and row.state is not StepState.SKIPPED else ""
            table.add_row(first, Text(row.step, style="bold"), Text(took, style="dim"), self._said(row))
        return Group(Text(self._stage, style="dim"), table)

    def _said(self, row: _Row) -> RenderableType:
        """Return what stands beside a step: the sweep as it goes, and in the end the last word."""
        if row.sweep is None or (row.state and row.text):
            return Text(row.text)
        return picture(row.sweep, now_us=None if row.state else self._clock.now_us())


class LineView:
    """Print one line per fact, for logs and pipes; of a sweep what is worth one, and now and then that it lives."""

    def __init__(self, *, clock: Clock | None = None, look_s: float = 1.0) -> None:
        """Have said nothing yet; look every `look_s` seconds whether a sweep has been silent for too long."""
        self._clock = clock or SystemClock()
        self._look_s = look_s
        self._sweeps: dict[str, tuple[SweepLines, SweepHistory]] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._looking: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._over.set()
        if self._looking is not None:
            self._looking.join()

    def __call__(self, progress: Progress) -> None:
        """Print what there is to say."""
        with self._lock:
            match progress:
                case Started(what=what):
                    _say(f"· {what}")
                case StepStarted(step=step, run_id=run_id):
                    _say(f"▸ {step}: run {run_id}")
                case SweepMoved(step=step, turn=turn):
                    self._follow(step, turn.history)
                case StepEnded(step=step, state=state, seconds=seconds, sentence=sentence):
                    self._sweeps.pop(step, None)
                    said = f": {sentence}" if sentence else ""
                    _say(f"{_MARKS[state][0]} {step} {state.lower()} in {seconds:.1f} s{said}")

    def _follow(self, step: str, history: SweepHistory) -> None:
        lines, _ = self._sweeps.get(step) or (SweepLines(clock=self._clock), history)
        self._sweeps[step] = (lines, history)
        self._talk(step)
        if self._looking is None:
            self._looking = threading.Thread(target=self._look, name="mlff-lines", daemon=True)
            self._looking.start()

    def _talk(self, step: str) -> None:
        lines, history = self._sweeps[step]
        for line in lines(history, now_us=self._clock.now_us()):
            _say(f"  {step}: {line}")

    def _look(self) -> None:
        """Let sweeps whose trials take long say that they live."""
        while not self._over.wait(self._look_s):
            with self._lock:
                for step in self._sweeps:
                    self._talk(step)


def _say(line: str) -> None:
    click.echo(line, err=True)


class SilentView(LineView):
    """Say nothing, for machines that read the summary."""

    def __call__(self, progress: Progress) -> None:
        """Do nothing."""


View: TypeAlias = TerminalView | LineView


def choose_view(*, as_json: bool) -> View:
    """Return the view that fits where standard error goes."""
    if as_json:
        return SilentView()
    console = Console(stderr=True)
    return TerminalView(console) if console.is_terminal else LineView()
