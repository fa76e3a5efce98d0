"""A request's bytes in a file, as long as they are needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect

from mlflowflow.errors import InvalidInput
from mlflowflow.server.receiving import received

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Message


def request_of(*messages: Message) -> Request:
    """Return a request whose body arrives in these messages."""
    waiting = iter(messages)

    async def receive() -> Message:
        return next(waiting)

    return Request({"type": "http", "method": "PUT", "headers": [], "path": "/"}, receive)


def piece(body: bytes, *, more: bool) -> Message:
    """Return a part of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


async def taken(request: Request, most: int | None = None) -> tuple[bytes, Path]:
    """Return what the file holds, and where it was."""
    async with received(request, most=most) as file:
        return file.read_bytes(), file


def test_all_pieces_are_in_the_file_until_the_end() -> None:
    """Then it is gone."""
    content, file = asyncio.run(taken(request_of(piece(b"ab", more=True), piece(b"c", more=False)), most=3))
    assert content == b"abc"
    assert not file.exists()


def test_too_much_is_refused() -> None:
    """As soon as it is too much, whatever would still come."""
    with pytest.raises(InvalidInput, match="larger than 3 bytes"):
        asyncio.run(taken(request_of(piece(b"ab", more=True), piece(b"cd", more=True)), most=3))


def test_a_client_that_breaks_off_leaves_nothing() -> None:
    """The file is never given."""
    with pytest.raises(ClientDisconnect):
        asyncio.run(taken(request_of(piece(b"ab", more=True), {"type": "http.disconnect"})))
