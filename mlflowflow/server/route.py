"""What a route is: what may be asked, who may ask it, what is answered, and who answers.

A table of routes has a line for each, without anything that is the same for all of them; no line can be
written without a permission.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import Response

    from mlflowflow.server.desk import Desk
    from mlflowflow.server.message import Message

#: Takes the desk and the request, and for some kinds of calls more.
Handler: TypeAlias = "Callable[..., Mapping[str, Any]]"
Streamer: TypeAlias = "Callable[[Desk, Request], Awaitable[Response]]"


class Permission(Enum):
    """What a caller must be allowed to do."""

    #: anybody may ask, whoever they are
    PUBLIC = "public"
    #: anybody who uses a name of this server; it holds nothing of the store
    OPEN = "open"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A route whose request and answer are JSON."""

    verb: str
    path: str
    permission: Permission
    request: type[Message]
    answer: Any
    handle: Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed(Call):
    """A call whose answer names addresses of this server: its handler is also given the `Caller`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A route that takes or sends bytes."""

    verb: str
    path: str
    permission: Permission
    handle: Streamer


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Call):
    """A route that only looks, and whose answer is known by its `version`: see `mlflowflow.server.viewing`.

    `version` must change whenever the answer may; it costs less than the answer.
    """

    version: Callable[[Desk, Any], str]


Route: TypeAlias = Call | Stream
#: A line of a table of calls, of streams, of views.
CallLine: TypeAlias = "tuple[str, str, Permission, type[Message], Any, Handler]"
StreamLine: TypeAlias = "tuple[str, str, Permission, Streamer]"
ViewLine: TypeAlias = "tuple[str, type[Message], Any, Handler, Callable[[Desk, Any], str]]"


def calls(folder: str, lines: Iterable[CallLine], *, kind: type[Call] = Call) -> tuple[Call, ...]:
    """Return the calls of a table, whose paths are below `folder`."""
    return tuple(
        kind(
            verb=verb,
            path=f"{folder}/{path}",
            permission=permission,
            request=request,
            answer=answer,
            handle=handle,
        )
        for verb, path, permission, request, answer, handle in lines
    )


def streams(folder: str, lines: Iterable[StreamLine]) -> tuple[Stream, ...]:
    """Return the streams of a table, whose paths are below `folder`."""
    return tuple(
        Stream(verb=verb, path=f"{folder}/{path}", permission=permission, handle=handle)
        for verb, path, permission, handle in lines
    )


def views(folder: str, lines: Iterable[ViewLine]) -> tuple[View, ...]:
    """Return the views of a table, whose paths are below `folder`; who may read may look."""
    return tuple(
        View(
            verb="GET",
            path=f"{folder}/{path}",
            permission=Permission.READ,
            request=request,
            answer=answer,
            handle=handle,
            version=version,
        )
        for path, request, answer, handle, version in lines
    )
