"""What is in one folder of a directory store.

A directory may hold more than a store wrote: links, files whose names may not be keys, what a
network file system keeps of a deleted file. None of it is listed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.storage.key import is_key

if TYPE_CHECKING:
    from pathlib import Path

#: What NFS calls a deleted file that somebody still has open.
_NFS_GHOST: Final = re.compile(r"\.nfs[0-9a-fA-F]{16,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file: its `size` and when the file system says that it was written."""

    size: int
    modified_us: int


def entries(path: Path, *, folder: str, start: str) -> tuple[tuple[str, Stored | None], ...]:
    """Return the names in `path` that begin with `start`: with facts for a file, None for a folder.

    `folder` is the key of the folder at `path`. Raises what the system raises.
    """
    with os.scandir(path) as found:
        return tuple(
            (entry.name, stored)
            for entry in found
            if entry.name.startswith(start) and _is_ours(folder, entry.name)
            for stored in _stored(entry)
        )


def _is_ours(folder: str, name: str) -> bool:
    """Tell what may be an object, or a folder of objects, from what others left in the directory."""
    return is_key(f"{folder}/{name}" if folder else name) and not _NFS_GHOST.fullmatch(name)


def _stored(entry: os.DirEntry[str]) -> tuple[Stored | None, ...]:
    """Return the facts of a file, None for a folder, and nothing for a link or what has just gone."""
    try:
        if entry.is_dir(follow_symlinks=False):
            return (None,)
        if not entry.is_file(follow_symlinks=False):
            return ()
        facts = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return ()
    return (Stored(size=facts.st_size, modified_us=facts.st_mtime_ns // 1000),)
