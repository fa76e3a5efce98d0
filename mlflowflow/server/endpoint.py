"""A route as the application holds it: a path, a verb, and what answers.

FastAPI's own routes look for parameters, dependencies and models before each call, which costs a small
request more than all else that is done for it. Ours have none of these: `mlflowflow.server.message` reads
what is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request
from starlette.routing import Match, Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi.responses import Response
    from starlette.types import Receive, Scope, Send


class Endpoint(Route):
    """Answer one verb at one path, which may have parts in braces."""

    def __init__(self, verb: str, path: str, answer: Callable[[Request], Awaitable[Response]]) -> None:
        """Have `answer` answer. It answers for its own errors too: none is caught here."""
        super().__init__(path, _Answering(answer), methods=[verb], include_in_schema=False)
        self.methods = {verb}  # without the HEAD that comes with each GET: nobody declared it
        self._stem = path.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether a request is for this path; most are not, and are told apart by their first letters."""
        if not scope.get("root_path") and not scope["path"].startswith(self._stem):
            return Match.NONE, {}
        return super().matches(scope)


class _Answering:
    """A function from requests to responses as an application of its own."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive, send))
        await response(scope, receive, send)
