"""All of it as one application: each route of the table behind its permission, each error as JSON.

Handlers run in threads, since the store waits for disks and networks. What goes wrong inside is told to the
log; a client is told what it can do, and never where the store is.
"""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.datastructures import Headers
from fastapi.responses import JSONResponse, Response
from starlette.requests import ClientDisconnect

from mlflowflow.errors import InvalidInput, InvalidState, MlflowflowError
from mlflowflow.server import shown
from mlflowflow.server.caller import Caller
from mlflowflow.server.endpoint import Endpoint
from mlflowflow.server.message import from_body, from_query
from mlflowflow.server.openapi import document
from mlflowflow.server.pages import pages
from mlflowflow.server.route import Addressed, Call, Permission, View
from mlflowflow.server.routes import routes
from mlflowflow.server.viewing import Viewing, to_json

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from collections.abc import Set as AbstractSet
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mlflowflow.server.desk import Desk
    from mlflowflow.server.guard import Access
    from mlflowflow.server.route import Route

_log: Final = logging.getLogger(__name__)
#: The largest JSON body; files are sent otherwise.
BODY_BYTES: Final = 16 * 1024 * 1024
#: Headers of every answer that has no such ones of its own.
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_DOCUMENT: Final = "/openapi.json"


class _Compact(JSONResponse):
    """JSON as it is read by programs; no number in it is none."""

    def render(self, content: Any) -> bytes:
        return to_json(content)


def make_app(
    opened: Callable[[], AbstractContextManager[Desk]],
    access: Access,
    *,
    table: Sequence[Route] | None = None,
) -> FastAPI:
    """Return the application that answers for what `opened` opens when it starts.

    Raises `InvalidState` if it would serve anything without a declared permission.
    """

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncGenerator[None]:
        context = opened()
        desk = app.state.desk = await run_in_threadpool(context.__enter__)
        try:
            with desk.news.ended_by_signals():
                yield
        finally:
            await run_in_threadpool(context.__exit__, None, None, None)

    api = routes() if table is None else tuple(table)
    viewing = Viewing()
    served = (*api, *pages()) if table is None else api
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=life)
    app.routes.extend(
        Endpoint(route.verb, route.path, _answering(route, access, viewing)) for route in served
    )
    app.routes.append(Endpoint("GET", _DOCUMENT, _documenting(api, access)))
    permissions = {(route.verb, route.path): route.permission for route in served}
    demand_permissions(app, {**permissions, ("GET", _DOCUMENT): Permission.READ})
    public = frozenset(route.path for route in served if route.permission is Permission.PUBLIC)
    app.add_middleware(_Guarded, access=access, public=public)
    for status in (404, 405):
        app.add_exception_handler(status, _unknown)
    return app


def demand_permissions(app: FastAPI, permissions: dict[tuple[str, str], Permission]) -> None:
    """Raise `InvalidState` for a route that nobody declared a permission of."""
    for route in app.routes:
        path = getattr(route, "path", str(route))
        for verb in getattr(route, "methods", None) or {"WEBSOCKET"}:
            if (verb, path) not in permissions:
                raise InvalidState(
                    f"The route {verb} {path} has no declared permission, so nothing is served."
                )


class _Guarded:
    """Look at where each request comes from before anything else does, and give each answer its headers."""

    def __init__(self, app: ASGIApp, *, access: Access, public: AbstractSet[str]) -> None:
        self._app = app
        self._access = access
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                missing = [pair for pair in _HEADERS if pair[0] not in given]
                message = {**message, "headers": [*message["headers"], *missing]}
            await send(message)

        try:
            if scope["path"] not in self._public:  # compared whole: no prefix and no suffix opens anything
                self._access.check_place(scope["method"], Headers(scope=scope))
        except MlflowflowError as error:
            await error_response(error, "")(scope, receive, sent)
            return
        await self._app(scope, receive, sent)


async def _unknown(request: Request, error: Exception) -> Response:
    status: int = getattr(error, "status_code", 404)
    message = f"There is no {request.method} {request.scope['path'][:200]} here."
    return _Compact({"error_code": "ENDPOINT_NOT_FOUND", "message": message}, status_code=status)


def _answering(route: Route, access: Access, viewing: Viewing) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        try:
            if route.permission not in {Permission.PUBLIC, Permission.OPEN}:
                access.check_caller(request.headers)
            if isinstance(route, View):
                return await viewing.answer(route, desk, request)
            if isinstance(route, Call):
                return await _called(route, desk, request)
            return await route.handle(desk, request)
        except MlflowflowError as error:
            return error_response(error, desk.tracker.uri)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it
        except Exception:  # noqa: BLE001 - whatever went wrong, a client gets an answer it can read
            _log.exception("%s %s failed.", request.method, route.path)
            return _Compact(
                {"error_code": "INTERNAL_ERROR", "message": "The server failed; its log says why."},
                status_code=500,
            )

    return answer


async def _called(route: Call, desk: Desk, request: Request) -> Response:
    body = await _body(request)
    path: dict[str, str] = request.path_params
    callers = [Caller.of(request.url.scheme, request.headers)] if isinstance(route, Addressed) else []
    if route.verb == "GET" or (route.verb == "DELETE" and not body):
        pairs = request.query_params.multi_items()
        return _Compact(
            await run_in_threadpool(
                lambda: route.handle(desk, from_query(route.request, pairs, path), *callers)
            )
        )
    kind = request.headers.get("content-type")
    if kind is None and route.verb != "DELETE":
        raise InvalidInput(
            "The request has no Content-Type; expected 'application/json'.", error_code="BAD_REQUEST"
        )
    return _Compact(
        await run_in_threadpool(
            lambda: route.handle(desk, from_body(route.request, body, kind, path), *callers)
        )
    )


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_BYTES:
            raise InvalidInput(
                f"The request's body is larger than {BODY_BYTES} bytes; send it in several requests.",
                error_code="BAD_REQUEST",
            )
    return bytes(body)


def error_response(error: MlflowflowError, address: str) -> Response:
    """Return an error as MLflow's server tells it, without the `address` of the store."""
    said, status = shown.error(error, address)
    return _Compact(said, status_code=status)


def _documenting(served: Sequence[Route], access: Access) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            access.check_caller(request.headers)
        except MlflowflowError as error:
            return error_response(error, "")
        return _Compact(await run_in_threadpool(document, served))

    return answer
