"""Listening: one process or several, until they are told to stop.

At SIGTERM or Ctrl-C no new request is taken, those being answered are, and everything acknowledged is
flushed. A killed server loses nothing either: what it acknowledged is in a file, and the next one uploads it.
The runs of its clients are theirs, so the death of a server ends none of them.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from mlflowflow.server.guard import Access
from mlflowflow.server.listening import listen

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from fastapi import FastAPI

    from mlflowflow.config import Settings
    from mlflowflow.server.desk import Desk

_GRACE_S: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What is served, where, by how many processes."""

    settings: Settings
    host: str = "127.0.0.1"
    port: int = 5000
    names: Sequence[str] = ()
    token: str | None = None
    workers: int = 1
    #: folders of projects that pages may run
    projects: Sequence[Path] = ()


@contextmanager
def open_desk(settings: Settings, projects: Sequence[Path] = ()) -> Generator[Desk]:
    """Open the store and the registry, and flush and close them. Raises what `Projects.of` does."""
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.projects import Projects
    from mlflowflow.storage.location import open_store
    from mlflowflow.tracking.tracker import Tracker
    from mlflowflow.tracking.writing.policy import Writing

    named = Projects.of(projects, store=settings.tracking_uri)
    writing = replace(Writing.of(settings), owns_runs=False)
    with Tracker(open_store(settings.tracking_uri), user=settings.user, writing=writing) as tracker:
        registry = open_store(settings.registry_uri) if settings.registry_uri else tracker.store
        yield Desk(tracker, Catalog(registry, actor=settings.user), projects=named)


def app_of(settings: Settings, projects: Sequence[Path], access: Access) -> FastAPI:
    """Return the application for the store of `settings` and some projects; each process makes its own."""
    from mlflowflow.server.app import make_app

    return make_app(partial(open_desk, settings, projects), access)


def serve(serving: Serving, *, say: Callable[[str], object]) -> None:
    """Listen until the process is told to stop; `say` is given the address once it can be used.

    Raises `InvalidInput` for an address that others can reach without a token, before anything is opened,
    and what opening the store raises.
    """
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    Access.of(serving.host, serving.port, names=serving.names, token=serving.token)
    with open_desk(serving.settings, serving.projects):
        pass  # a store that cannot be used is told here, once, and not by each process with a traceback
    listening = listen(serving.host, serving.port)
    port: int = listening.getsockname()[1]
    access = Access.of(serving.host, port, names=serving.names, token=serving.token)
    config = uvicorn.Config(
        partial(app_of, serving.settings, serving.projects, access),
        factory=True,
        workers=serving.workers,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    shown = f"[{serving.host}]" if ":" in serving.host else serving.host
    say(f"http://{shown}:{port} serves {serving.settings.tracking_uri}")
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # uvicorn has stopped in good order, and passes the signal on
        if serving.workers > 1:
            Multiprocess(config, sockets=[listening]).run()
        else:
            server.run(sockets=[listening])
