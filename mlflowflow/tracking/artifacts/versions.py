"""Files that many processes add to: no addition is lost, and everybody reads one ordinary file.

A store can neither append nor compare and swap. So each version of such a file is an object of its
own, and a log of numbered, write-once records says which one is the newest: whoever adds creates the
next record, and begins again if somebody else has it. The file that people and MLflow see is a copy of
the newest version, written afterwards.

*A copy that is too old* can be left behind by a writer that is killed between writing the copy and
looking whether it is still the newest. Readers here go by the records, and the next writer mends it.
*A file that was replaced* as a whole, by its contents, begins anew: what is added later is added to it.
Only putting back exactly what one of the earlier versions was is taken for a copy that is too old.

::

    .mlff/tables/<path>/<number>.json       which version is the newest: its digest and its token
    .mlff/tables/<path>/<token>.version     the newest version; older ones are removed
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import Conflict, CorruptData
from mlflowflow.ids import RandomIds, digest
from mlflowflow.storage.log import Created, NumberedLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.ids import Ids
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository

#: How often an addition begins again because others were first; each time one of them got on.
_TRIES: Final = 1000
_FOLDER: Final = "tables"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What is known of one version: its digest, and the token its copy is named by."""

    sha256: str
    token: str

    def to_json(self) -> bytes:
        return json.dumps({"format": 1, "sha256": self.sha256, "token": self.token}).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """The newest version: its number in the log (-1 if nothing was added yet), token and content."""

    number: int
    token: str = ""
    content: bytes | None = None


class GrowingFile:
    """One file of a run that is only added to. Safe in any number of processes.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    >>> files = ArtifactRepository.of_run(MemoryBlobStore(), experiment_id="0", run_id="r")
    >>> file = GrowingFile(files, "notes.json")
    >>> for line in (b"a", b"b"):
    ...     file.change(lambda old: (old or b"") + line)
    >>> file.read(), files.read("notes.json")
    (b'ab', b'ab')
    """

    def __init__(self, files: ArtifactRepository, path: str, *, ids: Ids | None = None) -> None:
        """Stand for the file `path`, a cleaned one; `ids` name its versions."""
        self._store = files.store
        self._path = path
        self._public = files.key(path)
        self._folder = f"{files.hidden_prefix}{_FOLDER}/{path}"
        self._log = NumberedLog(self._store, self._folder)
        self._ids = ids or RandomIds()

    def read(self) -> bytes | None:
        """Return the newest version, None if there is no such file."""
        return self._newest().content

    def change(self, changed: Callable[[bytes | None], bytes]) -> None:
        """Make what `changed` returns of the newest version (None for no file) the next version.

        `changed` is called again whenever another writer was first. Returns when everybody can read the
        result. Raises what `changed` raises, with nothing written.
        """
        for _ in range(_TRIES):
            before = self._newest()
            content = changed(before.content)
            record = _Record(sha256=digest(content), token=self._ids.token())
            self._store.put(self._version_key(record.token), content)
            if self._log.append(before.number + 1, record.to_json()) is Created.CREATED:
                self._publish(before.number + 1, content)
                if before.token:
                    self._store.delete(self._version_key(before.token))
                return
            self._store.delete(self._version_key(record.token))
        raise Conflict(f"'{self._path}' was changed by others {_TRIES} times in a row; try again later.")

    def _newest(self) -> _Version:
        number = self._log.head()
        shown = self._store.get(self._public)
        if number < 0:
            return _Version(number=-1, content=shown)
        record = self._record(number)
        if shown is not None and (
            digest(shown) == record.sha256 or not self._was_ever(digest(shown), number)
        ):
            return _Version(number=number, token=record.token, content=shown)
        return self._kept(number)

    def _kept(self, number: int) -> _Version:
        """Return version `number`, or a newer one if that was removed meanwhile."""
        while True:
            token = self._record(number).token
            content = self._store.get(self._version_key(token))
            if content is not None:
                return _Version(number=number, token=token, content=content)
            higher = self._log.head(hint=number)
            if higher == number:
                raise CorruptData(self._folder, f"the version that record {number} names is missing")
            number = higher

    def _was_ever(self, sha256: str, number: int) -> bool:
        return any(self._record(earlier).sha256 == sha256 for earlier in range(number))

    def _publish(self, number: int, content: bytes) -> None:
        """Show `content`, and after it what was added meanwhile: this copy may be the later one."""
        self._store.put(self._public, content)
        newest = self._log.head(hint=number)
        while newest > number:
            version = self._kept(newest)
            self._store.put(self._public, version.content or b"")
            number, newest = version.number, self._log.head(hint=version.number)

    def _record(self, number: int) -> _Record:
        body = self._log.read(number)
        try:
            found = json.loads(body or b"")
            return _Record(sha256=found["sha256"], token=found["token"])
        except (ValueError, TypeError, KeyError) as error:
            raise CorruptData(self._log.key(number), "it does not name a version of a file") from error

    def _version_key(self, token: str) -> str:
        return f"{self._folder}/{token}.version"


def growing_files(files: ArtifactRepository) -> list[str]:
    """Return the paths of all files of a run that were ever added to, sorted."""
    prefix = f"{files.hidden_prefix}{_FOLDER}/"
    keys = (blob.key.removeprefix(prefix) for blob in files.store.list(prefix))
    return sorted({key.rpartition("/")[0] for key in keys if key.endswith(".json")})
