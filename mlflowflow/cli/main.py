"""The command line's group, and the one place where errors become exit codes.

====  =====================================================================
0     done
1     it failed: a step, the store, the cluster, Prefect
2     the call or a file is wrong; nothing was started or changed
130   interrupted
====  =====================================================================
"""

from __future__ import annotations

import importlib
import logging
import signal
import sys
from typing import TYPE_CHECKING, Final, cast

import click

from mlflowflow import __version__
from mlflowflow.errors import InvalidInput, MlflowflowError, NotFound

if TYPE_CHECKING:
    from types import FrameType

#: Where each command lives and what it is for; modules are imported when their command is used.
_COMMANDS: Final = {
    "run": ("mlflowflow.cli.run:run", "Run a project: an entry point, a sweep or a pipeline."),
    "sweep": ("mlflowflow.cli.sweep:sweep", "Run sweeps, look at them, stop, extend and resume them."),
    "runs": ("mlflowflow.cli.runs:runs", "List, show, compare, watch and plot runs."),
    "experiments": ("mlflowflow.cli.experiments:experiments", "List, show, make and change experiments."),
    "artifacts": ("mlflowflow.cli.artifacts:artifacts", "List, fetch, print and add the files of runs."),
    "models": ("mlflowflow.cli.models:models", "Look at registered models, change them, and roll back."),
    "events": ("mlflowflow.cli.events:events", "Look at the journal of events, and offer them again."),
    "import": ("mlflowflow.cli.exchange:import_group", "Bring runs and models over from MLflow."),
    "export": ("mlflowflow.cli.exchange:export_group", "Write runs and models back into MLflow."),
    "ui": ("mlflowflow.cli.ui:ui", "Show the store in the browser."),
    "server": (
        "mlflowflow.cli.server:server",
        "Serve the store over HTTP: MLflow's API and the pages.",
    ),
    "sql": ("mlflowflow.cli.sql:sql", "Ask the store in SQL."),
    "store": ("mlflowflow.cli.store:store", "Look after the store."),
    "completion": ("mlflowflow.cli.completion:completion", "Make Tab complete in a shell."),
}
_FAILED: Final = 1
_REFUSED: Final = 2
_INTERRUPTED: Final = 130


class _LazyGroup(click.Group):
    """A group that imports a command's module only when the command is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the table's order."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import and return the command `cmd_name`."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        return cast("click.Command", getattr(importlib.import_module(module), name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Show the table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in _COMMANDS.items()])


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mlff")
def mlff() -> None:
    """Track runs, run projects on Dask under Prefect, and promote models through gates.

    \b
    Everything is kept in one store, a directory or a bucket:
      MLFLOWFLOW_TRACKING_URI=./mlff-data        (the default)
      MLFLOWFLOW_TRACKING_URI=s3://bucket/prefix

    \b
    Begin with:
      mlff run examples/digits -e retrain        retrain, register, weigh and promote a model
      mlff models history digits                 who promoted what, when and why
    """  # noqa: D301 - backspace is how click is told to leave lines as they are


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code the table above gives."""
    _configure_logging()
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(_exit_code(arguments))


def _configure_logging() -> None:
    """Show the library's warnings; what Dask says while it starts and stops is not for people."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logging.getLogger("mlflowflow").addHandler(handler)
    logging.getLogger("distributed").addHandler(logging.NullHandler())
    logging.getLogger("distributed").propagate = False


def _exit_code(arguments: list[str] | None) -> int:
    try:
        code = mlff.main(args=arguments, prog_name="mlff", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as refused:
        refused.show()
        return _REFUSED
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted. What had been logged is kept.", err=True)
        return _INTERRUPTED
    except (InvalidInput, NotFound) as refused:
        click.echo(f"Error: {refused}", err=True)
        return _REFUSED
    except MlflowflowError as failed:
        click.echo(f"Error: {failed}", err=True)
        return _FAILED
    return code if isinstance(code, int) else 0  # what a command ended itself with


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    # SIGTERM ends a command like Ctrl-C does: runs are marked, children are stopped.
    raise KeyboardInterrupt
