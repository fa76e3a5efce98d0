"""What a registered model and a model version are, as frozen facts in MLflow's shape.

What MLflow's entities have can be read under its names, in its units (milliseconds since 1970 UTC)
and types (a version's number is an int, as its database stores give it). A version also carries the
digest of the model's files, so "what exactly was promoted?" has an answer. The rules for names live
here too, because a fact with a wrong name must not come into being.
"""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - pydantic reads these annotations when it runs
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.events.canonical import ADDED

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODEL_NAME: Final = re.compile(r"[^/:?#\x00-\x1f\x7f]{1,256}")
_ALIAS: Final = re.compile(r"[\w-]{1,255}")
#: These would read as something else in a model URI.
_RESERVED_ALIAS: Final = re.compile(r"latest|v\d+", re.IGNORECASE)
_TAG_KEY: Final = re.compile(r"[^\x00-\x1f\x7f]{1,250}")
_LONGEST_TAG: Final = 100_000
#: The tag by which MLflow tells prompts, which it keeps as models, from models.
PROMPT_TAG: Final = "mlflow.prompt.is_prompt"


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
            if stage.value.lower() == str(text).lower():
                return stage
        raise InvalidInput(f"'{text}' is not a stage; expected one of {', '.join(cls)}.")


#: The stages that a transition may clear of other versions.
ACTIVE_STAGES: Final = frozenset({Stage.STAGING, Stage.PRODUCTION})


_WORKSPACE: Final = "default"
_VERSION_NAMES: Final = (
    "aliases",
    "creation_timestamp",
    "current_stage",
    "deployment_job_state",
    "description",
    "last_updated_timestamp",
    "metrics",
    "model_id",
    "name",
    "params",
    "run_id",
    "run_link",
    "source",
    "status",
    "status_message",
    "tags",
    "user_id",
    "version",
    "workspace",
)
_MODEL_NAMES: Final = (
    "aliases",
    "creation_timestamp",
    "deployment_job_id",
    "deployment_job_state",
    "description",
    "last_updated_timestamp",
    "latest_versions",
    "name",
    "tags",
    "workspace",
)


def _no_tags() -> Mapping[str, str]:
    return {}


def _no_aliases() -> Mapping[str, int]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version of a registered model as it stood when it was read.

    `source` is where its files are, `digest` the SHA-256 over them, `signature` MLflow's JSON text,
    `model_id` the logged model it is, and `copied_from` the address of the version it is a copy of. A
    `description` that was never given is None.

    >>> version = ModelVersion(name="digits", version=3, source="s3://b/m", creation_time=5, last_updated_time=6)
    >>> version.current_stage, version.status, version.creation_timestamp
    ('None', 'READY', 5)
    >>> dict(version)["version"]
    3
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
    aliases: list[str] = field(default_factory=list)
    tags: Mapping[str, str] = field(default_factory=_no_tags)
    description: str | None = field(default=None, metadata=ADDED)
    model_id: str | None = field(default=None, metadata=ADDED)
    run_link: str | None = field(default=None, metadata=ADDED)
    copied_from: str | None = field(default=None, metadata=ADDED)

    def __post_init__(self) -> None:
        """Have tags of its own, as the dict that scripts write as JSON."""
        object.__setattr__(self, "tags", dict(self.tags))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Go through what MLflow's entity has, as pairs of a name and a value."""
        return ((name, getattr(self, name)) for name in _VERSION_NAMES)

    @property
    def creation_timestamp(self) -> int:
        """When the version was registered."""
        return self.creation_time

    @property
    def last_updated_timestamp(self) -> int:
        """When the version was changed last."""
        return self.last_updated_time

    @property
    def current_stage(self) -> str:
        """The stage by its name: None, Staging, Production or Archived."""
        return self.stage.value

    @property
    def status(self) -> str:
        """Always "READY": a version is registered in one moment, after its files were read."""
        return "READY"

    @property
    def status_message(self) -> None:
        """Nothing, as there is no other status."""
        return

    @property
    def user_id(self) -> None:
        """Nothing, as in MLflow's own stores; who registered the version is in the model's history."""
        return

    @property
    def params(self) -> None:
        """Nothing, as in MLflow's own stores; the run and the logged model have them."""
        return

    @property
    def metrics(self) -> None:
        """Nothing, as in MLflow's own stores; the run and the logged model have them."""
        return

    @property
    def deployment_job_state(self) -> None:
        """Nothing: deployment jobs are a matter of another product."""
        return

    @property
    def workspace(self) -> str:
        """Always "default": a registry is one workspace."""
        return _WORKSPACE

    @property
    def uri(self) -> str:
        """The address of exactly this version."""
        return f"models:/{self.name}/{self.version}"

    def _repr_html_(self) -> str:
        """Show the version in a notebook."""
        from mlflowflow.registry.notebook import version_html

        return version_html(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """One registered model as it stood when it was read; `versions` in the order of their numbers.

    >>> model = RegisteredModel(name="digits", creation_time=5, last_updated_time=6)
    >>> model.latest_versions, dict(model)["name"]
    ([], 'digits')
    """

    name: str
    creation_time: int
    last_updated_time: int
    versions: tuple[ModelVersion, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=_no_aliases)
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=_no_tags)

    def __post_init__(self) -> None:
        """Have aliases and tags of its own, as dicts."""
        object.__setattr__(self, "aliases", dict(self.aliases))
        object.__setattr__(self, "tags", dict(self.tags))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Go through what MLflow's entity has, as pairs of a name and a value."""
        return ((name, getattr(self, name)) for name in _MODEL_NAMES)

    @property
    def creation_timestamp(self) -> int:
        """When the model was created."""
        return self.creation_time

    @property
    def last_updated_timestamp(self) -> int:
        """When anything of the model was changed last."""
        return self.last_updated_time

    @property
    def latest_versions(self) -> list[ModelVersion]:
        """The newest version of each stage that has one, in the order in which versions got there."""
        newest: dict[Stage, ModelVersion] = {}
        for version in self.versions:
            newest[version.stage] = version  # a stage keeps the place of its first version
        return list(newest.values())

    @property
    def is_prompt(self) -> bool:
        """Whether MLflow keeps a prompt in it, which is no model."""
        return is_prompt(self.tags)

    @property
    def deployment_job_id(self) -> None:
        """Nothing: deployment jobs are a matter of another product."""
        return

    @property
    def deployment_job_state(self) -> None:
        """Nothing: deployment jobs are a matter of another product."""
        return

    @property
    def workspace(self) -> str:
        """Always "default": a registry is one workspace."""
        return _WORKSPACE

    def _repr_html_(self) -> str:
        """Show the model in a notebook."""
        from mlflowflow.registry.notebook import model_html

        return model_html(self)

    def latest(self, stage: Stage | None = None) -> ModelVersion | None:
        """Return the version with the highest number, among those in `stage` if one is given."""
        fitting = (each for each in reversed(self.versions) if stage is None or each.stage is stage)
        return next(fitting, None)


def is_prompt(tags: Mapping[str, str]) -> bool:
    """Answer whether what has these tags, a model or a version, is a prompt that MLflow keeps so.

    >>> is_prompt({"mlflow.prompt.is_prompt": "true"}), is_prompt({})
    (True, False)
    """
    return tags.get(PROMPT_TAG, "").lower() == "true"


def demand_model_name(name: object) -> str:
    """Return `name`, or raise `InvalidInput` if a model cannot be called so."""
    if not isinstance(name, str) or not _MODEL_NAME.fullmatch(name) or name != name.strip():
        raise InvalidInput(
            f"A model cannot be called '{name}'; expected 1 to 256 characters without '/', ':', '?', '#', "
            "control characters or blanks at the ends."
        )
    return name


def demand_alias(alias: object) -> str:
    """Return `alias`, or raise `InvalidInput` if it cannot be one (MLflow's rule).

    >>> demand_alias("champion")
    'champion'
    """
    if not isinstance(alias, str) or not _ALIAS.fullmatch(alias):
        raise InvalidInput(
            f"'{alias}' cannot be an alias; expected 1 to 255 letters, digits, '_' or '-', such as 'champion'."
        )
    if _RESERVED_ALIAS.fullmatch(alias):
        raise InvalidInput(
            f"'{alias}' cannot be an alias because it reads as a version; choose a name such as 'champion'."
        )
    return alias


def demand_tag_key(key: object) -> str:
    """Return `key`, or raise `InvalidInput` if a tag cannot be called so."""
    if not isinstance(key, str) or not _TAG_KEY.fullmatch(key):
        raise InvalidInput(
            f"A tag cannot be called '{key}'; expected 1 to 250 characters, none a control character."
        )
    return key


def demand_tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    """Return `tags` read-only, or raise `InvalidInput` if a key or a value cannot be one."""
    return MappingProxyType({demand_tag_key(key): demand_tag_value(key, tags[key]) for key in tags})


def demand_tag_value(key: str, value: str) -> str:
    """Return `value`, or raise `InvalidInput` if it is too long for a tag (MLflow's rule)."""
    if len(value) > _LONGEST_TAG:
        raise InvalidInput(
            f"The tag '{key}' has a value of {len(value)} characters; expected at most {_LONGEST_TAG}. "
            "Keep long texts as artifacts."
        )
    return value


def demand_version_number(version: object) -> int:
    """Return the number of a version, given as int or as text. Raises `InvalidInput`.

    >>> demand_version_number("3")
    3
    """
    text = str(version)
    if isinstance(version, bool) or not re.fullmatch(r"[0-9]{1,18}", text):
        raise InvalidInput(
            f"{version!r} is not the number of a version; expected an integer such as 1 or '1'."
        )
    return int(text)
