"""Paths that a model's files give, kept within its folder."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mlflowflow.errors import CorruptData

if TYPE_CHECKING:
    from pathlib import Path


def inside(folder: Path, name: str) -> Path:
    """Return the path of `name` in `folder`, following links. Raises `CorruptData` if it leads out."""
    path = (folder / PurePosixPath(name)).resolve()
    if not path.is_relative_to(folder.resolve()) or "\0" in name:
        raise CorruptData(name, "the path leads out of the model's folder")
    return path
