"""``mlff server``: serve the store to clients of MLflow over HTTP."""

from __future__ import annotations

import click

from mlflowflow.cli.context import settings_for, store_option


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", "-p", default=5000, show_default=True, type=click.IntRange(0, 65_535), help="0: any free one."
)
@click.option(
    "--token",
    metavar="TEXT",
    help="What callers must send as MLFLOW_TRACKING_TOKEN [default: $MLFLOWFLOW_SERVER_TOKEN].",
)
@click.option(
    "--allowed-host", "names", multiple=True, metavar="NAME", help="A name clients know this server under."
)
@click.option(
    "--workers", "-w", default=1, show_default=True, type=click.IntRange(1, 64), help="How many processes."
)
@store_option
def server(
    *, host: str, port: int, token: str | None, names: tuple[str, ...], workers: int, store: str | None
) -> None:
    """Serve the store to clients of MLflow: MLFLOW_TRACKING_URI=http://127.0.0.1:5000.

    By default only programs of this machine can connect. Any other --host needs a token and the names
    that clients use. Several servers may serve one store.
    """
    from mlflowflow.server.running import Serving, serve

    settings = settings_for(store)
    serving = Serving(
        settings=settings,
        host=host,
        port=port,
        names=names,
        token=token or settings.server_token,
        workers=workers,
    )
    serve(serving, say=click.echo)
