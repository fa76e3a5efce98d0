"""What a registered model and a model version are, as frozen facts in MLflow's shape.

Field names and units are those of MLflow's entities (times are milliseconds since 1970 UTC), with
two differences: versions are integers, and a version carries the digest of the model's files, so
"what exactly was promoted?" has an answer. The rules for names live here too, because a fact with
a wrong name must not come into being.
"""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - pydantic reads these annotations when it runs
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from mlflowflow.errors import InvalidInput

_MODEL_NAME: Final = re.compile(r"[^/:?#\x00-\x1f\x7f]{1,256}")
_ALIAS: Final = re.compile(r"[\w-]{1,255}")
#: These would read as something else in a model URI.
_RESERVED_ALIAS: Final = re.compile(r"latest|v\d+", re.IGNORECASE)
_TAG_KEY: Final = re.compile(r"[^\x00-\x1f\x7f]{1,250}")


class Stage(StrEnum):
    """Where a version stands in MLflow's four stages.

    >>> Stage.parse("production")
    <Stage.PRODUCTION: 'Production'>
    """

    NONE = "None"
    STAGING = "Staging"
    PRODUCTION = "Production"
    ARCHIVED = "Archived"

    @classmethod
    def parse(cls, text: str) -> Stage:
        """Read a stage in any case. Raises `InvalidInput` for anything else."""
        for stage in cls:
            if stage.value.lower() == text.lower():
                return stage
        raise InvalidInput(f"'{text}' is not a stage; expected one of {', '.join(cls)}.")


#: The stages that a transition may clear of other versions.
ACTIVE_STAGES: Final = frozenset({Stage.STAGING, Stage.PRODUCTION})


def _no_tags() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_aliases() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version of a registered model as it stood when it was read.

    `source` is where its files are, `digest` the SHA-256 over them, `signature` MLflow's JSON text.
    """

    name: str
    version: int
    source: str
    creation_time: int
    last_updated_time: int
    run_id: str | None = None
    digest: str | None = None
    signature: str | None = None
    stage: Stage = Stage.NONE
    aliases: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=_no_tags)
    description: str = ""

    def __post_init__(self) -> None:
        """Make the tags read-only."""
        object.__setattr__(self, "tags", MappingProxyType(dict(self.tags)))

    @property
    def uri(self) -> str:
        """The address of exactly this version."""
        return f"models:/{self.name}/{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """One registered model as it stood when it was read; `versions` in the order of their numbers."""

    name: str
    creation_time: int
    last_updated_time: int
    versions: tuple[ModelVersion, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=_no_aliases)
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=_no_tags)

    def __post_init__(self) -> None:
        """Make aliases and tags read-only."""
        object.__setattr__(self, "aliases", MappingProxyType(dict(self.aliases)))
        object.__setattr__(self, "tags", MappingProxyType(dict(self.tags)))

    def latest(self, stage: Stage | None = None) -> ModelVersion | None:
        """Return the version with the highest number, among those in `stage` if one is given."""
        fitting = (each for each in reversed(self.versions) if stage is None or each.stage is stage)
        return next(fitting, None)


def demand_model_name(name: str) -> str:
    """Return `name`, or raise `InvalidInput` if a model cannot be called so."""
    if not _MODEL_NAME.fullmatch(name) or name != name.strip():
        raise InvalidInput(
            f"A model cannot be called '{name}'; expected 1 to 256 characters without '/', ':', '?', '#', "
            "control characters or blanks at the ends."
        )
    return name


def demand_alias(alias: str) -> str:
    """Return `alias`, or raise `InvalidInput` if it cannot be one (MLflow's rule).

    >>> demand_alias("champion")
    'champion'
    """
    if not _ALIAS.fullmatch(alias):
        raise InvalidInput(
            f"'{alias}' cannot be an alias; expected 1 to 255 letters, digits, '_' or '-', such as 'champion'."
        )
    if _RESERVED_ALIAS.fullmatch(alias):
        raise InvalidInput(
            f"'{alias}' cannot be an alias because it reads as a version; choose a name such as 'champion'."
        )
    return alias


def demand_tag_key(key: str) -> str:
    """Return `key`, or raise `InvalidInput` if a tag cannot be called so."""
    if not _TAG_KEY.fullmatch(key):
        raise InvalidInput(
            f"A tag cannot be called '{key}'; expected 1 to 250 characters, none a control character."
        )
    return key
