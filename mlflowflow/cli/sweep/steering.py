"""``mlff sweep stop | extend``: what is asked of a sweep, wherever it runs.

A request is an entry in the store, so it reaches a coordinator on any machine. The commands wait a
moment to say whether it was followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from mlflowflow.cli.context import json_option, settings_for, store_option
from mlflowflow.cli.launching import cluster_option
from mlflowflow.cli.render import print_json
from mlflowflow.cli.sweep import words
from mlflowflow.cli.sweep.amounts import Amount, amount_options, fields_of
from mlflowflow.cli.sweep.find import FoundSweep, open_sweep, sweep_argument
from mlflowflow.cli.sweep.running import go_on
from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidInput, InvalidState
from mlflowflow.ids import RandomIds
from mlflowflow.sweeps.entry import Ending
from mlflowflow.sweeps.standing import Limit, limits_of, standing
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.requests import Request

#: How long an answer is waited for; a coordinator looks every second.
_PATIENCE_S: Final = 10.0
_LOOK_S: Final = 0.25
#: Endings that more budget would not undo.
_BY_RESULTS: Final = frozenset({Ending.TARGET, Ending.NO_IMPROVEMENT, Ending.EXHAUSTED})


@click.command("stop")
@sweep_argument
@click.option("--now", is_flag=True, help="Also end the trials that run, instead of letting them finish.")
@store_option
@json_option
def stop(*, run: str, now: bool, store: str | None, as_json: bool) -> None:
    """Let a sweep start no more trials, wherever it runs.

    Trials that run are finished first; with --now they are cut off, and run again if the sweep is
    resumed. A sweep that nobody runs is left as it is.

    \b
      mlff sweep stop 0192f0
      mlff sweep stop 0192f0 --now
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.sweeps.requests import Stop

    with open_sweep(store, run) as found:
        if found.holder() is None:
            _say(
                found,
                f"Nobody runs the sweep '{found.run_id}' now, so there is nothing to stop.",
                as_json=as_json,
            )
            return
        history = _sent(found, Stop(now=now, by=settings_for(store).user), clock=SystemClock())
    if history is None:
        said = f"It was asked to stop and has not answered within {words.span(_PATIENCE_S)}."
    elif left := history.count(TrialState.RUNNING):
        said = f"It starts no more trials; {left} {'is' if left == 1 else 'are'} still running."
    else:
        said = "It has stopped."
    go = f" 'mlff sweep resume {found.run_id}' goes on with it."
    _say(found, said + go, as_json=as_json, followed=history is not None)


@click.command("extend")
@sweep_argument
@amount_options(
    {
        Limit.TRIALS: "Trials in all, or +20 for twenty more.",
        Limit.WALL: "Time in all, or +1h for an hour more.",
        Limit.COST: "Money in all, or +2.50 for so much more.",
        Limit.FAILED_TRIALS: "Failures that are borne in all, or +5 for five more.",
    }
)
@click.option("--resume", "at_once", is_flag=True, help="Go on with the sweep here, if nobody runs it.")
@cluster_option
@store_option
@json_option
def extend(
    *,
    run: str,
    at_once: bool,
    cluster: str | None,
    store: str | None,
    as_json: bool,
    **amounts: Amount | None,
) -> None:
    """Give a sweep a larger budget.

    A number is the new total, one with a plus sign is added to the present one. A sweep that runs
    goes on with it within seconds; one that has finished is opened again.

    \b
      mlff sweep extend 0192f0 --trials +20
      mlff sweep extend 0192f0 --trials 100 --wall 4h --resume --cluster local:8
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.sweeps.requests import Extend

    wanted = {Limit(name): each for name, each in amounts.items() if each is not None}
    if not wanted:
        raise click.UsageError("Say what it may use: --trials, --wall, --cost or --failed-trials.")
    with open_sweep(store, run) as found:
        totals = larger(found.history, wanted, present=_present(found))
        request = Extend(**fields_of(totals), by=settings_for(store).user)
        is_held = found.holder() is not None
        history = _sent(found, request, clock=SystemClock(), waits=is_held)
    now = ", ".join(words.allowance(name, total) for name, total in totals.items())
    said = f"The sweep '{found.run_id}' may use {now} in all."
    if at_once and not is_held:
        if not as_json:
            click.echo(said)
        go_on(found.run_id, cluster=cluster, store=store, as_json=as_json)
        return
    if not is_held:
        said = f"{said} Nobody runs it now; 'mlff sweep resume {found.run_id}' goes on with it."
    elif history is None:
        said = f"{said} The process that runs it has not answered within {words.span(_PATIENCE_S)}."
    _say(found, said, as_json=as_json, followed=history is not None)


def larger(
    history: SweepHistory, wanted: Mapping[Limit, Amount], *, present: Mapping[Limit, float | None]
) -> dict[Limit, float]:
    """Return the new totals.

    Raises:
        InvalidInput: one is no larger than the `present` limit, or there is none.
        InvalidState: the sweep ended because of its results, which a budget does not change.
    """
    if history.ended is not None and history.ended.why in _BY_RESULTS:
        raise InvalidState(
            f"The sweep '{history.run_id}' has ended because {history.ended.sentence}; a larger budget does not change "
            "that. Start a new sweep, which can begin with what this one found ('start_from')."
        )
    totals: dict[Limit, float] = {}
    for name, amount in wanted.items():
        limit = present[name]
        if limit is None:
            raise InvalidInput(
                f"The sweep '{history.run_id}' has no limit of {words.limit_name(name)}, so there is nothing to extend."
            )
        total = amount.after(limit)
        if total <= limit:
            more = words.amount(name, total).replace(" ", "")
            raise InvalidInput(
                f"The sweep '{history.run_id}' may use {words.allowance(name, limit)} in all already; give more than "
                f"that, or +{more} for so much more."
            )
        totals[name] = total
    return totals


def _present(found: FoundSweep) -> dict[Limit, float | None]:
    """Return the limits as they are, requests included that nobody has followed yet."""
    from mlflowflow.sweeps.requests import Extend, Requests

    limits = {each.name: each.limit for each in standing(found.history).uses}
    for request in Requests(found.tracker.store, found.run_id).after(found.history.requests):
        if isinstance(request, Extend):
            limits |= {name: limit for name, limit in limits_of(request).items() if limit is not None}
    return limits


def _sent(found: FoundSweep, request: Request, *, clock: Clock, waits: bool = True) -> SweepHistory | None:
    """Send `request` and return the sweep as it is once it was followed, or None if it was not in time."""
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.log import SweepLog
    from mlflowflow.sweeps.requests import Requests

    store = found.tracker.store
    number = Requests(store, found.run_id).send(request, ids=RandomIds())
    log, history = SweepLog(store, found.run_id), SweepHistory(found.run_id)
    until = clock.monotonic_s() + (_PATIENCE_S if waits else 0.0)
    while True:
        for batch in log.read():
            history.add(batch)
        if history.requests > number:
            return history
        if clock.monotonic_s() >= until:
            return None
        clock.sleep(_LOOK_S)


def _say(found: FoundSweep, sentence: str, *, as_json: bool, followed: bool = False) -> None:
    if as_json:
        print_json({"run_id": found.run_id, "followed": followed, "sentence": sentence})
    else:
        click.echo(sentence)
