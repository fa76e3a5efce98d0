"""``mlff store compact``, ``gc``, ``reap`` and ``recover``: what has to be done now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlflowflow.cli.context import json_option, open_tracker, store_option
from mlflowflow.cli.render import print_json, print_table, size_text
from mlflowflow.cli.store.place import fail_if, open_blobs, spool_of
from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.maintenance.chores import Chore
    from mlflowflow.tracking.writing.recovery import Recovery

_NO_EXPERIMENTS = "There are no experiments."


@click.command("compact")
@store_option
@json_option
def compact(store: str | None, as_json: bool) -> None:
    """Fold the small files that writers leave into sorted Parquet parts, for every experiment.

    \b
      mlff store compact

    Safe at any time, from any number of processes; nothing that was logged changes.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.maintenance.chores import compact_all

    clock = SystemClock()
    with open_tracker(store) as tracker:
        tracker.flush()
        chores = list(compact_all(tracker.store, clock=clock, ids=RandomIds(clock)))
    done = [(chore.experiment_id, chore.compaction) for chore in chores if chore.compaction is not None]
    if as_json:
        print_json(
            [{"experiment_id": name, "segments": each.segments, "points": each.points} for name, each in done]
        )
    else:
        rows = [(name, str(each.segments), str(each.points)) for name, each in done]
        print_table(("experiment", "segments folded", "metric points"), rows, empty=_NO_EXPERIMENTS)
    _tell_failures(chores)


@click.command("gc")
@store_option
@json_option
def gc(store: str | None, as_json: bool) -> None:
    """Remove what nobody can need any more: folded segments, replaced parts, given-up uploads, and more.

    \b
      mlff store gc

    Segments go two minutes after they were folded, parts a day after they were replaced, uploads in parts a
    day after the last part came, and all by the store's own clock. Of old manifests the content goes. Time
    travel reaches back a day. Safe at any time, from any number of processes.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.maintenance.chores import collect_all

    clock = SystemClock()
    chores = list(collect_all(open_blobs(store), clock=clock, ids=RandomIds(clock)))
    done = [(chore.experiment_id, chore.collection) for chore in chores if chore.collection is not None]
    if as_json:
        print_json(
            [
                {
                    "experiment_id": name,
                    "segments": each.segments,
                    "parts": each.parts,
                    "uploads": each.uploads,
                    "manifests_emptied": each.stubs,
                    "bytes": each.bytes,
                }
                for name, each in done
            ]
        )
    else:
        rows = [
            (
                name,
                str(each.segments),
                str(each.parts),
                str(each.uploads),
                str(each.stubs),
                size_text(each.bytes),
            )
            for name, each in done
        ]
        columns = (
            "experiment",
            "segments removed",
            "parts removed",
            "uploads removed",
            "manifests emptied",
            "bytes freed",
        )
        print_table(columns, rows, empty=_NO_EXPERIMENTS)
    _tell_failures(chores)


@click.command("reap")
@store_option
@json_option
def reap(store: str | None, as_json: bool) -> None:
    """Mark the runs of processes that died without a word as failed.

    \b
      mlff store reap

    A process is dead when it has given no sign of life for 90 seconds by the store's clock. Should it live
    after all, its runs go back to RUNNING by themselves.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.errors import StoreUnable
    from mlflowflow.storage.format import prepare
    from mlflowflow.tracking.reaper import reap as look

    opened, ids = open_blobs(store), RandomIds()
    prepare(opened, clock=SystemClock(), ids=ids)
    found = look(opened, ids=ids)
    if found.reason:
        raise StoreUnable(found.reason)
    if as_json:
        print_json({"alive": found.alive, "dead": found.dead, "runs": list(found.runs)})
        return
    if not found.alive and not found.dead:
        click.echo("No process has runs open; there is nothing to mark.")
        return
    click.echo(
        f"{_counted(found.alive, 'process', 'processes')} with open runs alive, {found.dead} found dead; "
        f"{_counted(len(found.runs), 'run', 'runs')} marked as failed."
    )
    for run_id in found.runs:
        click.echo(f"  {run_id}")


@click.command("recover")
@click.option(
    "--any-host",
    is_flag=True,
    help="Also what processes on other hosts left in a shared folder; be sure that they are dead.",
)
@store_option
@json_option
def recover(any_host: bool, store: str | None, as_json: bool) -> None:
    """Upload what processes that died on this machine had acknowledged and not yet uploaded.

    \b
      mlff store recover
      mlff store recover --any-host      after a machine that shared the spool folder was lost

    Every process that opens the store does this too; the command tells what was there.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.storage.format import prepare
    from mlflowflow.tracking.writing.recovery import Recovery
    from mlflowflow.tracking.writing.recovery import recover as take_over

    opened, spool = open_blobs(store), spool_of(store)
    prepare(opened, clock=SystemClock(), ids=RandomIds())
    done = Recovery() if spool is None else take_over(opened, spool, any_host=any_host)
    if as_json:
        print_json(
            {
                "spools": done.spools,
                "segments": done.segments,
                "records": done.records,
                "runs_ended": done.runs,
                "left": [str(path) for path in done.left],
                "damaged": [str(path) for path in done.damaged],
                "unplaced": done.unplaced,
            }
        )
    else:
        _tell_recovery(done)
    fail_if(done.damaged)


def _tell_recovery(done: Recovery) -> None:
    if done.spools:
        click.echo(
            f"{_counted(done.records, 'record', 'records')} of {_counted(done.spools, 'dead process', 'dead processes')} "
            f"uploaded in {_counted(done.segments, 'segment', 'segments')}; "
            f"{_counted(done.runs, 'run', 'runs')} ended."
        )
    for path in done.left:
        click.echo(f"Left alone: '{path}' is of another host or another release.")
    if done.left:
        click.echo("'--any-host' takes those of other hosts; those of a later release need that release.")
    for path in done.damaged:
        click.echo(f"Damaged: what is whole in it was uploaded, and it is kept as '{path}'.")
    if done.unplaced:
        click.echo(f"{_counted(done.unplaced, 'record', 'records')} there belong to a run that is not known.")
    if not done.spools and not done.left:
        click.echo("Nothing was waiting: everything acknowledged on this machine is in the store.")


def _tell_failures(chores: Sequence[Chore]) -> None:
    failed = [chore for chore in chores if chore.failed]
    for chore in failed:
        click.echo(f"Experiment '{chore.experiment_id}' was left alone: {chore.failed}", err=True)
    fail_if(failed)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
