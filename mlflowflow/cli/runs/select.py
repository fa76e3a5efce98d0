"""Which runs a command is about: those named, or those that a search finds."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlflowflow.cli.complete import experiment_names, run_ids
from mlflowflow.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Selection:
    """What a command was told about its runs."""

    def __init__(
        self,
        *,
        experiment: str | None,
        filter_string: str,
        order_by: Sequence[str],
        limit: int,
        named: Sequence[str] = (),
    ) -> None:
        """Mean the runs `named`, or, if there are none, the first `limit` that match."""
        self.experiment = experiment
        self.filter_string = filter_string
        self.order_by = tuple(order_by)
        self.limit = limit
        self.named = tuple(named)

    def runs(self, tracker: Tracker, *, at_us: int | None = None) -> list[Run]:
        """Return the runs. Raises `NotFound` for a run or an experiment that does not exist."""
        if self.named:
            return [tracker.get_run(run_id) for run_id in dict.fromkeys(self.named)]
        return tracker.search_runs(
            experiment_ids(tracker, self.experiment),
            filter_string=self.filter_string,
            order_by=self.order_by,
            max_results=self.limit,
            at_us=at_us,
        )


def selecting(*, limit: int, named: bool = True) -> Callable[[_Command], _Command]:
    """Add the options that choose runs; the command gets a `Selection` as ``selection``."""

    def decorate(command: _Command) -> _Command:
        @wraps(command)
        def chosen(
            *args: Any,
            experiment: str | None,
            filter_string: str,
            order_by: tuple[str, ...],
            limit: int,
            run_ids: tuple[str, ...] = (),
            **options: Any,
        ) -> Any:
            if run_ids and (experiment or filter_string or order_by):
                raise click.UsageError("Name runs, or describe them by --experiment and --filter; not both.")
            selection = Selection(
                experiment=experiment,
                filter_string=filter_string,
                order_by=order_by,
                limit=limit,
                named=run_ids,
            )
            return command(*args, selection=selection, **options)

        parts = [
            click.option("--max", "limit", default=limit, show_default=True, help="How many."),
            click.option(
                "--order-by", multiple=True, metavar="KEY", help="Such as: 'metrics.accuracy DESC'."
            ),
            click.option(
                "--filter",
                "filter_string",
                default="",
                metavar="EXPR",
                help="Such as: metrics.accuracy > 0.9 AND status = 'FINISHED'.",
            ),
            click.option(
                "--experiment",
                metavar="NAME",
                shell_complete=experiment_names,
                help="Only this experiment.  [default: all]",
            ),
        ]
        if named:
            parts.append(click.argument("run_ids", nargs=-1, metavar="[RUN_ID]...", shell_complete=run_ids))
        for part in parts:
            chosen = part(chosen)
        return chosen  # type: ignore[return-value] # the wrapper takes what the command's callers give

    return decorate


def experiment_ids(tracker: Tracker, experiment: str | None) -> list[str]:
    """Return the id of the experiment of that name, or all ids. Raises `NotFound`."""
    if experiment is None:
        return [each.experiment_id for each in tracker.list_experiments()]
    found = tracker.get_experiment_by_name(experiment)
    if found is None:
        raise NotFound("experiment", experiment, hint="'mlff experiments list' names them all.")
    return [found.experiment_id]
