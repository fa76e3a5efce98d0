"""A sweep on a terminal: a few lines that change in place, whatever the number of trials.

Drawing looks at a bounded part of the history, so it may happen several times a second beside a
coordinator that ends hundreds of trials in that time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from mlflowflow.cli.sweep import words
from mlflowflow.sweeps.standing import Limit, Standing, latest_error, running, standing

if TYPE_CHECKING:
    from rich.console import RenderableType

    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

#: So many running trials get a line.
_SHOWN: Final = 8
_BAR: Final = 20
_STYLES: Final = {"best": "bold", "error": "red"}


def picture(history: SweepHistory, *, now_us: int | None) -> Group:
    """Draw the sweep as it stands at `now_us`, or, if it does not run, when it was last written."""
    found = standing(history, now_us=now_us)
    parts: list[RenderableType] = [Text(f"{bar(found.share)} {words.used(found.use(Limit.TRIALS))}")]
    facts = Table.grid(padding=(0, 1))
    facts.add_column(style="dim")
    facts.add_column(overflow="ellipsis", no_wrap=True)
    for name, text in _facts(history, found, is_held=now_us is not None):
        facts.add_row(name, Text(text, style=_STYLES.get(name, "")))
    parts.append(facts)
    under_way = running(history)
    if under_way and now_us is not None:
        parts.append(_trials(history, under_way, now_us))
    return Group(*parts)


def bar(share: float) -> str:
    """Draw a share from 0 to 1.

    >>> bar(0.25)
    '█████░░░░░░░░░░░░░░░'
    """
    filled = round(_BAR * share)
    return "█" * filled + "░" * (_BAR - filled)


def _facts(history: SweepHistory, found: Standing, *, is_held: bool) -> list[tuple[str, str]]:
    best = history.best
    error = latest_error(history)
    uses = [words.used(each) for each in found.uses if each.name is not Limit.TRIALS and words.is_told(each)]
    facts = [
        ("trials", words.counts(found, is_held=is_held) if found.asked else ""),
        ("best", "" if best is None else f"{words.best_so_far(history)} ({words.chosen(best.params)})"),
        ("front", f"{len(history.front)} trials" if best and len(history.sweep.objectives) > 1 else ""),
        ("used", ", ".join(uses)),
        ("pace", words.ahead(found)),
        ("ends", "" if history.ended is None else history.ended.sentence),
        ("error", "" if error is None else f"trial {error[0]}: {error[1]}"),
    ]
    return [(name, text) for name, text in facts if text]


def _trials(history: SweepHistory, under_way: list[TrialRecord], now_us: int) -> Table:
    pruned = history.sweep.pruned_objective
    table = Table.grid(padding=(0, 1))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(overflow="ellipsis", no_wrap=True, style="dim")
    for trial in under_way[:_SHOWN]:
        table.add_row(*_trial(trial, metric="" if pruned is None else pruned.metric, now_us=now_us))
    if len(under_way) > _SHOWN:
        table.add_row(f"and {len(under_way) - _SHOWN} more", "", "", "")
    return table


def _trial(trial: TrialRecord, *, metric: str, now_us: int) -> tuple[str, str, str, str]:
    attempt = trial.attempts[-1] if trial.attempts else None  # it may end while it is drawn
    again = f", attempt {attempt.number}" if attempt is not None and attempt.number > 1 else ""
    since = "" if attempt is None else words.span(max(0.0, (now_us - attempt.started_us) / 1e6))
    step, value = trial.points[-1] if trial.points else (None, 0.0)
    said = "" if step is None else f"{metric} {words.number(value)} at step {step}"
    if trial.prune_step is not None:
        said = f"{said}, pruned"
    return (f"▸ trial {trial.number}{again}", since, said, words.chosen(trial.params))
