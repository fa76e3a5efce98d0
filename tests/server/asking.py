"""A server in this process, asked over HTTP's own interface: no socket, the same bytes."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import TypeAdapter

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.registry.catalog import Catalog
from mlflowflow.server.app import make_app
from mlflowflow.server.desk import Desk
from mlflowflow.server.guard import Access
from mlflowflow.server.route import Call
from mlflowflow.server.routes import routes
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from fastapi import FastAPI

HOST = "127.0.0.1:5000"
API = "/api/2.0/mlflow"


@contextmanager
def desk_in(folder: Path) -> Generator[Desk]:
    """Open a store of its own, whose clock stands still."""
    clock = ManualClock()
    store = LocalBlobStore(folder, fsync=False)
    with Tracker(
        store, clock=clock, ids=SequentialIds(), user="ann", owns_runs=False, flush_intervals=()
    ) as tracker:
        yield Desk(tracker, Catalog(store, clock=clock, actor="ann"), clock=clock)


class Client:
    """Ask an application in this process, one request at a time."""

    def __init__(self, app: FastAPI) -> None:
        """Ask `app`."""
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")

    def request(self, verb: str, url: str, **options: Any) -> httpx.Response:
        """Send one request and return the whole answer."""
        return self._runner.run(self._client.request(verb, url, **options))

    def close(self) -> None:
        """End it."""
        self._runner.run(self._client.aclose())
        self._runner.close()


class Asking:
    """What a test asks the server, and the desk behind it."""

    def __init__(self, client: Client, desk: Desk) -> None:
        """Ask with `client`."""
        self.client = client
        self.desk = desk

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send JSON."""
        return self.send("POST", path, {} if body is None else body, **options)

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Ask with a query."""
        return self.client.request("GET", f"{API}/{path}", params=query)

    def send(self, verb: str, path: str, body: Any, **options: Any) -> httpx.Response:
        """Send JSON, and the bare NaN and Infinity that Python's own JSON has, with any verb."""
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        return self.client.request(
            verb, f"{API}/{path}", content=json.dumps(body), headers=headers, **options
        )

    def done(self, path: str, body: Any = None, *, verb: str = "POST") -> Any:
        """Send JSON and return the answer, which must be 200."""
        response = self.send(verb, path, {} if body is None else body)
        assert response.status_code == 200, response.text
        return in_shape(verb, path, response.json())

    def found(self, path: str, **query: Any) -> Any:
        """Ask with a query and return the answer, which must be 200."""
        response = self.get(path, **query)
        assert response.status_code == 200, response.text
        return in_shape("GET", path, response.json())

    def run(self, **facts: Any) -> str:
        """Begin a run and return its id."""
        run_id: str = self.done("runs/create", {"experiment_id": "0", **facts})["run"]["info"]["run_id"]
        return run_id

    def model(self, name: str = "m") -> str:
        """Begin a logged model and return its id."""
        made = self.done("logged-models", {"experiment_id": "0", "name": name})
        model_id: str = made["model"]["info"]["model_id"]
        return model_id


def in_shape(verb: str, path: str, answer: Any) -> Any:
    """Return an `answer` that has the declared shape of its route, and nothing beside."""
    asked = [each for each in f"{API}/{path}".split("/") if each]
    for route in routes():
        parts = [each for each in route.path.split("/") if each]
        fits = all(each.startswith("{") or each == said for each, said in zip(parts, asked, strict=False))
        length = len(parts) == len(asked) or (parts[-1].endswith(":path}") and len(asked) >= len(parts))
        if isinstance(route, Call) and route.verb == verb and fits and length:
            adapter: TypeAdapter[Any] = TypeAdapter(route.answer)
            assert adapter.dump_python(adapter.validate_python(answer)) == answer
            return answer
    raise LookupError(path)


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of an error, which must have a message."""
    said = response.json()
    assert said["message"]
    return response.status_code, said["error_code"]


@contextmanager
def asking(folder: Path, *, token: str | None = None) -> Generator[Asking]:
    """Give a server on a store in `folder`."""
    with desk_in(folder) as desk:
        app = make_app(lambda: nullcontext(desk), Access.of("127.0.0.1", 5000, token=token))
        app.state.desk = desk  # what the application does itself when a server starts it
        client = Client(app)
        yield Asking(client, desk)
        client.close()
