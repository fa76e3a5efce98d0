"""A file that arrives in parts: in any order, over any number of connections, at any of a store's servers.

A part is an object of its own that is named by its number and its digest. So the same part twice is one
object; of a part that came with other bytes the second time both are there, and whoever completes the upload
says which one is meant. The file itself is seen when it is published, whole, and not before::

    exp/<experiment_id>/uploads/<upload_id>/begun.json           what is to arrive: the path, and how many parts
    exp/<experiment_id>/uploads/<upload_id>/<number>.<digest>    a part
    exp/<experiment_id>/uploads/<upload_id>/done.json            which parts the published file was made of

A client that got no answer asks again, so a repeated completion finds ``done.json`` and is a success. What is
left of an upload is removed by `mlflowflow.tracking.table.collection` a day after its last change.
"""

from __future__ import annotations

import json
import re
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakValueDictionary

from mlflowflow.errors import CorruptData, InvalidInput, NotFound
from mlflowflow.storage.blob import Span
from mlflowflow.tracking.artifacts.repository import ArtifactRepository
from mlflowflow.tracking.layout import upload_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

#: The most parts that one file may have; S3 has the same limit.
MOST_PARTS: Final = 10_000
#: So many bytes of a part are in memory at a time.
_PIECE: Final = 4 * 1024 * 1024
#: So many numbers of parts are told in an error.
_SHOWN: Final = 20
_BEGUN: Final = "begun.json"
_DONE: Final = "done.json"
_ID: Final = re.compile(r"[0-9a-f]{16,64}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Part(NamedTuple):
    """One part: its number, from 1 on, and the SHA-256 of its bytes."""

    number: int
    digest: str

    @property
    def name(self) -> str:
        """What it is called among the objects of its upload."""
        return f"{self.number:05d}.{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """What an upload was begun for."""

    path: str
    parts: int

    def to_json(self) -> bytes:
        return json.dumps({"format": 1, "path": self.path, "parts": self.parts}).encode()


class PartedUpload:
    """One file of an experiment that arrives in parts. Safe in any number of processes.

    >>> from mlflowflow.ids import SequentialIds, digest
    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> upload = PartedUpload.begin(MemoryBlobStore(), "0", path="a.bin", parts=2, ids=SequentialIds())
    >>> parts = [Part(1, digest(b"on")), Part(2, digest(b"e"))]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for part, content in ((parts[1], b"e"), (parts[0], b"on")):
    ...         file = Path(folder, part.name)
    ...         _ = file.write_bytes(content)
    ...         upload.put(part, file)
    >>> upload.complete(parts, lambda file: print(file.read_bytes()))
    b'one'
    """

    def __init__(self, store: BlobStore, experiment_id: str, upload_id: str, *, path: str) -> None:
        """Stand for an upload that was begun for `path`. Raises `NotFound` if it is known that none was."""
        if not _ID.fullmatch(upload_id):
            raise NotFound("upload", upload_id[:100])
        self.upload_id: Final = upload_id
        self._path = path
        self._files = ArtifactRepository(store, upload_prefix(experiment_id, upload_id))

    @classmethod
    def begin(cls, store: BlobStore, experiment_id: str, *, path: str, parts: int, ids: Ids) -> PartedUpload:
        """Begin an upload of `parts` parts for `path`. Raises `InvalidInput` for too many parts."""
        if not 0 <= parts <= MOST_PARTS:
            raise InvalidInput(
                f"A file of {parts} parts cannot be uploaded; at most {MOST_PARTS} are possible, so send larger ones."
            )
        upload = cls(store, experiment_id, ids.token(), path=path)
        upload._files.put_bytes(_Begun(path=path, parts=parts).to_json(), _BEGUN)
        return upload

    def put(self, part: Part, file: Path) -> None:
        """Keep the bytes of `file`, whose digest the `part` says.

        Raises `NotFound` if the upload is not going on, and `InvalidInput` for a number beyond its parts.
        """
        parts = self._begun().parts
        if not 1 <= part.number <= parts:
            raise InvalidInput(f"The upload has no part {part.number}; expected a number from 1 to {parts}.")
        self._files.put_as(file, part.name)

    def complete(self, parts: Sequence[Part], publish: Callable[[Path], object]) -> None:
        """Give `publish` the file that the `parts` make, on this machine, and forget the parts.

        Does nothing if this was done before. Raises `NotFound` if the upload is not going on, and
        `InvalidInput` unless there is each of its parts once, in order, and all have come; nothing is
        published then.
        """
        with _turn(self._files.uri()):  # a client that has waited too long asks again meanwhile
            if self._is_done(parts):
                return
            try:
                demand_all(parts, self._begun().parts)
                sizes = self._sizes(parts)
                with tempfile.NamedTemporaryFile(prefix="mlff-parts-") as whole:
                    for part in parts:
                        whole.writelines(self._pieces(part, sizes[part.name]))
                    whole.flush()
                    publish(Path(whole.name))
            except (InvalidInput, NotFound):
                if self._is_done(parts):  # another process was faster, and has removed them
                    return
                raise
            self._files.put_bytes(self._told(parts), _DONE)
            self._forget(keep=_DONE)

    def abort(self) -> None:
        """Forget everything that came; an upload that is not going on is no error."""
        try:
            self._begun()
        except NotFound:
            return
        self._forget()

    def _begun(self) -> _Begun:
        try:
            body = self._files.read(_BEGUN)
        except NotFound:
            raise self._unknown() from None
        try:
            said = json.loads(body)
            begun = _Begun(path=str(said["path"]), parts=int(said["parts"]))
        except (ValueError, TypeError, KeyError) as error:
            raise CorruptData(_BEGUN, "it does not say what is uploaded") from error
        if begun.path != self._path:
            raise self._unknown()
        return begun

    def _unknown(self) -> NotFound:
        hint = f"None is going on for '{self._path}'; it was completed, aborted or given up long ago. Begin another."
        return NotFound("upload", self.upload_id, hint=hint)

    def _sizes(self, parts: Sequence[Part]) -> Mapping[str, int]:
        sizes = self._files.sizes()
        lacking = next((part for part in parts if part.name not in sizes), None)
        if lacking is not None:
            raise InvalidInput(
                f"Part {lacking.number} with the digest {lacking.digest} has not come; send it, then complete the "
                "upload again."
            )
        return sizes

    def _is_done(self, parts: Sequence[Part]) -> bool:
        try:
            return self._files.read(_DONE) == self._told(parts)
        except NotFound:
            return False

    def _told(self, parts: Sequence[Part]) -> bytes:
        return json.dumps(
            {"format": 1, "path": self._path, "parts": [part.digest for part in parts]}
        ).encode()

    def _pieces(self, part: Part, size: int) -> Iterator[bytes]:
        key = self._files.key(part.name)
        for start in range(0, size, _PIECE):
            piece = self._files.store.get(key, Span(start=start, stop=min(start + _PIECE, size)))
            if piece is None:
                raise self._unknown()
            yield piece

    def _forget(self, *, keep: str = "") -> None:
        for name in self._files.sizes().keys() - {keep}:
            self._files.store.delete(self._files.key(name))


def demand_all(parts: Sequence[Part], count: int) -> None:
    """Raise `InvalidInput` unless the `parts` are those from 1 to `count`, each once, in order.

    >>> demand_all([Part(2, "0" * 64), Part(1, "0" * 64)], 2)
    Traceback (most recent call last):
    mlflowflow.errors.InvalidInput: The upload has 2 parts and is completed with 2, 1; name each once, in \
order, from 1.
    """
    wrong = next((part for part in parts if not _DIGEST.fullmatch(part.digest)), None)
    if wrong is not None:
        raise InvalidInput(
            f"{wrong.digest[:100]!r} is no ETag of part {wrong.number}; give what the upload of the part answered."
        )
    numbers = [part.number for part in parts]
    if numbers != list(range(1, count + 1)):
        shown = ", ".join(map(str, numbers[:_SHOWN])) + (" and more" if len(numbers) > _SHOWN else "")
        raise InvalidInput(
            f"The upload has {count} parts and is completed with {shown or 'none'}; name each once, in order, from 1."
        )


_TURNS: Final = WeakValueDictionary[str, threading.Lock]()
_CHOOSING: Final = threading.Lock()


def _turn(name: str) -> threading.Lock:
    """Return what one thread of this process at a time holds for an upload."""
    with _CHOOSING:
        return _TURNS.setdefault(name, threading.Lock())
