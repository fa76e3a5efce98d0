"""``mlff ui``: the web pages of a store, in the browser of this machine."""

from __future__ import annotations

from pathlib import Path

import click

from mlflowflow.cli.context import settings_for, store_option


@click.command()
@click.option(
    "--port",
    "-p",
    default=0,
    type=click.IntRange(0, 65_535),
    help="The port to listen at.  [default: a free one]",
)
@click.option(
    "--project",
    "projects",
    multiple=True,
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="A project that pages may run, as you; may be repeated.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@store_option
def ui(*, port: int, projects: tuple[Path, ...], no_browser: bool, store: str | None) -> None:
    """Show experiments, runs, sweeps, models and decisions in the browser, until Ctrl-C.

    Only this machine can connect. For others to look, run 'mlff server' with a token. Whoever can connect can
    also run what --project names.

    \b
    Examples:
      mlff ui
      mlff ui --project examples/digits
      mlff ui --store s3://bucket/ml --port 8000 --no-browser
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    import webbrowser

    from mlflowflow.server.running import Serving, serve

    def say(words: str) -> None:
        click.echo(f"{words}; Ctrl-C ends it")
        address = words.partition(" ")[0]
        if not no_browser and not webbrowser.open(address):
            click.echo(f"No browser could be opened; go to {address}.")

    serve(Serving(settings=settings_for(store), port=port, projects=projects), say=say)
