"""A project's files as one content-addressed object, so that any worker can run them.

Before a flow starts, the project's folder is packed and kept in the store under the digest of its
content. A worker unpacks a private copy for each step: it needs access to the store, not to the
folder; editing a file during a sweep changes nothing; trials cannot overwrite each other's files.

Data does not belong into the pack: files over `MAX_FILE_BYTES`, hidden files, virtual environments
and stores are left out.
"""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.ids import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import BlobStore

#: The tag of a run by which the files that it ran are found.
DIGEST_TAG: Final = "mlff.project.digest"
#: Files above this size are data, not code; they are left out of the pack.
MAX_FILE_BYTES: Final = 4 * 1024 * 1024
#: The most that a whole pack may hold.
MAX_PACK_BYTES: Final = 64 * 1024 * 1024
_SKIPPED_FOLDERS: Final = frozenset({"__pycache__", "node_modules", "mlruns", "mlff-data", "venv", "env"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A packed project: the `digest` of its pack, and the folder `root` it was packed from."""

    digest: str
    root: str


def keep_source(store: BlobStore, root: Path) -> Source:
    """Pack the folder `root` into `store`, unless it is there already, and return its name.

    Raises `InvalidInput` if the folder holds more than `MAX_PACK_BYTES` of small files.
    """
    pack = _pack(root)
    name = digest(pack)
    key = _key(name)
    if store.get(key) is None:
        store.put(key, pack)  # the same name always holds the same bytes, so a race is harmless
    return Source(digest=name, root=str(root.resolve()))


def unpack_source(store: BlobStore, source: Source, folder: Path) -> None:
    """Write the files of `source` below the existing `folder`. Raises `NotFound` if the store has no such pack."""
    pack = store.get(_key(source.digest))
    if pack is None:
        raise NotFound(
            "packed project", source.digest, hint="It may have been collected; run the project again."
        )
    with tarfile.open(fileobj=io.BytesIO(pack)) as archive:
        archive.extractall(folder, filter="data")


def _key(name: str) -> str:
    return f"projects/{name}.tar"


def _pack(root: Path) -> bytes:
    """Return a tar of the project's files that depends on nothing but their names, modes and content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, name in _files(root):
            content = path.read_bytes()
            entry = tarfile.TarInfo(str(name))
            entry.size = len(content)
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            archive.addfile(entry, io.BytesIO(content))
            if buffer.tell() > MAX_PACK_BYTES:
                raise InvalidInput(
                    f"The project '{root}' holds more than {MAX_PACK_BYTES >> 20} MiB of files; "
                    "a project is code. Keep data elsewhere and pass its path as a parameter."
                )
    return buffer.getvalue()


def _files(root: Path) -> Iterator[tuple[Path, PurePosixPath]]:
    for path in sorted(root.iterdir()):
        yield from _files_below(path, PurePosixPath(path.name))


def _files_below(path: Path, name: PurePosixPath) -> Iterator[tuple[Path, PurePosixPath]]:
    if path.name.startswith(".") or path.is_symlink():
        return
    if path.is_dir():
        if path.name not in _SKIPPED_FOLDERS and not (path / "store.json").exists():
            for child in sorted(path.iterdir()):
                yield from _files_below(child, name / child.name)
    elif path.stat().st_size <= MAX_FILE_BYTES:
        yield path, name
