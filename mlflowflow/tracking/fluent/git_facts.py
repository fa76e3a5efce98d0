"""Which commit a script is of, read from git's own files.

Starting ``git`` would cost more than starting a run, and there may be none. Its files are simple: the
folder ``.git`` (or, in a worktree or submodule, a file that names the folder), ``HEAD`` that names a
branch or a commit, and the branch's commit in a file of its own or in ``packed-refs``. Whatever cannot be
read is left out: not knowing the commit must not keep anybody from training.
"""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from pathlib import Path

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LONGEST: Final = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class GitFacts:
    """What is known of a working copy; None where it could not be read."""

    commit: str | None = None
    branch: str | None = None
    repo_url: str | None = None


@lru_cache(maxsize=8)
def git_facts(folder: Path) -> GitFacts:
    """Return what git says about `folder`; asked once in the life of a process, it never fails."""
    try:
        return _facts(folder.resolve())
    except (OSError, ValueError):
        return GitFacts()


def _facts(folder: Path) -> GitFacts:
    own = _git_folder(folder)
    if own is None:
        return GitFacts()
    shared = _shared(own)
    head = _text(own / "HEAD")
    reference = head.removeprefix("ref: ") if head.startswith("ref: ") else None
    commit = _commit(own, shared, reference) if reference else head
    return GitFacts(
        commit=commit if commit and _COMMIT.fullmatch(commit) else None,
        branch=reference.removeprefix("refs/heads/") if reference else None,
        repo_url=_repo_url(shared),
    )


def _git_folder(folder: Path) -> Path | None:
    for each in (folder, *folder.parents):
        found = each / ".git"
        if found.is_dir():
            return found
        if found.is_file():
            return (each / _text(found).removeprefix("gitdir: ")).resolve()
    return None


def _shared(own: Path) -> Path:
    """Return the folder that all working copies of a repository share."""
    named = own / "commondir"
    return (own / _text(named)).resolve() if named.is_file() else own


def _commit(own: Path, shared: Path, reference: str) -> str | None:
    for place in (own, shared):
        if (place / reference).is_file():
            return _text(place / reference)
    packed = shared / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {reference}")), None)


def _repo_url(shared: Path) -> str | None:
    try:
        config = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
        config.read_string((shared / "config").read_text())
        return without_password(config.get('remote "origin"', "url"))
    except (OSError, configparser.Error):
        return None


def without_password(url: str) -> str:
    """Return an address without the name and password that may stand in it.

    >>> without_password("https://ada:secret@example.org/repo.git")
    'https://example.org/repo.git'
    >>> without_password("git@example.org:repo.git")
    'git@example.org:repo.git'
    """
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _text(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(_LONGEST).strip()
