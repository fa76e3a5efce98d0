"""Files that come in parts and go in ranges, through this server.

MLflow's clients do this where they are told to, by ``MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD`` and
``…_DOWNLOAD``. They ask for addresses, as of a bucket, and send parts to them or ask for ranges with a plain
HTTP client. The addresses are this server's own, so the bytes pass the same guard as everything else, and any
server of the store may be asked for any of them.

Whoever is not told to sends and gets files whole, of any size. That is less work: the parts of a file are
written, read, and written again as one.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from mlflowflow.ids import RandomIds
from mlflowflow.server.file_requests import UploadPart
from mlflowflow.server.handlers.files import blob_of
from mlflowflow.server.message import from_query
from mlflowflow.server.places import safe_path
from mlflowflow.server.receiving import received
from mlflowflow.tracking.artifacts.parted import Part, PartedUpload

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import Request

    from mlflowflow.server import file_requests as asked
    from mlflowflow.server.answers import Empty
    from mlflowflow.server.caller import Caller
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.file_answers import SignedAnswer, UploadAnswer

_ROOT: Final = "/api/2.0/mlflow-artifacts"
_SLASHES: Final = re.compile(r"[/\\]")


def begin(desk: Desk, request: asked.BeginUpload, caller: Caller) -> UploadAnswer:
    """Begin an upload and say where each of its parts is to be sent."""
    path = _file(desk, _named(request))
    upload = PartedUpload.begin(
        desk.tracker.store, _experiment(path), path=path, parts=request.num_parts, ids=RandomIds()
    )
    address = f"{caller.url}{_ROOT}/mpu/part/{quote(path)}?upload_id={upload.upload_id}&part_number="
    return {
        "upload_id": upload.upload_id,
        "credentials": [
            {"url": f"{address}{number}", "part_number": number, "headers": dict(caller.headers)}
            for number in range(1, request.num_parts + 1)
        ],
    }


async def take_part(desk: Desk, request: Request) -> Response:
    """Take one part, and answer with the ETag that completes the upload."""
    said = from_query(UploadPart, request.query_params.multi_items(), request.path_params)
    upload = await run_in_threadpool(_upload, desk, said.path, said.upload_id)
    async with received(request) as file:
        digest = await run_in_threadpool(_digest, file)
        await run_in_threadpool(upload.put, Part(said.part_number, digest), file)
    return Response(headers={"ETag": f'"{digest}"'})


def complete(desk: Desk, request: asked.CompleteUpload) -> Empty:
    """Publish the file that the parts make; asked again, say that it is done."""
    path = _named(request)
    found = desk.places.found(path)
    parts = [Part(each.part_number, each.etag.strip('"')) for each in request.parts]
    upload = _upload(desk, path, request.upload_id)
    upload.complete(parts, lambda file: found.files.put_as(file, found.path))
    return {}


def abort(desk: Desk, request: asked.AbortUpload) -> Empty:
    """Forget what came of an upload, if it is going on."""
    _upload(desk, _named(request), request.upload_id).abort()
    return {}


def signed(desk: Desk, request: asked.Folder, caller: Caller) -> SignedAnswer:
    """Say where a file can be had, in ranges, and how large it is."""
    blob = blob_of(desk.places.found(request.path))
    return {
        "url": f"{caller.url}{_ROOT}/artifacts/{quote(request.path)}",
        "headers": dict(caller.headers),
        "file_size": blob.size,
    }


def _named(request: asked.Upload) -> str:
    """Return the path of the file, which is called here as its client calls it."""
    return f"{request.folder}/{_SLASHES.split(request.path)[-1]}"


def _upload(desk: Desk, path: str, upload_id: str) -> PartedUpload:
    file = _file(desk, path)
    return PartedUpload(desk.tracker.store, _experiment(file), upload_id, path=file)


def _file(desk: Desk, path: str) -> str:
    """Return the one way to write `path`, which can be that of a file. Raises `InvalidInput`, `NotFound`."""
    found = desk.places.found(path)
    found.files.key(found.path)
    return safe_path(path)


def _experiment(path: str) -> str:
    """Return the id that a path which was found begins with."""
    return path.partition("/")[0]


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
