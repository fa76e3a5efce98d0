"""What can be decided about a registered model: one small frozen class per kind of change.

A change says everything that must happen together, so it is applied whole or not at all: a stage
transition names the versions it archives, and a promotion names the holder it replaces. What a
change *means*, and where it is allowed, is in :mod:`mlflowflow.registry.transitions` only.

Aliases move in three ways, told apart for the history's sake: by hand (`AliasMoved`), through a
gate (`Promoted`) and back (`RolledBack`). Each names the `previous` holder it was decided against.
A gate's refusal changes nothing and is recorded all the same (`GateEvaluated`).
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads these annotations when it runs
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Final, TypeAlias, get_args

from mlflowflow.errors import CorruptData
from mlflowflow.events.canonical import ADDED, Json, from_plain, plain
from mlflowflow.registry.state import ModelState  # noqa: TC001 - pydantic reads these annotations when it runs
from mlflowflow.registry.version import Stage, demand_alias, demand_tag_key


def _no_tags() -> Mapping[str, str]:
    return MappingProxyType({})


def _checked_tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({demand_tag_key(key): value for key, value in tags.items()})


# ---- the model ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCreated:
    """The model came into being (again, if it had been deleted)."""

    kind: ClassVar[str] = "model.created"
    description: str | None = field(default=None, metadata=ADDED)
    tags: Mapping[str, str] = field(default_factory=_no_tags)

    def __post_init__(self) -> None:
        """Check the tags' names and make them read-only."""
        object.__setattr__(self, "tags", _checked_tags(self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDescribed:
    """The model's description was replaced, or by None taken away."""

    kind: ClassVar[str] = "model.described"
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTagSet:
    """A tag of the model was set."""

    kind: ClassVar[str] = "model.tag.set"
    key: str
    value: str

    def __post_init__(self) -> None:
        """Check the tag's name."""
        demand_tag_key(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTagDeleted:
    """A tag of the model was removed."""

    kind: ClassVar[str] = "model.tag.deleted"
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameClaimed:
    """The free name is kept for the model `origin`; see :mod:`mlflowflow.registry.rename`."""

    kind: ClassVar[str] = "name.claimed"
    origin: str
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDropped:
    """The name is free again: there was no model that the claim could bring."""

    kind: ClassVar[str] = "claim.dropped"
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRefused:
    """The claim, made when there was a model of this name, can take none away any more."""

    kind: ClassVar[str] = "claim.refused"
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRenamed:
    """The model left this name for `name`, where `claim` awaits it."""

    kind: ClassVar[str] = "model.renamed"
    name: str
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelArrived:
    """The model `origin` goes on here, with the `state` it left by its entry `seq`, whose digest is `head`."""

    kind: ClassVar[str] = "model.arrived"
    origin: str
    claim: str
    seq: int
    head: str
    state: ModelState


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDeleted:
    """The model was deleted with its versions and aliases; its history stays."""

    kind: ClassVar[str] = "model.deleted"


# ---- its versions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCreated:
    """Version number `version` was registered, and the model with it if there was none."""

    kind: ClassVar[str] = "version.created"
    version: int
    source: str
    run_id: str | None = None
    digest: str | None = None
    signature: str | None = None
    tags: Mapping[str, str] = field(default_factory=_no_tags)
    description: str | None = field(default=None, metadata=ADDED)
    model_id: str | None = field(default=None, metadata=ADDED)
    run_link: str | None = field(default=None, metadata=ADDED)
    copied_from: str | None = field(default=None, metadata=ADDED)

    def __post_init__(self) -> None:
        """Check the tags' names and make them read-only."""
        object.__setattr__(self, "tags", _checked_tags(self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDescribed:
    """A version's description was replaced."""

    kind: ClassVar[str] = "version.described"
    version: int
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTagSet:
    """A tag of a version was set."""

    kind: ClassVar[str] = "version.tag.set"
    version: int
    key: str
    value: str

    def __post_init__(self) -> None:
        """Check the tag's name."""
        demand_tag_key(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTagDeleted:
    """A tag of a version was removed."""

    kind: ClassVar[str] = "version.tag.deleted"
    version: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTransitioned:
    """A version went to `stage`, and the `archived` versions left it in the same moment."""

    kind: ClassVar[str] = "stage.transitioned"
    version: int
    stage: Stage
    archived: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDeleted:
    """A version was deleted and lost its aliases; its number is not given again."""

    kind: ClassVar[str] = "version.deleted"
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEvaluated:
    """A gate weighed `version` for `alias` and did not move it.

    `outcome` is the verdict's word (FAILED, HELD, ERROR), `verdict` its digest, `sentence` its reason,
    `champion` the holder it was weighed against, `evaluations` the runs that gave the evidence, and
    `cause` the event that asked.
    """

    kind: ClassVar[str] = "gate.evaluated"
    alias: str
    version: int
    outcome: str
    verdict: str
    sentence: str = ""
    champion: int | None = None
    evaluations: tuple[str, ...] = ()
    cause: str | None = None


# ---- its aliases -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasMoved:
    """An alias was pointed at a version by hand."""

    kind: ClassVar[str] = "alias.moved"
    alias: str
    version: int
    previous: int | None = None

    def __post_init__(self) -> None:
        """Check the alias's name."""
        demand_alias(self.alias)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """A gate moved an alias: `verdict` is the digest of why, `sentence` the reason, `cause` the event that asked."""

    kind: ClassVar[str] = "alias.promoted"
    alias: str
    version: int
    verdict: str
    sentence: str = ""
    previous: int | None = None
    evaluations: tuple[str, ...] = ()
    cause: str | None = None

    def __post_init__(self) -> None:
        """Check the alias's name."""
        demand_alias(self.alias)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """An alias went back to a version that had held it before."""

    kind: ClassVar[str] = "alias.rolled-back"
    alias: str
    version: int
    previous: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRemoved:
    """An alias was removed."""

    kind: ClassVar[str] = "alias.removed"
    alias: str


ModelChange: TypeAlias = (
    ModelCreated | ModelDescribed | ModelTagSet | ModelTagDeleted | ModelRenamed | ModelDeleted
)
#: What is decided about a name that no model has, or not yet.
NameChange: TypeAlias = NameClaimed | ClaimDropped | ClaimRefused | ModelArrived
VersionChange: TypeAlias = (
    VersionCreated
    | VersionDescribed
    | VersionTagSet
    | VersionTagDeleted
    | StageTransitioned
    | VersionDeleted
    | GateEvaluated
)
AliasChange: TypeAlias = AliasMoved | Promoted | RolledBack | AliasRemoved
#: Any decision about one model.
Change: TypeAlias = ModelChange | NameChange | VersionChange | AliasChange

_KINDS: Final[dict[str, type[Change]]] = {each.kind: each for each in get_args(Change)}


def to_json(change: Change) -> dict[str, Json]:
    """Return the change's fields with its `kind`, ready for JSON.

    >>> to_json(AliasRemoved(alias="champion"))
    {'kind': 'alias.removed', 'alias': 'champion'}
    """
    fields = plain(change)
    assert isinstance(fields, dict)
    return {"kind": change.kind, **fields}


def from_json(value: object, *, key: str = "a change") -> Change:
    """Read what `to_json` wrote. Raises `CorruptData` naming `key` for anything else."""
    fields = dict(value) if isinstance(value, dict) else {}
    kind = str(fields.pop("kind", None))
    if kind not in _KINDS:
        raise CorruptData(
            key, f"this release does not know the kind of change '{kind}'; a later one may have written it"
        )
    return from_plain(_KINDS[kind], fields, key=key)
