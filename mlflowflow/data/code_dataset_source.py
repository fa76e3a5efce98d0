"""The source of data whose origin nobody named: the program that made it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn, Self

from mlflowflow.data.dataset_source import DatasetSource
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping


class CodeDatasetSource(DatasetSource):
    """A program, described by `tags` such as ``mlflow.source.name``.

    >>> CodeDatasetSource({"mlflow.source.type": "LOCAL"}).to_dict()
    {'tags': {'mlflow.source.type': 'LOCAL'}}
    """

    def __init__(self, tags: Mapping[str, Any] | None = None) -> None:
        """Keep the tags; None describes the program that runs now."""
        self._tags = this_program() if tags is None else dict(tags)

    @classmethod
    def _get_source_type(cls) -> str:
        return "code"

    def load(self, **_: object) -> NoReturn:
        """Raise `InvalidInput`: a program cannot be asked for its data again."""
        name = self._tags.get("mlflow.source.name", "an unknown program")
        raise InvalidInput(
            f"The data was made by '{name}', and nothing says where it lies; "
            "give its address as `source` when the dataset is made."
        )

    @classmethod
    def _can_resolve(cls, raw_source: Any) -> bool:
        del raw_source  # no address names a program
        return False

    @classmethod
    def _resolve(cls, raw_source: Any) -> Self:
        raise InvalidInput(f"No address names a program; found {raw_source!r}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the tags."""
        return {"tags": self._tags}

    @classmethod
    def from_dict(cls, source_dict: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned."""
        return cls(source_dict.get("tags") or {})


def this_program() -> dict[str, str]:
    """Return the tags of the program that runs now."""
    return {"mlflow.source.name": sys.argv[0] or "<interactive>", "mlflow.source.type": "LOCAL"}
