"""The web UI as routes: the built pages, from memory, with a policy that lets them talk to nobody else.

Every file is named by a route, so no path can lead anywhere else. The address of a page says what it
shows; all pages are one document whose program reads the address. Where the pages were not built,
a plain page says how to.
"""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastapi.responses import Response

from mlflowflow.ids import digest
from mlflowflow.server.route import Permission, Stream
from mlflowflow.ui import STATIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fastapi import Request

    from mlflowflow.server.desk import Desk

_INDEX: Final = "index.html"
#: First parts of the addresses of pages. What is below them is read by the page itself.
PAGES: Final = (
    "experiments",
    "runs",
    "sweeps",
    "flows",
    "models",
    "audit",
    "now",
    "system",
)
POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; object-src 'none'"
)
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
#: Smaller files gain nothing from being compressed.
_WORTH_COMPRESSING: Final = 512
_MISSING: Final = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>mlflowflow</title>
<h1>The web pages were not built</h1>
<p>This server answers clients of MLflow as always. The pages are part of every release. A checkout builds
them when it is installed, for which it needs the npm registry once:</p>
<pre>pip install --force-reinstall --no-deps --editable .</pre>
<p>The command line shows the same: <code>mlff runs list</code>, <code>mlff sweep list</code>,
<code>mlff models list</code>.</p></html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file, as it is sent: its `body`, the same `zipped` if that is shorter, and its `tag`."""

    body: bytes
    kind: str
    lasts: bool
    zipped: bytes | None
    tag: str

    @classmethod
    def of(cls, body: bytes, *, name: str, lasts: bool) -> Page:
        """Return the file `name`; one that `lasts` has another name when its content changes."""
        zipped = gzip.compress(body, mtime=0) if len(body) >= _WORTH_COMPRESSING else None
        return cls(
            body=body,
            kind=mimetypes.guess_type(name)[0] or "application/octet-stream",
            lasts=lasts,
            zipped=zipped if zipped is not None and len(zipped) < len(body) else None,
            tag=f'"{digest(body)[:32]}"',
        )

    async def __call__(self, _desk: Desk, request: Request) -> Response:
        """Answer with the file, or that the browser has it already."""
        headers = {
            "Content-Security-Policy": POLICY,
            "X-Frame-Options": "DENY",
            "Cache-Control": _FOR_EVER if self.lasts else _ASK_AGAIN,
            "ETag": self.tag,
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == self.tag:
            return Response(status_code=304, headers=headers)
        if self.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.zipped, media_type=self.kind, headers=headers)
        return Response(self.body, media_type=self.kind, headers=headers)


def pages(folder: Path = STATIC) -> tuple[Stream, ...]:
    """Return the routes of the pages that were built into `folder`, or of the page that says they were not."""
    return tuple(_routes(_files(folder)))


def _routes(files: Mapping[str, Page]) -> Iterator[Stream]:
    for name, page in files.items():
        if name != _INDEX:
            yield _route(f"/{name}", page)
    index = files[_INDEX]
    yield _route("/", index)
    for name in PAGES:
        yield _route(f"/{name}", index)
        yield _route(f"/{name}/{{below:path}}", index)


def _route(path: str, page: Page) -> Stream:
    return Stream(verb="GET", path=path, permission=Permission.OPEN, handle=page)


def _files(folder: Path) -> dict[str, Page]:
    if not (folder / _INDEX).is_file():
        return {_INDEX: Page.of(_MISSING, name=_INDEX, lasts=False)}
    found = sorted(each for each in folder.rglob("*") if each.is_file() and not each.name.startswith("."))
    names = {each.relative_to(folder).as_posix(): each for each in found}
    return {
        name: Page.of(file.read_bytes(), name=name, lasts=name.startswith("assets/"))
        for name, file in names.items()
    }
