"""A change that another process makes is heard at once, and a server ends though somebody listens."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker
from tests.server.serving import served

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.asking import Asking

EVENTS = "/api/mlff/1/events"


@pytest.mark.system
@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_a_change_is_heard_and_the_server_ends(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Within a second or so of what another process logged."""
    store = tmp_path / "store"
    with Tracker(open_store(store)) as tracker, served(store, *options) as server:
        run = tracker.create_run("0").info
        with httpx.stream("GET", f"{server.url}{EVENTS}", timeout=60) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.iter_lines()
            assert json.loads(next(lines).removeprefix("data: ")) == {"kind": "hello"}
            time.sleep(2)
            tracker.log_metric(run.run_id, "loss", 0.5)
            told = next(json.loads(line[6:]) for line in lines if line.startswith("data: "))
            assert told["experiments"] == ["0"]
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 15


def test_the_stream_needs_the_token(ask: Asking) -> None:
    """As everything else does that is of the store."""
    from contextlib import nullcontext

    from mlflowflow.server.app import make_app
    from mlflowflow.server.guard import Access
    from tests.server.asking import HOST, Client

    app = make_app(lambda: nullcontext(ask.desk), Access(hosts=frozenset({HOST}), token="x" * 20))
    app.state.desk = ask.desk
    client = Client(app)
    assert client.request("GET", EVENTS).json()["error_code"] == "UNAUTHENTICATED"
    client.close()
