"""``mlff sweep replay``: would the same log lead to the same trials?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import json_option, store_option
from mlflowflow.cli.render import print_json
from mlflowflow.cli.sweep.find import open_sweep, sweep_argument

if TYPE_CHECKING:
    from mlflowflow.sweeps.replay import Replay

_SHOWN = 10


@click.command("replay")
@sweep_argument
@store_option
@json_option
def replay(*, run: str, store: str | None, as_json: bool) -> int:
    """Make all decisions of a sweep again from its log, and count those that differ.

    A fresh sampler and a fresh pruner are given what the first ones were given, in the same order.
    Nothing is run and nothing is written. Asking a model-based sampler takes as long as it took then. The
    exit code is 0 if nothing differs, 1 otherwise; another release of Optuna is the usual reason.
    """
    from mlflowflow.sweeps.log import SweepLog
    from mlflowflow.sweeps.replay import replay as replayed

    with open_sweep(store, run) as found:
        result = replayed(SweepLog(found.tracker.store, found.run_id).read())
    if as_json:
        print_json({"run_id": found.run_id, **_json(result)})
    else:
        click.echo("\n".join(_lines(result)))
    return 1 if result.differences else 0


def _lines(result: Replay) -> list[str]:
    found = result.differences
    if not found:
        return [f"0 differences. {result.sentence}"]
    count = f"{len(found)} {'difference' if len(found) == 1 else 'differences'}"
    lines = [
        f"{count} in {result.asked} suggestions and {result.weighed} pruning decisions.",
        *(f"  {each.sentence}" for each in found[:_SHOWN]),
    ]
    if len(found) > _SHOWN:
        lines.append(f"  and {len(found) - _SHOWN} more")
    changed = {
        name: wrote for name, wrote in result.written_with.items() if result.read_with.get(name) != wrote
    }
    lines += [
        f"It was written with {name} {wrote}, and this is {name} {result.read_with.get(name, 'of no known release')}."
        for name, wrote in changed.items()
    ]
    return lines


def _json(result: Replay) -> dict[str, Any]:
    return {
        "asked": result.asked,
        "told": result.told,
        "weighed": result.weighed,
        "differences": [{"trial": each.trial, "sentence": each.sentence} for each in result.differences],
        "written_with": dict(result.written_with),
        "read_with": dict(result.read_with),
    }
