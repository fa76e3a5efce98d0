"""How a process keeps what it logs until the store has it: levels, bounds and pauses, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypedDict, TypeVar, Unpack

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.writing.pace import INTERVALS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflowflow.config import Settings

#: A spool file of this size takes no more records; a successor does.
ROTATE_BYTES: Final = 64 * 1024 * 1024
#: So much may wait in one process's spool files.
SPOOL_BYTES: Final = 4 * 1024**3
#: So much may wait in memory if there is no file.
VOLATILE_BYTES: Final = 256 * 1024 * 1024
#: So much of what is in a file is kept in memory too, so that it need not be read again.
MEMORY_BYTES: Final = 16 * 1024 * 1024
#: Seconds between a process's signs of life; after three without one it counts as dead.
HEARTBEAT_S: Final = 30.0
#: How many files share the bound of a spool at least, so that the first can be given up before it is reached.
_SHARES: Final = 4
_Choice = TypeVar("_Choice", bound=StrEnum)


class Durability(StrEnum):
    """What a record has survived when its call returns.

    Nothing, the end of the process, the power, the machine. Under ``process`` the disk is synced in
    the background, so that a power failure costs the last second.
    """

    MEMORY = "memory"
    PROCESS = "process"
    DISK = "disk"
    STORE = "store"


class OnSpoolFull(StrEnum):
    """What a call does whose record no disk and no store takes: fail, wait, or count and drop it."""

    RAISE = "raise"
    BLOCK = "block"
    DROP = "drop"


class Changes(TypedDict, total=False):
    """Fields of `Writing` given one by one."""

    spool_dir: Path | None
    durability: Durability | str
    flush_intervals: Sequence[float]
    spool_bytes: int | None
    memory_bytes: int
    on_spool_full: OnSpoolFull | str
    heartbeat_s: float
    owns_runs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The choices of one tracker.

    Records wait in `spool_dir`, by default where the store says. `flush_intervals` are the seconds
    from the first unflushed record to the flush, the first, second, … time; without any nothing
    happens in the background. `spool_bytes` bounds what waits, in all, and `memory_bytes` how much
    of it is kept in memory although it is in a file. Without `heartbeat_s` nobody learns that this
    process died. A process that logs on behalf of others (a server) has no `owns_runs`: their runs go on
    when it ends.
    """

    spool_dir: Path | None = None
    durability: Durability = Durability.PROCESS
    flush_intervals: Sequence[float] = INTERVALS
    spool_bytes: int | None = None
    rotate_bytes: int = ROTATE_BYTES
    memory_bytes: int = MEMORY_BYTES
    on_spool_full: OnSpoolFull = OnSpoolFull.RAISE
    heartbeat_s: float = HEARTBEAT_S
    owns_runs: bool = True

    @classmethod
    def of(cls, settings: Settings) -> Writing:
        """Return the choices that `settings` name. Raises `InvalidInput` for an unknown word."""
        return cls(
            spool_dir=settings.spool_dir,
            durability=chosen(Durability, settings.durability, name="durability"),
            spool_bytes=settings.spool_bytes,
            on_spool_full=chosen(OnSpoolFull, settings.on_spool_full, name="on_spool_full"),
        )

    def changed(self, **changes: Unpack[Changes]) -> Writing:
        """Return the same with some `changes`; levels may be given as words. Raises `InvalidInput`."""
        fields: dict[str, Any] = dict(changes)
        if "durability" in changes:
            fields["durability"] = chosen(Durability, changes["durability"], name="durability")
        if "on_spool_full" in changes:
            fields["on_spool_full"] = chosen(OnSpoolFull, changes["on_spool_full"], name="on_spool_full")
        return replace(self, **fields)

    @property
    def bound(self) -> int:
        """How many bytes may wait in all."""
        if self.spool_bytes is not None:
            return self.spool_bytes
        return VOLATILE_BYTES if self.spool_dir is None else SPOOL_BYTES

    @property
    def rotate_at(self) -> int:
        """At what size a spool takes no more records."""
        return max(1, min(self.rotate_bytes, self.bound // _SHARES))


def chosen(kind: type[_Choice], word: str, *, name: str) -> _Choice:
    """Return the member of `kind` that `word` is.

    >>> chosen(OnSpoolFull, "drop", name="on_spool_full")
    <OnSpoolFull.DROP: 'drop'>

    Raises `InvalidInput`, naming the setting `name` and the words there are.
    """
    try:
        return kind(word)
    except ValueError:
        raise InvalidInput(f"'{word}' is no {name}; expected one of {', '.join(kind)}.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How safe the records of one process are: how many have come how far, and the promised `level`.

    `queued` are in memory only, `spooled` survive the end of the process, `synced` a power failure
    of the machine, `stored` the loss of the machine. A record is counted once, at the farthest.
    """

    level: Durability
    queued: int = 0
    spooled: int = 0
    synced: int = 0
    stored: int = 0
