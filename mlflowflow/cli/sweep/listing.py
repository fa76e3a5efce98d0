"""``mlff sweep list``: the sweeps of a store, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.complete import SWEEPS, experiment_names
from mlflowflow.cli.context import open_tracker, store_option
from mlflowflow.cli.output import Form, Output, output_options
from mlflowflow.cli.render import print_table
from mlflowflow.cli.runs.select import experiment_ids
from mlflowflow.cli.sweep import words
from mlflowflow.clock import iso
from mlflowflow.errors import CorruptData, NotFound

if TYPE_CHECKING:
    from mlflowflow.tracking.tracker import Tracker

_COLUMNS = ("run_id", "name", "state", "begun_us", "trials", "limit", "failed", "cost", "best_trial", "best")


@click.command("list")
@click.option(
    "--experiment",
    metavar="NAME",
    shell_complete=experiment_names,
    help="Only this experiment.  [default: all]",
)
@click.option("--max", "limit", default=20, show_default=True, help="How many.")
@store_option
@output_options
def list_sweeps(*, experiment: str | None, limit: int, store: str | None, output: Output) -> None:
    """List sweeps, the newest first.

    \b
      mlff sweep list
      mlff sweep list --experiment digits --json
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    with open_tracker(store, owns_runs=False) as tracker:
        runs = tracker.search_runs(
            experiment_ids(tracker, experiment), filter_string=SWEEPS, max_results=limit
        )
        rows = [row for run in runs for row in _rows(tracker, run.info.run_id)]
    if output.form is not Form.TABLE:
        output.write({name: [row[name] for row in rows] for name in _COLUMNS})
        return
    print_table(
        ("run", "sweep", "state", "begun", "trials", "failed", "best"),
        [_cells(row) for row in rows],
        empty="There are no sweeps. 'mlff sweep run PROJECT -e NAME' makes one.",
    )


def _rows(tracker: Tracker, run_id: str) -> list[dict[str, Any]]:
    """Return the row of a sweep, nothing for one that died before its log began; a damaged one hides no other."""
    from mlflowflow.ids import RandomIds
    from mlflowflow.sweeps.holder import living_holder
    from mlflowflow.sweeps.log import read_history
    from mlflowflow.sweeps.standing import Limit, standing
    from mlflowflow.sweeps.trial import TrialState

    try:
        history = read_history(tracker.store, run_id)
    except NotFound:
        return []
    except CorruptData:
        return [{**dict.fromkeys(_COLUMNS), "run_id": run_id, "state": "DAMAGED"}]
    is_held = not history.is_closed and living_holder(tracker.store, run_id, ids=RandomIds()) is not None
    found, best = standing(history), history.best
    return [
        {
            "run_id": run_id,
            "name": history.sweep.name,
            "state": words.phase_of(history, is_held=is_held).value,
            "begun_us": history.opened_us,
            "trials": found.ended,
            "limit": found.use(Limit.TRIALS).limit,
            "failed": found.counts[TrialState.FAILED],
            "cost": history.cost,
            "best_trial": None if best is None else best.number,
            "best": "" if best is None else words.results(history.sweep, best),
        }
    ]


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    if row["state"] == "DAMAGED":
        return (row["run_id"], "-", "DAMAGED", "-", "-", "-", "'mlff store fsck' says what is wrong")
    of_all = "" if row["limit"] is None else f" of {row['limit']}"
    best = "-" if row["best_trial"] is None else f"{row['best']} in trial {row['best_trial']}"
    return (
        row["run_id"],
        row["name"],
        row["state"],
        iso(row["begun_us"]),
        f"{row['trials']}{of_all}",
        str(row["failed"]),
        best,
    )
