"""Everything that is true of one model after some number of decisions, as one frozen value.

A state is only ever made by :mod:`mlflowflow.registry.transitions`. It keeps what the next decision
needs and no more: aliases are kept once, by name, and the facts that readers see are composed from
them on the way out.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads these annotations when it runs
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from mlflowflow.errors import NotFound
from mlflowflow.events.canonical import ADDED
from mlflowflow.registry.version import ModelVersion, RegisteredModel, Stage


def _no_versions() -> Mapping[int, ModelVersion]:
    return MappingProxyType({})


def _no_aliases() -> Mapping[str, int]:
    return MappingProxyType({})


def _no_tags() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_former() -> Mapping[str, tuple[int, ...]]:
    return MappingProxyType({})


def _no_departures() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """What the log of a name knows of renaming; see :mod:`mlflowflow.registry.rename`.

    `claim` is open while a model is on its way here from `origin`. `departures` says by which claim a
    model left for which name, `left_for` where the last one went if the name is free since, `refused`
    which claims can take nobody away any more, and `former_names` what the present model was called.
    """

    claim: str | None = None
    origin: str = ""
    left_for: str | None = None
    departures: Mapping[str, str] = field(default_factory=_no_departures)
    refused: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Make the departures read-only."""
        object.__setattr__(self, "departures", MappingProxyType(dict(self.departures)))


_LATEST: Final = "latest"
_NEVER_RENAMED: Final = Renaming()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """One model as the decisions so far have left it.

    `exists` is False before the first decision and after a deletion. `last_version` is the highest
    number ever given. `former` holds, for each alias, the versions that held it before the present
    one, oldest first: what a rollback goes back through. `renaming` is None in a log that never had to
    do with it. Times are milliseconds.

    >>> ModelState(name="digits").exists
    False
    """

    name: str
    exists: bool = False
    last_version: int = 0
    versions: Mapping[int, ModelVersion] = field(default_factory=_no_versions)
    aliases: Mapping[str, int] = field(default_factory=_no_aliases)
    former: Mapping[str, tuple[int, ...]] = field(default_factory=_no_former)
    description: str | None = ""
    tags: Mapping[str, str] = field(default_factory=_no_tags)
    creation_time: int = 0
    last_updated_time: int = 0
    renaming: Renaming | None = field(default=None, metadata=ADDED)

    def __post_init__(self) -> None:
        """Make the mappings read-only."""
        for name in ("versions", "aliases", "former", "tags"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def names(self) -> Renaming:
        """What is known of renaming."""
        return self.renaming or _NEVER_RENAMED

    def holder(self, alias: str) -> int | None:
        """Return the version that `alias` points to now, or None."""
        return self.aliases.get(alias)

    def model(self) -> RegisteredModel:
        """Return the model as readers see it. Raises `NotFound` if it does not exist."""
        self.demand_exists()
        return RegisteredModel(
            name=self.name,
            creation_time=self.creation_time,
            last_updated_time=self.last_updated_time,
            versions=tuple(self.version(number) for number in sorted(self.versions)),
            aliases=self.aliases,
            description=self.description,
            tags=self.tags,
        )

    def version(self, number: int) -> ModelVersion:
        """Return version `number` with its aliases. Raises `NotFound` if there is none."""
        self.demand_exists()
        if number not in self.versions:
            raise NotFound("model version", f"{self.name}/{number}", hint=self._numbers())
        aliases = sorted(alias for alias, holder in self.aliases.items() if holder == number)
        return replace(self.versions[number], aliases=aliases)

    def version_by_alias(self, alias: str) -> ModelVersion:
        """Return the version that `alias` points to, for "latest" the newest. Raises `NotFound`."""
        self.demand_exists()
        newest = max(self.versions, default=None)
        holder = newest if str(alias).lower() == _LATEST else self.holder(alias)
        if holder is None:
            known = ", ".join(f"'{each}'" for each in sorted(self.aliases)) or "none"
            raise NotFound("alias", f"{self.name}@{alias}", hint=f"Aliases of this model: {known}.")
        return self.version(holder)

    def in_stage(self, stage: Stage) -> tuple[int, ...]:
        """Return the numbers of the versions in `stage`, in order."""
        return tuple(number for number in sorted(self.versions) if self.versions[number].stage is stage)

    def demand_exists(self) -> None:
        """Raise `NotFound` unless the model exists."""
        if not self.exists:
            raise NotFound("registered model", self.name, hint=self._absence())

    def _absence(self) -> str:
        if self.names.left_for is None:
            return "Register a version of it to create it."
        return f"It was renamed to '{self.names.left_for}'; use that name, or register a new model under this one."

    def _numbers(self) -> str:
        if not self.versions:
            return "The model has no versions."
        return f"The model has versions {', '.join(map(str, sorted(self.versions)))}."
