"""The stream of what changes in the store, as server-sent events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from fastapi import Request

    from mlflowflow.server.desk import Desk


async def follow(desk: Desk, _request: Request) -> Response:
    """Tell of every change until the caller goes or the server ends."""
    return StreamingResponse(
        desk.news.follow(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )
