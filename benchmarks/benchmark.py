"""A benchmark as a fact: who is measured by which program, how often, and what is hoped for."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.goal import Goal

#: The environment we run in ourselves.
OURS: Final = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One program with its arguments; ``{folder}``, ``{data}`` and ``{python}`` in them are filled in.

    ``{folder}`` is empty and used once; ``{data}`` is what the contender's preparation made;
    ``{python}`` is the interpreter of the contender's environment.
    """

    program: str
    arguments: Mapping[str, Any]
    #: What differs in a trial that only shows that everything works.
    small: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    #: Whether it runs in our environment, whoever is measured: it watches a peer from outside.
    from_outside: bool = False

    def sized(self, *, small: bool) -> dict[str, Any]:
        """Return the arguments, for a trial if `small`."""
        return {**self.arguments, **(self.small if small else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """Somebody who is measured, in the interpreter of an `environment`.

    `preparation` makes data once and keeps it; it is not repeated. `once` is for what takes long
    and does not depend on chance. A `guest` is a peer that our own environment has installed anyway.
    """

    name: str
    measured: Step
    environment: str = OURS
    environ: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    preparation: Step | None = None
    once: bool = False
    guest: bool = False

    @property
    def is_peer(self) -> bool:
        """Whether it is somebody else."""
        return self.guest or self.environment != OURS


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A question that contenders answer one after the other, several times in turn."""

    name: str
    contenders: tuple[Contender, ...]
    goals: tuple[Goal, ...]
    repetitions: int = 5
