"""When each attempt ran, by worker, or side by side with those that ran at the same time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.plots.axis import Axis, Tick, linear
from mlflowflow.plots.palette import Tone
from mlflowflow.plots.picture import Box, Boxes, Curves, Note, Panel, Picture
from mlflowflow.sweeps.lanes import lane_names, lanes_of
from mlflowflow.sweeps.trial import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.plots.picture import Mark
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.lanes import Bar, Lanes

#: Seconds, and what to call them; a unit is taken if the whole is at least two of it.
_UNITS: Final = ((86_400.0, "days"), (3_600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))
#: A pause of at least so many seconds and so many times the time in which something ran is left out.
_LONG_S: Final = 60.0
_LONG: Final = 2.0
_WIDTH: Final = 9.0
_LETTER: Final = 0.075
_BAR: Final = 0.76
_ROW: Final = 0.26
_LEAST_ROW: Final = 0.09
_TALLEST: Final = 7.0
_REST: Final = 0.75
#: Beyond so many rows not each of them is named.
_NAMED: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How attempts that ended in one way are drawn; second and later attempts are striped."""

    word: str
    tone: Tone


_KINDS: Final[Mapping[Outcome | None, _Kind]] = MappingProxyType(
    {
        Outcome.COMPLETED: _Kind(word="completed", tone=Tone.BLUE),
        Outcome.PRUNED: _Kind(word="pruned", tone=Tone.PINK),
        Outcome.ERROR: _Kind(word="error", tone=Tone.RED),
        Outcome.TIMEOUT: _Kind(word="timeout", tone=Tone.ORANGE),
        Outcome.WORKER_LOST: _Kind(word="worker lost", tone=Tone.INK),
        Outcome.CANCELLED: _Kind(word="cut off", tone=Tone.LINE),
        None: _Kind(word="running", tone=Tone.SKY),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time in which nothing ran, long beside the time in which something did."""

    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end_s - self.start_s


def pauses_of(bars: Sequence[Bar]) -> tuple[Pause, ...]:
    """Return the pauses that would leave no room for what ran, such as the night before a sweep went on."""
    gaps: list[Pause] = []
    until = 0.0
    for bar in bars:
        if bar.start_s > until:
            gaps.append(Pause(start_s=until, end_s=bar.start_s))
        until = max(until, bar.end_s)
    busy = until - sum(gap.seconds for gap in gaps)
    return tuple(gap for gap in gaps if gap.seconds > max(_LONG_S, _LONG * busy))


def without(pauses: Sequence[Pause], moment_s: float) -> float:
    """Return when `moment_s` was on a clock that stood still in `pauses`.

    >>> without([Pause(start_s=10.0, end_s=50.0)], 60.0)
    20.0
    """
    return moment_s - sum(
        min(moment_s, each.end_s) - each.start_s for each in pauses if each.start_s < moment_s
    )


def timeline_picture(history: SweepHistory) -> Picture:
    """Show each attempt as a bar from its start to its end; attempts that repeat a trial are striped."""
    title, name = "When trials ran", "timeline"
    lanes = lanes_of(history)
    bars = lanes.bars
    if not bars:
        sentence = "No trial was started yet."
        return Picture(name=name, title=title, about=sentence, empty=sentence)
    pauses = pauses_of(bars)
    bars = tuple(
        replace(bar, start_s=without(pauses, bar.start_s), end_s=without(pauses, bar.end_s)) for bar in bars
    )
    last = max(1e-3, *(bar.end_s for bar in bars))
    length, unit = _unit(last)
    rows = len(lanes.workers)
    numbered = 2 * sum(_fits(bar, last) for bar in bars) >= len(bars)
    cuts = [without(pauses, each.start_s) / length for each in pauses]
    since = "since the sweep began, pauses left out" if pauses else "since the sweep began"
    marks = [*_cuts(pauses, cuts, rows), *_marks(bars, length, last / length, numbered=numbered)]
    return Picture(
        name=name,
        title=title,
        about=f"{len(bars)} attempts of {sum(bool(each.attempts) for each in history.trials)} trials, "
        f"{_side_by_side(lanes)}, over {last / length:.3g} {unit}.",
        panels=(
            Panel(
                x=linear(f"{unit} {since}", [0.0, last / length], count=8, margin=0.01),
                y=_rows(lanes),
                marks=tuple(marks),
                grid="x",
            ),
        ),
        panel_size=(_WIDTH, _REST + max(1.0, min(_TALLEST, rows * _ROW, max(rows * _LEAST_ROW, 3.5)))),
        notes=(
            *(["The number on a bar is that of the trial."] if numbered else []),
            *(
                ["Striped: the trial was attempted before."]
                if any(bar.attempt.number > 1 for bar in bars)
                else []
            ),
        ),
    )


def _side_by_side(lanes: Lanes) -> str:
    known = len({*lanes.workers} - {""})
    return f"on {known} worker{'s' * (known != 1)}" if known else f"up to {len(lanes.workers)} at once"


def _unit(seconds: float) -> tuple[float, str]:
    return next(((each, name) for each, name in _UNITS if seconds >= 2 * each), _UNITS[-1])


def _fits(bar: Bar, last_s: float) -> bool:
    """Whether the trial's number has room on its bar."""
    return (bar.end_s - bar.start_s) / last_s * _WIDTH > _LETTER * (len(str(bar.trial.number)) + 1)


def _cuts(pauses: Sequence[Pause], places: Sequence[float], rows: int) -> list[Mark]:
    """Draw where time was left out, and say how much."""
    marks: list[Mark] = []
    for pause, at in zip(pauses, places, strict=True):
        length, unit = _unit(pause.seconds)
        line = ((at, at), (-0.6, rows - 0.4))
        marks += [
            Curves(lines=(line,), tones=(Tone.MUTED,), width=1.0, dashes=(2.0, 2.0)),
            Note(x=at, y=-0.6, text=f"pause of {pause.seconds / length:.3g} {unit}", side="above"),
        ]
    return marks


def _rows(lanes: Lanes) -> Axis:
    count = len(lanes.workers)
    every = max(1, -(-count // _NAMED))
    names = lane_names(lanes.workers) if lanes.is_named else [str(row + 1) for row in range(count)]
    ticks = tuple(Tick(at=float(row), label=names[row]) for row in range(0, count, every))
    # the first row is on top
    return Axis(
        label="worker" if lanes.is_named else "attempts at once", low=count - 0.4, high=-0.6, ticks=ticks
    )


def _marks(bars: Sequence[Bar], length: float, end: float, *, numbered: bool) -> list[Mark]:
    thinnest = end * 0.0015  # what took no time can still be seen
    marks: list[Mark] = []
    for outcome, kind in _KINDS.items():
        for striped in (False, True):
            shown = [
                bar for bar in bars if bar.attempt.outcome is outcome and (bar.attempt.number > 1) is striped
            ]
            if not shown:
                continue
            marks.append(
                Boxes(
                    boxes=tuple(
                        Box(
                            left=bar.start_s / length,
                            bottom=bar.lane - _BAR / 2,
                            width=max(thinnest, (bar.end_s - bar.start_s) / length),
                            height=_BAR,
                            text=str(bar.trial.number) if numbered else "",
                        )
                        for bar in shown
                    ),
                    tone=kind.tone,
                    striped=striped,
                    label=kind.word,
                    titles=tuple(_title(bar, kind) for bar in shown),
                )
            )
    return marks


def _title(bar: Bar, kind: _Kind) -> str:
    first = bar.attempt.error.partition("\n")[0]
    where = f" on {bar.attempt.worker}" if bar.attempt.worker else ""
    return (
        f"Trial {bar.trial.number}, attempt {bar.attempt.number}: {kind.word} after "
        f"{bar.end_s - bar.start_s:.4g} s{where}{'. ' if first else ''}{first}"
    )
