"""``mlff sweep status``: how a sweep stands, once or until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from mlflowflow.cli.context import json_option, store_option
from mlflowflow.cli.render import print_json
from mlflowflow.cli.sweep import words
from mlflowflow.cli.sweep.find import FoundSweep, open_sweep, sweep_argument
from mlflowflow.clock import SystemClock, iso
from mlflowflow.sweeps.standing import Limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from mlflowflow.clock import Clock
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord
    from mlflowflow.sweeps.holder import Holder
    from mlflowflow.sweeps.standing import ErrorGroup, Standing

#: So many kinds of errors, and so many trials of the front, are shown to people.
_SHOWN: Final = 10
_EVERY_S: Final = 1.0
_OVER: Final = frozenset({words.Phase.STOPPED, words.Phase.INTERRUPTED, words.Phase.FINISHED})


@click.command("status")
@sweep_argument
@click.option("--watch", is_flag=True, help="Go on until the sweep ends.")
@store_option
@json_option
def status(*, run: str, watch: bool, store: str | None, as_json: bool) -> int:
    """Show how a sweep stands.

    That is its trials by state, the best of them, what is used of its budget, who coordinates it, how
    fast it goes, and what went wrong. It is read from the store alone, on any machine.

    With --watch the exit code is 0 if the sweep finished, 1 if it was interrupted or stopped; Ctrl-C
    stops watching, the sweep goes on.

    \b
      mlff sweep status 0192f0
      mlff sweep status 0192f0 --watch
      mlff sweep status 0192f0 --json
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    if watch and as_json:
        raise click.UsageError("--watch is for people; ask for --json as often as you like.")
    with open_sweep(store, run) as found:
        clock = SystemClock()
        if watch:
            return 0 if _watched(found, clock) is words.Phase.FINISHED else 1
        holder = found.holder()
        if as_json:
            print_json(status_json(found.history, holder, now_us=clock.now_us()))
        else:
            click.echo("\n".join(status_lines(found.history, holder, now_us=clock.now_us(), store=store)))
    return 0


# ---- for machines ------------------------------------------------------------------------------------------


def status_json(history: SweepHistory, holder: Holder | None, *, now_us: int) -> dict[str, Any]:
    """Return how the sweep stands as JSON values; times in microseconds, durations in seconds."""
    from mlflowflow.sweeps.ledger import total
    from mlflowflow.sweeps.standing import error_groups, running, standing

    sweep, spent = history.sweep, total(history)
    found = standing(history, now_us=now_us if holder else None)
    best = history.best
    return {
        "run_id": history.run_id,
        "name": sweep.name,
        "state": words.phase_of(history, is_held=holder is not None).value,
        "digest": sweep.digest,
        "begun_us": history.opened_us,
        "changed_us": history.changed_us,
        "holder": None if holder is None else {"host": holder.host, "pid": holder.pid},
        "ended": None if history.ended is None else _ended_json(history),
        "trials": {state.value.lower(): count for state, count in found.counts.items()},
        "budget": {
            each.name.value: {"used": each.used, "limit": each.limit, "left": each.left}
            for each in found.uses
        },
        "ledger": {
            "attempts": spent.attempts,
            "seconds": spent.seconds,
            "cost": spent.cost,
            "wasted": spent.wasted,
        },
        "pace_per_s": found.pace,
        "rest_s": found.rest_s if holder else None,
        "best": None if best is None else trial_json(history, best),
        "front": [each.number for each in history.front] if len(sweep.objectives) > 1 else [],
        "running": [each.number for each in running(history)],
        "errors": [_error_json(each) for each in error_groups(history)],
    }


def trial_json(history: SweepHistory, trial: TrialRecord) -> dict[str, Any]:
    """Return one trial as JSON values."""
    return {
        "trial": trial.number,
        "run_id": trial.run_id,
        "state": trial.state.value,
        "values": words.values(history.sweep, trial),
        "params": dict(trial.params),
    }


def _ended_json(history: SweepHistory) -> dict[str, str]:
    assert history.ended is not None
    return {"why": history.ended.why.value, "sentence": history.ended.sentence}


def _error_json(group: ErrorGroup) -> dict[str, Any]:
    return {
        "outcome": group.outcome.value,
        "sentence": group.sentence,
        "attempts": group.attempts,
        "trials": list(group.trials),
        "latest_us": group.latest_us,
    }


# ---- for people --------------------------------------------------------------------------------------------


def status_lines(
    history: SweepHistory, holder: Holder | None, *, now_us: int, store: str | None
) -> list[str]:
    """Return how the sweep stands as lines of text."""
    from mlflowflow.sweeps.standing import standing

    phase = words.phase_of(history, is_held=holder is not None)
    found = standing(history, now_us=now_us if holder else None)
    return [
        *_head(history, holder, phase=phase, now_us=now_us),
        "",
        *_numbers(found, is_held=holder is not None),
        *_spent(history),
        *_best(history),
        *_front(history),
        *_errors(history),
        "",
        *_next(history, phase, at=f" --store {store}" if store else ""),
    ]


def _head(history: SweepHistory, holder: Holder | None, *, phase: words.Phase, now_us: int) -> Iterator[str]:
    sweep = history.sweep
    ended = "" if history.ended is None else f": {history.ended.sentence}"
    yield f"Sweep {sweep.name}  {phase}{ended}"
    yield f"run {history.run_id}, spec {sweep.digest[:12]}"
    pruner = "" if sweep.pruner.name == "none" else f", pruner {sweep.pruner.name}"
    yield f"{words.aims(sweep)} over {', '.join(each.name for each in sweep.space)}; {sweep.sampler.name}{pruner}"
    silent = words.span(max(0.0, (now_us - history.changed_us) / 1e6))
    by = (
        f"coordinated by process {holder.pid} on '{holder.host}'"
        if holder
        else "coordinated by nobody at the moment"
    )
    yield f"begun {iso(history.opened_us)}, last written {silent} ago, {by}"


def _numbers(found: Standing, *, is_held: bool) -> Iterator[str]:
    yield f"trials     {words.counts(found, is_held=is_held)}"
    for each in found.uses:
        if words.is_told(each):
            left = "" if each.left is None else f", {words.amount(each.name, each.left)} left"
            yield f"budget     {words.used(each)}{left}"
    if is_held and words.ahead(found):
        yield f"pace       {words.ahead(found)}"


def _spent(history: SweepHistory) -> Iterator[str]:
    """Say how long workers were busy, and what of it was in vain."""
    from mlflowflow.sweeps.ledger import total

    spent = total(history)
    if not spent.attempts:
        return
    vain = f", {words.amount(Limit.COST, spent.wasted)} of the cost in vain" if spent.wasted else ""
    yield f"spent      {words.span(spent.seconds)} of workers' time in {words.attempts(spent.attempts)}{vain}"


def _best(history: SweepHistory) -> Iterator[str]:
    best = history.best
    if best is None:
        return
    yield f"best       {words.best_so_far(history)}, run {best.run_id}"
    yield f"           {words.chosen(best.params)}"


def _front(history: SweepHistory) -> Iterator[str]:
    if len(history.sweep.objectives) == 1 or not history.front:
        return
    yield "\nno other trial is better in everything than"
    shown = sorted(history.front, key=lambda each: each.values)
    for each in shown[:_SHOWN]:
        yield f"  trial {each.number:<5} {words.results(history.sweep, each)}  ({words.chosen(each.params)})"
    if len(shown) > _SHOWN:
        yield f"  and {len(shown) - _SHOWN} more"


def _errors(history: SweepHistory) -> Iterator[str]:
    from mlflowflow.sweeps.standing import error_groups

    groups = error_groups(history)
    if groups:
        yield "\nwhat went wrong, the latest first"
    for each in groups[:_SHOWN]:
        said = each.sentence or each.outcome.value.replace("_", " ")
        trials = ", ".join(map(str, each.trials[:3])) + (", …" if len(each.trials) > 3 else "")  # noqa: PLR2004 - enough to look at
        yield f"  {each.attempts}x  {said}  ({'trial' if len(each.trials) == 1 else 'trials'} {trials})"
    if len(groups) > _SHOWN:
        yield f"  and {len(groups) - _SHOWN} more kinds"


def _next(history: SweepHistory, phase: words.Phase, *, at: str) -> Iterator[str]:
    run = history.run_id
    match phase:
        case words.Phase.RUNNING | words.Phase.ENDING:
            yield f"mlff sweep status {run} --watch{at}"
            yield f"mlff sweep stop {run}{at}"
        case words.Phase.INTERRUPTED | words.Phase.STOPPED:
            yield f"mlff sweep resume {run}{at}"
        case words.Phase.FINISHED:
            yield f"mlff sweep best {run}{at}"
            yield f"mlff sweep plot {run}{at}"


# ---- as it goes on -----------------------------------------------------------------------------------------


def looks(found: FoundSweep, clock: Clock) -> Iterator[tuple[SweepHistory, Holder | None]]:
    """Yield the sweep's history and holder once a second, the last time when nothing more will happen.

    Only what is new is read. Who coordinates it is asked less often: it takes several requests.
    """
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.holder import BEAT_S
    from mlflowflow.sweeps.log import SweepLog

    log = SweepLog(found.tracker.store, found.run_id)
    history = SweepHistory(found.run_id)
    holder: Holder | None = None
    asked_s: float | None = None
    while True:
        now_s = clock.monotonic_s()
        if asked_s is None or now_s - asked_s >= BEAT_S:
            holder, asked_s = found.holder(), now_s  # first: what it wrote before it went is read then
        for batch in log.read():
            history.add(batch)
        yield history, holder
        if words.phase_of(history, is_held=holder is not None) in _OVER:
            return
        clock.sleep(_EVERY_S)


def _watched(found: FoundSweep, clock: Clock) -> words.Phase:
    from rich.console import Console

    console = Console()
    states = looks(found, clock)
    history, holder = _draw(console, states, clock) if console.is_terminal else _print(states, clock)
    return words.phase_of(history, is_held=holder is not None)


def _draw(
    console: Console, states: Iterator[tuple[SweepHistory, Holder | None]], clock: Clock
) -> tuple[SweepHistory, Holder | None]:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    from mlflowflow.cli.sweep.picture import picture

    last = None
    with Live(console=console, auto_refresh=False) as live:
        for history, holder in states:
            phase = words.phase_of(history, is_held=holder is not None)
            head = Text(f"{history.sweep.name}  {phase}", style="bold")
            live.update(
                Group(head, picture(history, now_us=clock.now_us() if holder else None)), refresh=True
            )
            last = (history, holder)
    assert last is not None
    return last


def _print(
    states: Iterator[tuple[SweepHistory, Holder | None]], clock: Clock
) -> tuple[SweepHistory, Holder | None]:
    from mlflowflow.cli.sweep.lines import SweepLines

    lines = SweepLines(clock=clock)
    last = None
    for history, holder in states:
        for line in lines(history, now_us=clock.now_us() if holder else None):
            click.echo(line)
        last = (history, holder)
    assert last is not None
    history, holder = last
    phase = words.phase_of(history, is_held=holder is not None)
    ended = "" if history.ended is None else f": {history.ended.sentence}"
    click.echo(f"{phase}{ended}")
    return last
