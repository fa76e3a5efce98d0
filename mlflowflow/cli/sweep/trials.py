"""``mlff sweep trials``: a sweep's trials as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from mlflowflow.cli.context import store_option
from mlflowflow.cli.output import Form, Output, output_options
from mlflowflow.cli.render import print_table
from mlflowflow.cli.sweep import words
from mlflowflow.cli.sweep.find import open_sweep, sweep_argument
from mlflowflow.cli.sweep.lines import reason
from mlflowflow.errors import InvalidInput
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

_PLAIN: Final = ("number", "attempts", "seconds", "cost")
_ERROR_WIDTH: Final = 60


@click.command("trials")
@sweep_argument
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in TrialState], case_sensitive=False),
    help="Only trials in this state; may be repeated.",
)
@click.option(
    "--sort",
    default="number",
    show_default=True,
    metavar="KEY",
    help="number, attempts, seconds, cost, an objective (the best first) or a parameter.",
)
@click.option("--max", "limit", type=click.IntRange(min=1), help="How many.  [default: all]")
@store_option
@output_options
def trials(
    *, run: str, states: tuple[str, ...], sort: str, limit: int | None, store: str | None, output: Output
) -> None:
    """List the trials of a sweep.

    \b
      mlff sweep trials 0192f0 --sort val_loss --max 5
      mlff sweep trials 0192f0 --state failed
      mlff sweep trials 0192f0 --parquet trials.parquet
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    with open_sweep(store, run) as found:
        history = found.history
    wanted = {TrialState(each) for each in states}
    chosen = [each for each in history.trials if not wanted or each.state in wanted]
    rows = ordered(history.sweep, chosen, sort)[:limit]
    if output.form is not Form.TABLE:
        output.write(columns(history, rows))
        return
    params = [each.name for each in history.sweep.space]
    metrics = [each.metric for each in history.sweep.objectives]
    print_table(
        ("trial", "state", *metrics, *params, "attempts", "took", "cost", ""),
        [_cells(history, each, metrics=metrics, params=params) for each in rows],
        empty="There are no such trials.",
    )


def ordered(sweep: SweepSpec, found: Sequence[TrialRecord], key: str) -> list[TrialRecord]:
    """Return the trials in the order that `key` names; those without it come last.

    Raises `InvalidInput` for an unknown key.
    """
    from mlflowflow.gates.policy import Goal

    goals = {each.metric: each.goal for each in sweep.objectives}
    params = [each.name for each in sweep.space]
    if key not in {*_PLAIN, *goals, *params}:
        raise InvalidInput(
            f"Trials cannot be sorted by '{key}'; expected one of {', '.join((*_PLAIN, *goals, *params))}."
        )

    def place(trial: TrialRecord) -> tuple[bool, float, str, int]:
        value = _value(sweep, trial, key)
        sign = -1.0 if goals.get(key) is Goal.MAXIMIZE else 1.0
        is_number = isinstance(value, int | float)
        return (
            value is None,
            sign * float(value) if is_number else 0.0,
            "" if is_number else str(value),
            trial.number,
        )

    return sorted(found, key=place)


def _value(sweep: SweepSpec, trial: TrialRecord, key: str) -> Any:
    match key:
        case "number":
            return trial.number
        case "attempts":
            return len(trial.attempts)
        case "seconds":
            return trial.seconds
        case "cost":
            return trial.cost
        case _:
            return words.values(sweep, trial).get(key, trial.params.get(key))


def columns(history: SweepHistory, rows: Sequence[TrialRecord]) -> dict[str, list[Any]]:
    """Return trials as columns, as tables of runs have them: ``params.C``, ``metrics.loss``."""
    sweep = history.sweep
    found: dict[str, list[Any]] = {
        "trial": [each.number for each in rows],
        "run_id": [each.run_id for each in rows],
        "state": [each.state.value for each in rows],
        "origin": [each.origin.value for each in rows],
        "same_as": [each.same_as for each in rows],
        "asked_us": [each.asked_us for each in rows],
        "ended_us": [each.ended_us for each in rows],
        "attempts": [len(each.attempts) for each in rows],
        "seconds": [each.seconds for each in rows],
        "cost": [each.cost for each in rows],
        "prune_step": [each.prune_step for each in rows],
        "error": [_error(each) or None for each in rows],
    }
    for objective in sweep.objectives:
        key = objective.metric
        found[f"metrics.{key}"] = [words.values(sweep, each).get(key) for each in rows]
    for at, constraint in enumerate(sweep.constraints):
        found[f"excess.{constraint.metric}"] = [
            each.excesses[at] if at < len(each.excesses) else None for each in rows
        ]
    for dimension in sweep.space:
        found[f"params.{dimension.name}"] = _of_one_type([each.params.get(dimension.name) for each in rows])
    return found


def _of_one_type(values: list[Any]) -> list[Any]:
    """Return values as they are, or as text if a choice mixes kinds that no column can hold."""
    kinds = {type(each) for each in values if each is not None}
    return values if len(kinds) <= 1 else [None if each is None else str(each) for each in values]


def _cells(
    history: SweepHistory, trial: TrialRecord, *, metrics: Sequence[str], params: Sequence[str]
) -> tuple[str, ...]:
    own = words.values(history.sweep, trial)
    shown = [words.scalar(trial.params[name]) if name in trial.params else "-" for name in params]
    return (
        str(trial.number),
        trial.state.value,
        *(words.number(own[metric]) if metric in own else "-" for metric in metrics),
        *shown,
        str(len(trial.attempts)),
        words.span(trial.seconds),
        f"{trial.cost:.4g}" if trial.cost else "-",
        _remark(trial),
    )


def _remark(trial: TrialRecord) -> str:
    if trial.same_as is not None:
        return f"as trial {trial.same_as}"
    if trial.state is TrialState.PRUNED and trial.prune_step is not None:
        return f"at step {trial.prune_step}"
    said = _error(trial)
    return said if len(said) <= _ERROR_WIDTH else f"{said[: _ERROR_WIDTH - 1]}…"


def _error(trial: TrialRecord) -> str:
    is_bad = trial.state is TrialState.FAILED or any(each.error for each in trial.attempts)
    return reason(trial) if is_bad else ""
