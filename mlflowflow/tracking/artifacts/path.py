"""Which paths artifacts may have: decided in one place, before anything is read or written.

A path is joined to a key in the store and to a folder on the disk that is downloaded to, and other
programs may decode it once more on the way. So it is refused if it climbs out of its folder in any
of these readings: as it stands, with backslashes for slashes, or with percent signs decoded, however
often they were encoded.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote

from mlflowflow.errors import InvalidInput
from mlflowflow.storage.key import is_key

#: The folder beside the artifacts of a run in which the library keeps what belongs to them.
HIDDEN: Final = ".mlff"
_DRIVE: Final = 2


def clean_path(path: Any) -> str:
    """Return `path` without needless slashes and dots, or raise `InvalidInput`.

    >>> clean_path("./plots//loss.png/")
    'plots/loss.png'
    >>> clean_path("plots/%2e%2e/%2e%2e/other")
    Traceback (most recent call last):
    mlflowflow.errors.InvalidInput: 'plots/%2e%2e/%2e%2e/other' cannot be an artifact path: it leads out \
of its folder; give a relative path such as 'plots/loss.png'.
    """
    if not isinstance(path, str):
        raise InvalidInput(f"{path!r} cannot be an artifact path; give a text such as 'plots/loss.png'.")
    problem = _problem(path)
    if problem:
        raise InvalidInput(
            f"{path!r} cannot be an artifact path: {problem}; give a relative path such as 'plots/loss.png'."
        )
    text = str(PurePosixPath(path))
    return "" if text == "." else text


def file_path(path: str) -> str:
    """Return `path`, cleaned, if it can be that of a file. Raises `InvalidInput`."""
    cleaned = clean_path(path)
    if not cleaned:
        raise InvalidInput("The empty path is the folder of all artifacts; name a file in it.")
    return cleaned


def joined(folder: str | None, name: str) -> str:
    """Return the path of `name` in `folder`.

    >>> joined(None, "a.txt"), joined("b/", "a.txt")
    ('a.txt', 'b/a.txt')
    """
    return f"{clean_path(folder or '')}/{clean_path(name)}".removeprefix("/")


def is_hidden(path: str) -> bool:
    """Answer whether a cleaned path belongs to the library and is not shown.

    >>> is_hidden(".mlff/tables"), is_hidden("a/.mlff")
    (True, False)
    """
    return path.partition("/")[0].casefold() == HIDDEN


def _problem(path: str) -> str:
    for reading in _readings(path):
        pure = PurePosixPath(reading)
        if "\\" in reading:
            return "it has a backslash"
        if pure.is_absolute() or _has_drive(str(pure)):
            return "it is absolute"
        if ".." in pure.parts:
            return "it leads out of its folder"
        if is_hidden(str(pure)):
            return f"the folder '{HIDDEN}' is reserved"
        if pure.parts and not is_key(f"artifacts/{pure}"):
            return "it has a control character, half of a surrogate pair, or is too long"
    return ""


def _readings(path: str) -> list[str]:
    """Return `path` as it stands and after each time that percent signs can be decoded."""
    readings = [path]
    while (decoded := unquote(readings[-1])) != readings[-1]:
        readings.append(decoded)
    return readings


def _has_drive(path: str) -> bool:
    """Answer whether Windows would take the beginning of `path` for a drive."""
    return len(path) > _DRIVE and path[0].isalpha() and path[1] == ":" and path[2] in "/\\"
