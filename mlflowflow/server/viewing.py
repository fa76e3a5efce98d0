"""Answers that many ask for again and again: made once for each version of what they show.

A browser that has an answer sends its tag; if the version is still the same it hears so in a few bytes.
Everybody else gets the same compressed bytes. So a hundred viewers cost little more than one.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from mlflowflow.ids import digest
from mlflowflow.server.message import from_query

if TYPE_CHECKING:
    from fastapi import Request

    from mlflowflow.server.desk import Desk
    from mlflowflow.server.route import View

#: So many bytes of answers are kept.
KEPT_BYTES: Final = 64 * 1024 * 1024
#: Smaller answers are sent as they are.
_WORTH_COMPRESSING: Final = 1024
_JSON: Final = "application/json"
#: Fast: twice the level would cost three times the time for a tenth of the bytes.
_LEVEL: Final = 1
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_json(content: Any) -> bytes:
    """Write JSON without a space too many. Raises ValueError for a number that JSON has not."""
    return _ENCODER.encode(content).encode()


class Viewing:
    """Keep the latest answers of views, compressed. Thread-safe."""

    def __init__(self, *, kept_bytes: int = KEPT_BYTES) -> None:
        """Keep `kept_bytes` of answers at most."""
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    async def answer(self, view: View, desk: Desk, request: Request) -> Response:
        """Answer with what `view` shows, or that the caller has it already. Raises what the view raises."""
        asked = from_query(view.request, request.query_params.multi_items(), request.path_params)
        version = await run_in_threadpool(view.version, desk, asked)
        tag = _tag(version, request)
        headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding, Authorization"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        zipped = self._known(tag)
        if zipped is None:
            zipped = await run_in_threadpool(lambda: _zipped(view.handle(desk, asked)))
            self._keep(tag, zipped)
        if "gzip" in request.headers.get("accept-encoding", "") and len(zipped) >= _WORTH_COMPRESSING:
            return Response(zipped, media_type=_JSON, headers={**headers, "Content-Encoding": "gzip"})
        return Response(gzip.decompress(zipped), media_type=_JSON, headers=headers)

    def _known(self, tag: str) -> bytes | None:
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
            return self._kept.get(tag)

    def _keep(self, tag: str, zipped: bytes) -> None:
        with self._lock:
            self._size += len(zipped) - len(self._kept.pop(tag, b""))
            self._kept[tag] = zipped
            while self._size > self._kept_bytes and self._kept:
                self._size -= len(self._kept.popitem(last=False)[1])


def _tag(version: str, request: Request) -> str:
    return f'"{digest(f"{version} {request.url.path}?{request.url.query}".encode())[:32]}"'


def _zipped(content: Any) -> bytes:
    return gzip.compress(to_json(content), _LEVEL, mtime=0)
