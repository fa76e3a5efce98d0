"""The requests to object stores, each sent once.

This is the one file that knows fsspec. It uses it narrowly, because its defaults break the
promises of a `BlobStore`: listings are cached for ever, conditions a client does not know are
dropped silently, and three layers of retries (s3fs, botocore, aiohttp) turn our own write, whose
answer was lost, into "already exists". For S3 the operations are therefore called on s3fs's client
directly, without its caches and with one attempt. Whole files go through s3fs, which splits large
ones and repeats their parts.

Other schemes go through `FsspecWire` and the general verbs of their packages. It is tested against
fsspec's in-memory file system; Google and Azure themselves have not been tried.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any, Final, Protocol

import fsspec
from fsspec.asyn import sync

from mlflowflow.errors import MissingExtra, StoreUnable, StoreUnavailable
from mlflowflow.storage.blob import Blob
from mlflowflow.storage.moment import moment_us
from mlflowflow.storage.trouble import Trouble, understand

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflowflow.storage.blob import Span

#: The objects of one page, and the token of the next if there is one.
Page = tuple[tuple[Blob, ...], str | None]

_CONNECT_TIMEOUT_S: Final = 5.0
_READ_TIMEOUT_S: Final = 30.0
#: Whole files travel in parts of this many bytes, or of more if S3 would not take so many of them …
_PART_BYTES: Final = 8 * 1024 * 1024
#: … which is this many, a few less than S3 says.
_MOST_PARTS: Final = 9_000
#: So many parts are in memory and under way at a time.
_PARTS_AT_ONCE: Final = 4
#: Tells botocore that it must not repeat anything by itself.
_ONCE: Final = {"retries": {"mode": "standard", "total_max_attempts": 1}}
#: s3fs takes this for the start of an object's version, wherever it stands in a path.
_VERSION_MARK: Final = "?versionId="
#: The module and class of a scheme's errors that are no `OSError`, the package, and the extra that has it.
_FOREIGN: Final = {
    "gs": ("gcsfs.retry", "HttpError", "gcsfs", "gcs"),
    "az": ("azure.core.exceptions", "AzureError", "adlfs", "azure"),
}


#: What packages call the time of an object's last write, the best name first.
_MOMENTS: Final = ("LastModified", "last_modified", "mtime", "updated", "modified", "created")


class Wire(Protocol):
    """One connection to one bucket; a `name` is what stands behind the bucket's name."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What requests raise."""
        ...

    def understand(self, error: Exception) -> Trouble:
        """Return what one of `errors` means."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Write an object."""
        ...

    def create(self, name: str, data: bytes) -> None:
        """Write an object if there is none, else raise what is understood as refused."""
        ...

    def get(self, name: str, span: Span | None) -> bytes | None:
        """Read an object or a part of it; None if there is none."""
        ...

    def page(self, start: str, token: str) -> Page:
        """List objects whose names start with `start`, from `token` on."""
        ...

    def delete(self, name: str) -> None:
        """Remove an object, if there is one."""
        ...

    def put_file(self, path: Path, name: str) -> None:
        """Upload a file."""
        ...

    def get_file(self, name: str, path: Path) -> bool:
        """Download to a file; False if there is no such object."""
        ...


def connect(url: str) -> Wire:
    """Return a new connection to the store at `url`, a normalized address. Raises `StoreUnavailable`."""
    scheme, _, place = url.partition("://")
    bucket = place.partition("/")[0]
    if scheme != "s3":
        return FsspecWire(scheme, bucket)
    from botocore.exceptions import BotoCoreError

    try:
        return S3Wire(bucket)
    except BotoCoreError as error:
        raise StoreUnavailable(url, understand(error, bucket=bucket).reason) from error
    except ValueError as error:  # what botocore raises for an endpoint without http://
        raise StoreUnavailable(url, f"{error}; check AWS_ENDPOINT_URL") from error


class S3Wire:
    """S3 by its own operations, one HTTP request per call."""

    def __init__(self, bucket: str, *, read_timeout_s: float = _READ_TIMEOUT_S) -> None:
        """Connect to `bucket` with what the environment says; an answer is awaited for `read_timeout_s`."""
        import aiohttp
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        self.errors: tuple[type[Exception], ...] = (
            OSError,
            BotoCoreError,
            ClientError,
            ResponseParserError,
            aiohttp.ClientError,
        )
        self._bucket = bucket
        self._waits = {"connect_timeout": _CONNECT_TIMEOUT_S, "read_timeout": read_timeout_s}
        self._fs = _s3_file_system({**self._waits, **_ONCE, "http_session_cls": _session_sending_once()})
        self._files: Any = None

    def understand(self, error: Exception) -> Trouble:
        """Judge by HTTP status, or by the phase in which the connection failed."""
        return understand(error, bucket=self._bucket)

    def put(self, name: str, data: bytes) -> None:
        """PutObject."""
        self._send("put_object", Key=name, Body=data)

    def create(self, name: str, data: bytes) -> None:
        """PutObject with ``If-None-Match: *``."""
        require_condition(self._fs.connect().meta.service_model.operation_model("PutObject"))
        self._send("put_object", Key=name, Body=data, IfNoneMatch="*")

    def get(self, name: str, span: Span | None) -> bytes | None:
        """GetObject, with a range if a `span` is asked for."""
        try:
            return self._send_get(name, span)
        except self.errors as error:
            trouble = self.understand(error)
            if trouble.missing_object:
                return None
            if not trouble.nothing_there:
                raise
        if span is None or span.start >= 0:
            return b""
        # the end of an object that is shorter than asked for: some servers (rclone) find no such range
        found = self.get(name, None)
        return found and _cut(found, span, whole=True)

    def page(self, start: str, token: str) -> Page:
        """ListObjectsV2."""
        more = {"ContinuationToken": token} if token else {}
        answer = self._send("list_objects_v2", Prefix=start, **more)
        blobs = tuple(
            Blob(key=entry["Key"], size=entry["Size"], modified_us=moment_us(entry.get("LastModified")))
            for entry in answer.get("Contents", ())
        )
        return blobs, answer.get("NextContinuationToken")

    def delete(self, name: str) -> None:
        """DeleteObject."""
        self._send("delete_object", Key=name)

    def put_file(self, path: Path, name: str) -> None:
        """PutObject, or a multipart upload of a large file."""
        if _VERSION_MARK in name:
            self.put(name, path.read_bytes())
        else:
            size = part_bytes(path.stat().st_size)
            self._transfers().put_file(str(path), f"{self._bucket}/{name}", chunksize=size)

    def get_file(self, name: str, path: Path) -> bool:
        """GetObject into a file, by several ranges if it is large."""
        if _VERSION_MARK in name:
            found = self.get(name, None)
            path.write_bytes(found or b"")
            return found is not None
        try:
            self._transfers().get_file(f"{self._bucket}/{name}", str(path))
        except self.errors as error:
            if self.understand(error).missing_object:
                return False
            raise
        return True

    def _transfers(self) -> Any:
        """Return the file system for whole files, which may repeat the parts of a large one by itself."""
        if self._files is None:
            self._files = _s3_file_system(
                self._waits, default_block_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
            )
        return self._files

    def _send(self, operation: str, **parameters: object) -> Any:
        return sync(self._fs.loop, self._ask, operation, **parameters)

    async def _ask(self, operation: str, **parameters: object) -> Any:
        client = await self._fs.set_session()
        return await getattr(client, operation)(Bucket=self._bucket, **parameters)

    def _send_get(self, name: str, span: Span | None) -> bytes:
        answer: Any = sync(self._fs.loop, self._fetch, name, _range(span))
        found, whole = answer
        return _cut(found, span, whole=whole)

    async def _fetch(self, name: str, limits: Mapping[str, str]) -> tuple[bytes, bool]:
        """Return what was sent, and whether it is the whole object; the status does not tell (rclone)."""
        answer = await self._ask("get_object", Key=name, **limits)
        body = answer["Body"]
        try:
            return await body.read(), "ContentRange" not in answer
        finally:
            body.close()


def require_condition(put_object: Any) -> None:
    """Raise `StoreUnable` if botocore's model of PutObject is too old to know the condition."""
    if "IfNoneMatch" not in put_object.input_shape.members:
        raise StoreUnable(
            "The installed botocore does not know conditional writes; install botocore 1.35.20 or newer."
        )


def _session_sending_once() -> type[Any]:
    """Return botocore's HTTP session without aiohttp's habit of sending again on a broken connection.

    That habit hides the first attempt: if the second cannot connect, the write looks never sent.
    """
    from aiobotocore.httpsession import AIOHTTPSession

    class SendingOnce(AIOHTTPSession):  # type: ignore[misc]  # aiobotocore is untyped
        async def _get_session(self, proxy_url: str | None) -> Any:
            session: Any = await super()._get_session(proxy_url)
            session._retry_connection = False  # noqa: SLF001 - aiohttp has no public switch; a test counts requests
            return session

    return SendingOnce


def part_bytes(size: int) -> int:
    """Return how large the parts of a file of `size` bytes are: as small as S3 allows, to spare memory.

    >>> part_bytes(10**9), part_bytes(10**12)
    (8388608, 111111112)
    """
    return max(_PART_BYTES, -(-size // _MOST_PARTS))


def _s3_file_system(config: Mapping[str, object], **options: object) -> Any:
    from aiobotocore.session import AioSession

    session = AioSession()
    session.register_component("data_loader", _models())
    # registered as generally as botocore's own handler, because more special ones would come before it
    session.get_component("event_emitter").register_last(
        "before-parameter-build", _expect_no_checksum_of_a_part
    )
    file_system = fsspec.filesystem(
        "s3",
        session=session,
        config_kwargs=dict(config),
        use_listings_cache=False,
        skip_instance_cache=True,
        **options,
    )
    file_system.connect()
    return file_system


def _expect_no_checksum_of_a_part(params: dict[str, Any], **_: object) -> None:
    """Take back botocore's wish for a checksum where only a range is asked for.

    Some servers (rclone) then send the whole object's, and botocore would refuse every part.
    """
    if "Range" in params:
        params.pop("ChecksumMode", None)


@functools.cache
def _models() -> Any:
    """Return botocore's description of S3, whose reading is most of the cost of a connection."""
    from botocore.loaders import create_loader

    return create_loader()


def _range(span: Span | None) -> dict[str, str]:
    """Return the header for `span`, whose last byte HTTP includes; an empty span asks for one byte."""
    if span is None:
        return {}
    if span.start < 0:
        return {"Range": f"bytes={span.start}"}
    return {"Range": f"bytes={span.start}-{'' if span.stop is None else max(span.start, span.stop - 1)}"}


def _cut(found: bytes, span: Span | None, *, whole: bool) -> bytes:
    """Return the bytes of `span`: a server that does not know ranges answers with the `whole` object."""
    if span is None:
        return found
    if whole:
        return found[span.start : span.stop]
    return found if span.stop is None else found[: span.stop - span.start]


class FsspecWire:
    """Any other store through the general verbs of its fsspec package."""

    def __init__(self, scheme: str, bucket: str) -> None:
        """Connect to `bucket`. Raises `MissingExtra` if the package of `scheme` is not installed."""
        self._bucket = bucket
        module, name, package, extra = _FOREIGN.get(scheme, ("", "", "", ""))
        try:
            self._fs: Any = fsspec.filesystem(scheme, use_listings_cache=False, skip_instance_cache=True)
            foreign = (getattr(importlib.import_module(module), name),) if module else ()
        except ImportError as error:
            raise MissingExtra(package, extra=extra, purpose=f"A store at {scheme}://") from error
        self.errors: tuple[type[Exception], ...] = (OSError, *foreign)

    def understand(self, error: Exception) -> Trouble:
        """Judge by HTTP status if there is one, else by class."""
        return understand(error, bucket=self._bucket)

    def put(self, name: str, data: bytes) -> None:
        """Write the whole object."""
        self._fs.pipe_file(self._path(name), data)

    def create(self, name: str, data: bytes) -> None:
        """Write the whole object in the package's own exclusive mode."""
        self._fs.pipe_file(self._path(name), data, mode="create")

    def get(self, name: str, span: Span | None) -> bytes | None:
        """Read the object or a part of it."""
        limits = {} if span is None else {"start": span.start, "end": span.stop}
        try:
            found: bytes = self._fs.cat_file(self._path(name), **limits)
        except FileNotFoundError:
            return None
        return found

    def page(self, start: str, token: str) -> Page:
        """List the folder of `start` and all below it, on one page."""
        del token
        self._fs.invalidate_cache()
        folder = self._path(start).rpartition("/")[0]
        found: dict[str, dict[str, Any]] = self._fs.find(folder, detail=True)
        blobs = (self._blob(path, facts) for path, facts in found.items())
        return tuple(blob for blob in blobs if blob.key.startswith(start)), None

    def delete(self, name: str) -> None:
        """Remove the object."""
        try:
            self._fs.rm_file(self._path(name))
        except FileNotFoundError:
            return

    def put_file(self, path: Path, name: str) -> None:
        """Upload a file."""
        self._fs.put_file(str(path), self._path(name))

    def get_file(self, name: str, path: Path) -> bool:
        """Download to a file."""
        try:
            self._fs.get_file(self._path(name), str(path))
        except FileNotFoundError:
            return False
        return True

    def _blob(self, path: str, facts: Mapping[str, Any]) -> Blob:
        told = (moment_us(facts.get(field)) for field in _MOMENTS)
        return Blob(
            key=path.lstrip("/").removeprefix(f"{self._bucket}/"),
            size=int(facts["size"]),
            modified_us=next((moment for moment in told if moment is not None), None),
        )

    def _path(self, name: str) -> str:
        return f"{self._bucket}/{name}"
