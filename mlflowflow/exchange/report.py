"""What an import or an export did, counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

#: The counted things, as people call them.
NOUNS: Final = {
    "experiments": "experiments",
    "runs": "runs",
    "points": "metric points",
    "params": "params",
    "tags": "tags",
    "datasets": "dataset inputs",
    "logged_models": "logged models",
    "files": "files",
    "bytes": "bytes of files",
    "models": "registered models",
    "versions": "model versions",
    "aliases": "aliases",
}


@dataclass(slots=True, kw_only=True)
class Counts:
    """How many of each."""

    experiments: int = 0
    runs: int = 0
    points: int = 0
    params: int = 0
    tags: int = 0
    datasets: int = 0
    logged_models: int = 0
    files: int = 0
    bytes: int = 0
    models: int = 0
    versions: int = 0
    aliases: int = 0


@dataclass(slots=True, kw_only=True)
class Report:
    """What the other side has (`found`), what of it was new here (`new`), and what could not be done.

    A second import of the same store finds the same and adds nothing.
    """

    found: Counts = field(default_factory=Counts)
    new: Counts = field(default_factory=Counts)
    problems: list[str] = field(default_factory=list[str])

    def count(self, what: str, found: int, new: int) -> None:
        """Add to both counts of one thing."""
        setattr(self.found, what, getattr(self.found, what) + found)
        setattr(self.new, what, getattr(self.new, what) + new)

    def add(self, found: Counts, new: Counts) -> None:
        """Add several counts at once."""
        for one in fields(Counts):
            self.count(one.name, getattr(found, one.name), getattr(new, one.name))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)
