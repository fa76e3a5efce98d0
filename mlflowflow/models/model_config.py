"""What a model written as code is configured with, while it is developed and when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.models.manifest import load_yaml

if TYPE_CHECKING:
    from collections.abc import Generator

_CONFIGURED: Final[ContextVar[Mapping[str, Any] | None]] = ContextVar("mlflowflow_model_config", default=None)


class ModelConfig:
    """The configuration that the file of a model reads: the saved one, or while developing its own.

    >>> config = ModelConfig(development_config={"depth": 3})
    >>> config.get("depth"), config.to_dict()
    (3, {'depth': 3})
    """

    def __init__(self, *, development_config: str | Path | Mapping[str, Any] | None = None) -> None:
        """Use `development_config`, a dictionary or the path of a YAML file, where no model is being loaded."""
        found = _CONFIGURED.get()
        self._development = development_config
        self._values = dict(read_config(development_config) if found is None else found)

    def get(self, key: str) -> Any:
        """Return one value. Raises `NotFound`."""
        if key not in self._values:
            raise NotFound("key", key, hint=f"The configuration has {', '.join(self._values) or 'nothing'}.")
        return self._values[key]

    def to_dict(self) -> dict[str, Any]:
        """Return all values."""
        return dict(self._values)


@contextmanager
def configured(config: Mapping[str, Any] | None) -> Generator[None]:
    """Let `ModelConfig` give the values of `config` inside, if there are any."""
    token = _CONFIGURED.set(config or None)
    try:
        yield
    finally:
        _CONFIGURED.reset(token)


def read_config(config: str | Path | Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return a configuration given as a dictionary or as the path of a YAML file; nothing for None.

    Raises `NotFound` for a file that is not there and `InvalidInput` for anything else.
    """
    given: Any = config
    match given:
        case None:
            return {}
        case Mapping():
            return given
        case str() | Path():
            path = Path(given)
            if not path.is_file():
                raise NotFound("configuration file", str(path))
            return load_yaml(path.read_bytes(), key=str(path))
        case _:
            raise InvalidInput(
                f"A model's configuration is a dictionary or a YAML file, not a '{type(given).__name__}'."
            )
