"""The files of runs and logged models: listed, sent and taken, in pieces.

However large a file is, a few MiB of it are in memory at a time. A download says at its
beginning how long it is; should the file be replaced meanwhile, the connection ends before that, and the
client sees it.
"""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse

from mlflowflow.errors import CorruptData, InvalidInput, NotFound, StoreUnable
from mlflowflow.ids import digest
from mlflowflow.registry.version import demand_version_number
from mlflowflow.server import shown
from mlflowflow.server.handlers.runs import id_of
from mlflowflow.server.places import Found, run_root, safe_path
from mlflowflow.server.ranges import Part, part_of
from mlflowflow.server.receiving import received
from mlflowflow.storage.blob import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import Request

    from mlflowflow.server import file_requests as asked
    from mlflowflow.server.answers import Empty
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.file_answers import FilesAnswer
    from mlflowflow.server.requests import Nothing
    from mlflowflow.storage.blob import Blob

#: So many bytes of a file are in memory at a time.
PIECE: Final = 4 * 1024 * 1024
#: The most that MLflow's web client may upload to a run.
_UI_BYTES: Final = 10 * 1024 * 1024
_TEXTS: Final = frozenset({"mlmodel", "mlproject"})
_TEXT_SUFFIXES: Final = (
    ".txt",
    ".log",
    ".err",
    ".cfg",
    ".conf",
    ".yaml",
    ".yml",
    ".json",
    ".md",
    ".py",
    ".csv",
)
_PAGES: Final = (".html", ".htm")
_FRAMED: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; frame-ancestors 'self'"
)
_BYTES: Final = "application/octet-stream"


# ---- lists -------------------------------------------------------------------------------------------------


def list_of_run(desk: Desk, request: asked.RunFolder) -> FilesAnswer:
    """Return what lies in a folder of a run."""
    info = desk.tracker.get_run(id_of(request)).info
    files = desk.tracker.artifacts(info.run_id).list(safe_path(request.path))
    root = run_root(info.experiment_id, info.run_id)
    return cast("FilesAnswer", shown.full(root_uri=root, files=[shown.file(each) for each in files]))


def list_folder(desk: Desk, request: asked.Folder) -> FilesAnswer:
    """Return what lies in a folder, under names that are relative to it."""
    found = desk.places.found(request.path)
    files = [shown.file(each) for each in found.files.list(found.path)]
    for each in files:
        each["path"] = each["path"].rpartition("/")[2]
    return cast("FilesAnswer", shown.full(files=files))


def delete(desk: Desk, request: asked.Folder) -> Empty:
    """Remove a file, or a folder with what is in it."""
    found = desk.places.found(request.path)
    found.files.delete(found.path)
    return {}


def no_signed_address(desk: Desk, request: Nothing) -> Empty:
    """Say that there are no addresses within a bucket, whatever they are asked for."""
    del desk, request
    raise StoreUnable(
        "This server gives no addresses within its store; use PUT and GET of mlflow-artifacts/artifacts."
    )


# ---- files -------------------------------------------------------------------------------------------------


async def download(desk: Desk, request: Request) -> Response:
    """Send the file at a path."""
    path: str = request.path_params["path"]
    return await _sent(await run_in_threadpool(desk.places.found, path), request)


async def download_of_run(desk: Desk, request: Request) -> Response:
    """Send a file of a run."""
    run_id = _asked(request, "run_id", "run_uuid")
    path = safe_path(_asked(request, "path"))
    files = await run_in_threadpool(desk.tracker.artifacts, run_id)
    return await _sent(Found(files, run_id, path), request)


async def download_of_version(desk: Desk, request: Request) -> Response:
    """Send a file of a version of a registered model."""
    name, number = _asked(request, "name"), demand_version_number(_asked(request, "version"))
    path = safe_path(_asked(request, "path"))

    def find() -> Found:
        root = desk.places.of_source(desk.catalog.get_version(name, number).source)
        return root._replace(path=f"{root.path}/{path}".lstrip("/"))

    return await _sent(await run_in_threadpool(find), request)


async def download_of_model(desk: Desk, request: Request) -> Response:
    """Send a file of a logged model."""
    model_id: str = request.path_params["model_id"]
    path = safe_path(_asked(request, "artifact_file_path"))
    files = await run_in_threadpool(desk.tracker.model_artifacts, model_id)
    return await _sent(Found(files, model_id, path), request)


async def upload(desk: Desk, request: Request) -> Response:
    """Take the file at a path."""
    path: str = request.path_params["path"]
    if path.endswith("/"):
        raise InvalidInput(f"'{path}' ends in a slash, as a folder does; name the file.")
    return await _taken(await run_in_threadpool(desk.places.found, path), request, most=None)


async def upload_to_run(desk: Desk, request: Request) -> Response:
    """Take a small file of a run from MLflow's web client."""
    run_id = _asked(request, "run_id", "run_uuid")
    path = safe_path(_asked(request, "path"))
    files = await run_in_threadpool(desk.tracker.artifacts, run_id)
    return await _taken(Found(files, run_id, path), request, most=_UI_BYTES)


async def frame_of_run(desk: Desk, request: Request) -> Response:
    """Send a page that a run kept, to be shown in a frame of the page of the run.

    It may run its own programs, as plots do, but in an origin of its own: it can neither read anything of
    this server nor talk to anybody.
    """
    answer = await download_of_run(desk, request)
    if request.query_params["path"].lower().endswith(_PAGES):
        answer.headers["Content-Disposition"] = "inline"
        answer.headers["Content-Security-Policy"] = _FRAMED
        answer.headers["Content-Type"] = "text/html; charset=utf-8"
    return answer


def _asked(request: Request, *names: str) -> str:
    for name in names:
        if request.query_params.get(name):
            return request.query_params[name]
    raise InvalidInput(f"The field '{names[0]}' is missing; give a value for it.")


async def _taken(found: Found, request: Request, *, most: int | None) -> Response:
    found.files.key(found.path)  # refuse a wrong path before anything is read
    async with received(request, most=most) as file:
        await run_in_threadpool(found.files.put_as, file, found.path)
    return JSONResponse({})


async def _sent(found: Found, request: Request) -> Response:
    blob = await run_in_threadpool(blob_of, found)
    mark = f'"{digest(f"{blob.key} {blob.size} {blob.modified_us}".encode())[:32]}"'
    name = found.path.rpartition("/")[2]
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "ETag": mark,
        "Accept-Ranges": "bytes",
    }
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range") if request.headers.get("if-range", mark) == mark else None
    part = part_of(wanted, blob.size)
    if part is None:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{blob.size}"})
    headers["Content-Length"] = str(part.stop - part.start)
    if part.is_partial:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{blob.size}"
    return StreamingResponse(
        _pieces(found, blob, part),
        status_code=206 if part.is_partial else 200,
        headers=headers,
        media_type=_media_type(name),
    )


def blob_of(found: Found) -> Blob:
    """Return a file as the store lists it. Raises `NotFound`."""
    key = found.files.key(found.path)
    for blob in found.files.store.list(key):
        if blob.key == key:
            return blob
    raise NotFound("artifact", found.path)


def _pieces(found: Found, blob: Blob, part: Part) -> Iterator[bytes]:
    for start in range(part.start, part.stop, PIECE):
        stop = min(start + PIECE, part.stop)
        piece = found.files.store.get(blob.key, Span(start=start, stop=stop))
        changed = start > part.start and stop == part.stop and blob_of(found) != blob
        if piece is None or len(piece) != stop - start or changed:
            raise CorruptData(found.path, "it was replaced while it was sent")
        yield piece


def _media_type(name: str) -> str:
    if name.lower() in _TEXTS or name.lower().endswith(_TEXT_SUFFIXES):
        return "text/plain"
    return mimetypes.guess_type(name)[0] or _BYTES
