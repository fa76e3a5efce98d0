"""Sources on the hub that the package ``datasets`` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from mlflowflow.data.dataset_source import DatasetSource, part
from mlflowflow.data.optional import optional
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS: Final = ("path", "config_name", "data_dir", "data_files", "split", "revision")


class HuggingFaceDatasetSource(DatasetSource):
    """What ``datasets.load_dataset`` was given.

    >>> HuggingFaceDatasetSource("squad", split="train").to_dict()["split"]
    'train'
    """

    def __init__(
        self,
        path: str,
        config_name: str | None = None,
        data_dir: str | None = None,
        data_files: Any = None,
        split: Any = None,
        revision: Any = None,
        trust_remote_code: bool | None = None,
    ) -> None:
        """Keep the arguments; `config_name` is the one that ``load_dataset`` calls ``name``."""
        self.path = path
        self.config_name = config_name
        self.data_dir = data_dir
        self.data_files = data_files
        self.split = split
        self.revision = revision
        self.trust_remote_code = trust_remote_code

    @classmethod
    def _get_source_type(cls) -> str:
        return "hugging_face"

    def load(self, **kwargs: Any) -> Any:
        """Load the dataset again; `kwargs` go to ``load_dataset`` too.

        Raises `MissingExtra` without the package, `InvalidInput` for an argument given twice.
        """
        wanted = {
            "path": self.path,
            "name": self.config_name,
            "data_dir": self.data_dir,
            "data_files": self.data_files,
            "split": self.split,
            "revision": self.revision,
        }
        twice = sorted(wanted.keys() & kwargs.keys())
        if twice:
            raise InvalidInput(f"The source says already what {', '.join(twice)} is; leave it out.")
        return datasets("Loading a dataset of the hub").load_dataset(**wanted, **kwargs)

    @classmethod
    def _can_resolve(cls, raw_source: Any) -> bool:
        del raw_source  # a name on the hub looks like a path, so it is never guessed
        return False

    @classmethod
    def _resolve(cls, raw_source: Any) -> Self:
        raise InvalidInput(f"A dataset of the hub is named to from_huggingface(); found {raw_source!r}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the arguments, the split as its text."""
        return {name: getattr(self, name) for name in _PARTS} | {"split": str(self.split)}

    @classmethod
    def from_dict(cls, source_dict: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned."""
        rest = {name: source_dict.get(name) for name in _PARTS[1:]}
        return cls(part(source_dict, "path", "hugging_face"), **rest)


def datasets(purpose: str) -> Any:
    """Import the package ``datasets``. Raises `MissingExtra` if it is not installed."""
    return optional("datasets", extra="huggingface", purpose=purpose)
