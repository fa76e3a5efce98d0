"""What the shell offers when Tab is pressed: runs, sweeps, experiments and models of the store.

A completion that fails offers nothing: an error message in the middle of a line being typed helps
nobody. The newest come first, and few, for a store may hold a hundred thousand.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from click.shell_completion import CompletionItem

from mlflowflow.cli.context import open_catalog, open_tracker
from mlflowflow.errors import MlflowflowError

if TYPE_CHECKING:
    import click

_OFFERED: Final = 50
#: What the runs of sweeps have, and their trials have not.
SWEEPS: Final = "tags.`mlff.sweep` IS NOT NULL AND tags.`mlff.trial` IS NULL"


def run_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the newest runs whose ids begin so."""
    return _runs(ctx, incomplete, filter_string="")


def sweep_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the newest sweeps whose ids begin so."""
    return _runs(ctx, incomplete, filter_string=SWEEPS)


def _runs(ctx: click.Context, incomplete: str, *, filter_string: str) -> list[CompletionItem]:
    found: list[CompletionItem] = []
    with suppress(MlflowflowError, OSError), open_tracker(ctx.params.get("store")) as tracker:
        ids = [each.experiment_id for each in tracker.list_experiments()]
        for run in tracker.search_runs(ids, filter_string=filter_string, max_results=_OFFERED):
            if run.info.run_id.startswith(incomplete):
                help_text = f"{run.info.run_name}, {run.info.status.value.lower()}"
                found.append(CompletionItem(run.info.run_id, help=help_text))
    return found


def experiment_names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the experiments whose names begin so."""
    found: list[CompletionItem] = []
    with suppress(MlflowflowError, OSError), open_tracker(ctx.params.get("store")) as tracker:
        found = [
            CompletionItem(each.name)
            for each in tracker.list_experiments()
            if each.name.startswith(incomplete)
        ]
    return found[:_OFFERED]


def model_names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the registered models whose names begin so."""
    found: list[CompletionItem] = []
    with suppress(MlflowflowError, OSError):
        models = open_catalog(ctx.params.get("store")).list_models()
        found = [CompletionItem(each.name) for each in models if each.name.startswith(incomplete)]
    return found[:_OFFERED]
