"""What commands that run something share: options, what is shown meanwhile, and what is said at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlflowflow.cli.render import print_json
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from mlflowflow.orchestration.launch import Order
    from mlflowflow.projects.spec import ProjectSpec

_Command = TypeVar("_Command", bound=Callable[..., Any])


def cluster_option(command: _Command) -> _Command:
    """Add ``--cluster``."""
    return click.option(
        "--cluster",
        metavar="WHERE",
        help="local, local:<workers>, a scheduler's address (tcp://host:8786), "
        "or a YAML file with the class and kwargs of a Dask cluster.  [default: local]",
    )(command)


def params_option(command: _Command) -> _Command:
    """Add ``-P``; the command gets the texts as ``params``."""
    return click.option(
        "-P", "--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter; may be repeated."
    )(command)


def experiment_option(command: _Command) -> _Command:
    """Add ``--experiment``."""
    return click.option(
        "--experiment", metavar="NAME", help="Where the runs go.  [default: the project's name]"
    )(command)


def report_option(command: _Command) -> _Command:
    """Add ``--performance-report``; the command gets it as ``report``."""
    return click.option(
        "--performance-report",
        "report",
        is_flag=True,
        help="Keep Dask's performance report among the files of the run.",
    )(command)


def read_given(spec: ProjectSpec, name: str, params: tuple[str, ...]) -> dict[str, str]:
    """Read ``-P`` texts; a path is meant from where the user stands, if it is there.

    Raises `InvalidInput` for a text that is no parameter, and for one that is given twice.
    """
    from mlflowflow.projects.given import from_here

    given: dict[str, str] = {}
    for text in params:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise InvalidInput(f"'-P {text}' is no parameter; expected -P KEY=VALUE, such as -P rows=900.")
        if key in given:
            raise InvalidInput(f"'-P {key}=…' is given twice; give each parameter once.")
        given[key] = value
    return from_here(spec, name, given)


def launched(order: Order, *, as_json: bool) -> dict[str, Any]:
    """Run `order` to its end and return its summary. Raises what ended it, after having said how to go on."""
    from mlflowflow.orchestration.launch import launch

    try:
        return launch(order)
    except InvalidInput:
        raise
    except BaseException as error:
        if as_json:
            print_json(
                {"status": "FAILED", "run_id": order.root_run_id, "error": str(error) or type(error).__name__}
            )
        else:
            click.echo(_how_to_go_on(order), err=True)
        raise


def _how_to_go_on(order: Order) -> str:
    run_id = order.root_run_id
    if order.name in order.project.sweeps:
        look, go_on = f"mlff sweep status {run_id}", f"mlff sweep resume {run_id}"
    else:
        look, go_on = f"mlff runs show {run_id}", f"--resume {run_id}"
    return f"Run {run_id} did not finish. Look with '{look}', continue it with '{go_on}'."


def tell(summary: dict[str, Any], *, store: str | None, as_json: bool) -> None:
    """Say what came of what was run, and where to look further."""
    if as_json:
        print_json(summary)
        return
    at = f" --store {store}" if store else ""
    click.echo(f"\nRun {summary['run_id']} finished.")
    for step in summary["steps"]:
        if step["kind"] == "gate":
            click.echo("\n" + "\n".join(step["details"] or [step["sentence"]]))
    click.echo("\nLook further:")
    click.echo(f"  mlff runs show {summary['run_id']}{at}")
    for step in summary["steps"]:
        if step["kind"] == "sweep":
            click.echo(f"  mlff sweep best {step['run_id']}{at}")
            click.echo(f"  mlff sweep plot {step['run_id']}{at}")
    for model in sorted(
        {step["outputs"]["uri"].split("/")[1] for step in summary["steps"] if "uri" in step["outputs"]}
    ):
        click.echo(f"  mlff models history {model}{at}")
