"""``mlff sweep best``: the winner, ready to be used."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import json_option, store_option
from mlflowflow.cli.render import print_json
from mlflowflow.cli.sweep import words
from mlflowflow.cli.sweep.find import open_sweep, sweep_argument
from mlflowflow.cli.sweep.status import trial_json
from mlflowflow.errors import InvalidState, NotFound
from mlflowflow.projects.value import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.tracking.tracker import Tracker


@click.command("best")
@sweep_argument
@click.option("--params", "only_params", is_flag=True, help="Print only -P KEY=VALUE for each parameter.")
@store_option
@json_option
def best(*, run: str, only_params: bool, store: str | None, as_json: bool) -> None:
    """Print the best trial of a sweep, while it runs and after.

    \b
      mlff sweep best 0192f0
      mlff run PROJECT -e train $(mlff sweep best 0192f0 --params)
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.orchestration.source import DIGEST_TAG

    with open_sweep(store, run) as found:
        history, winner = found.history, found.history.best
        model = None if winner is None else _model(found.tracker, winner.run_id)
        own = found.run()
        is_project = own is not None and DIGEST_TAG in own.data.tags
    if winner is None:
        raise InvalidState(
            f"The sweep '{history.run_id}' has no complete trial yet, so there is no best one. "
            f"'mlff sweep status {history.run_id}' shows how it stands."
        )
    params = {**history.opened.params, **winner.params}
    if as_json:
        print_json({**trial_json(history, winner), "params": params, "sampled": dict(winner.params)})
    elif only_params:
        click.echo(given(params))
    else:
        at = f" --store {store}" if store else ""
        click.echo("\n".join(_lines(history, params)))
        again = f"mlff run PROJECT -e {history.sweep.entry_point} {given(params)}"
        click.echo(again if is_project else called(history.sweep.entry_point, params))
        click.echo(f"mlff runs show {winner.run_id}{at}")
        if model is not None:
            click.echo(f"mlff models register {model} NAME{at}")


def _model(tracker: Tracker, run_id: str) -> str | None:
    """Return the address of the model that a run logged last, or None."""
    try:
        logged = tracker.get_run(run_id).outputs.model_outputs
    except NotFound:
        return None
    return f"models:/{logged[-1].model_id}" if logged else None


def given(params: Mapping[str, Scalar]) -> str:
    """Write parameters as options of ``mlff run``, safe to be pasted into a shell.

    >>> given({"C": 12.5, "note": "a b"})
    "-P C=12.5 -P 'note=a b'"
    """
    return " ".join(f"-P {shlex.quote(f'{name}={as_text(value)}')}" for name, value in params.items())


def called(function: str, params: Mapping[str, Scalar]) -> str:
    """Write the call of a sweep's `function` (``module:name#digest``) with parameters, as Python reads it.

    >>> called("work:train#27e238bc4855", {"C": 12.5, "model": "tree"})
    "train(C=12.5, model='tree')"
    """
    name = function.partition("#")[0].rpartition(":")[2]
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in params.items())})"


def _lines(history: SweepHistory, params: Mapping[str, Any]) -> list[str]:
    winner, sweep = history.best, history.sweep
    assert winner is not None
    width = max(map(len, [*params, *(each.metric for each in sweep.objectives)]))
    among = len(history.trials)
    return [
        f"Trial {winner.number} is the best of {among} {'trial' if among == 1 else 'trials'} of sweep {sweep.name}.",
        f"run {winner.run_id}",
        "",
        *(f"  {key:<{width}}  {value:.6g}" for key, value in words.values(sweep, winner).items()),
        "",
        *(f"  {key:<{width}}  {as_text(value)}" for key, value in params.items()),
        "",
    ]
