"""What a user wished when switching autologging on, the same for every library."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_FLAGS = (
    "log_input_examples",
    "log_model_signatures",
    "log_models",
    "log_datasets",
    "disable",
    "exclusive",
    "disable_for_unsupported_versions",
    "silent",
)


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The arguments of an ``autolog`` function; `own` are those that only one library has.

    Raises `InvalidInput` for a flag that is no bool and for tags that are no mapping of texts.

    >>> Options(silent=True, own={"max_tuning_runs": 3}).own["max_tuning_runs"]
    3
    """

    log_input_examples: bool = False
    log_model_signatures: bool = True
    log_models: bool = True
    log_datasets: bool = True
    disable: bool = False
    exclusive: bool = False
    disable_for_unsupported_versions: bool = False
    silent: bool = False
    registered_model_name: str | None = None
    extra_tags: Mapping[str, str] | None = None
    own: Mapping[str, Any] = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        """Refuse what would only be noticed in the middle of a training."""
        for name in _FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise InvalidInput(f"autolog() was given {name}={getattr(self, name)!r}; expected a bool.")
        tags: Any = self.extra_tags
        if tags is not None and not (isinstance(tags, dict) and all(isinstance(key, str) for key in tags)):
            raise InvalidInput(f"autolog() was given extra_tags={tags!r}; expected a dict with text keys.")
