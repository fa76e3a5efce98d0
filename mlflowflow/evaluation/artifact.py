"""Files that an evaluation makes: tables, pictures, numbers, and what users' functions return.

The suffix says how a file is read. Pickles are written, because a user's function may return anything,
and never read: that would run code.
"""

from __future__ import annotations

import io
import json
import pickle
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, Final

from mlflowflow.data.digest_utils import pandas
from mlflowflow.data.optional import optional
from mlflowflow.errors import InvalidInput
from mlflowflow.models.inference import is_array, is_frame
from mlflowflow.tracking.artifacts.rendering import render_figure

if TYPE_CHECKING:
    from collections.abc import Callable


class EvaluationArtifact:
    """One file: where it is (`uri`) and what is in it (`content`, read when it is first asked for)."""

    suffixes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, uri: str, content: Any = None, *, read: Callable[[], bytes] | None = None) -> None:
        """Keep the address, and the content or how to `read` the file's bytes."""
        self._uri = uri
        self._content = content
        self._read = read

    @property
    def uri(self) -> str:
        """Where the file is."""
        return self._uri

    @property
    def content(self) -> Any:
        """What is in the file, in the form of its kind: a table, an image, an array, plain values."""
        if self._content is None:
            self._content = self.parse(self.to_bytes())
        return self._content

    @property
    def file_name(self) -> str:
        """The file's name without its folder."""
        return PurePosixPath(self._uri).name

    def to_bytes(self) -> bytes:
        """Return the file as it is stored. Raises `NotFound` if it is there no more."""
        if self._read is None:
            raise InvalidInput(f"Of '{self._uri}' only the address is known.")
        return self._read()

    @staticmethod
    def parse(data: bytes) -> Any:
        """Return what is in a file of this kind."""
        return data

    def __repr__(self) -> str:
        """Show the kind and the address."""
        return f"{type(self).__name__}(uri='{self._uri}')"


class ImageEvaluationArtifact(EvaluationArtifact):
    """A picture; its content is an image of Pillow."""

    suffixes = (".png", ".jpg", ".jpeg")

    @staticmethod
    def parse(data: bytes) -> Any:
        """Return the picture, read to its end."""
        image = optional("PIL.Image", extra="evaluate", purpose="Reading a picture").open(io.BytesIO(data))
        image.load()
        return image


class CsvEvaluationArtifact(EvaluationArtifact):
    """A table as text; its content is one of pandas."""

    suffixes = (".csv",)

    @staticmethod
    def parse(data: bytes) -> Any:
        """Return the table."""
        return pandas("Reading a table").read_csv(io.BytesIO(data))


class ParquetEvaluationArtifact(EvaluationArtifact):
    """A table in Parquet; its content is one of pandas."""

    suffixes = (".parquet",)

    @staticmethod
    def parse(data: bytes) -> Any:
        """Return the table."""
        return pandas("Reading a table").read_parquet(io.BytesIO(data))


class NumpyEvaluationArtifact(EvaluationArtifact):
    """An array."""

    suffixes = (".npy",)

    @staticmethod
    def parse(data: bytes) -> Any:
        """Return the array; one of objects is refused, for reading it would run code."""
        import numpy as np

        return np.load(io.BytesIO(data), allow_pickle=False)


class JsonEvaluationArtifact(EvaluationArtifact):
    """Plain values."""

    suffixes = (".json",)

    @staticmethod
    def parse(data: bytes) -> Any:
        """Return the values."""
        return json.loads(data)


class TextEvaluationArtifact(EvaluationArtifact):
    """A text in UTF-8."""

    suffixes = (".txt",)

    @staticmethod
    def parse(data: bytes) -> Any:
        """Return the text."""
        return data.decode()


class PickleEvaluationArtifact(EvaluationArtifact):
    """An object of any class; its content is known only where it was made."""

    suffixes = (".pickle",)

    @staticmethod
    def parse(data: bytes) -> Any:
        """Raise `InvalidInput`: reading a pickle runs what is written in it."""
        raise InvalidInput(
            f"This file of {len(data)} bytes is a pickle, and reading one runs code. If you trust it, fetch it "
            "with artifacts.download_artifacts() and read it yourself."
        )


KINDS: Final[tuple[type[EvaluationArtifact], ...]] = (
    ImageEvaluationArtifact,
    CsvEvaluationArtifact,
    ParquetEvaluationArtifact,
    NumpyEvaluationArtifact,
    JsonEvaluationArtifact,
    TextEvaluationArtifact,
    PickleEvaluationArtifact,
)
_BY_SUFFIX: Final = {suffix: kind for kind in KINDS for suffix in kind.suffixes}
_FROM_FILES: Final = tuple(suffix for suffix in _BY_SUFFIX if suffix != ".pickle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A file that is to be stored: its `suffix`, its bytes, and what it was made of."""

    suffix: str
    data: bytes
    content: Any = None


def kind_of(file_name: str) -> type[EvaluationArtifact]:
    """Return the kind that the suffix says.

    >>> kind_of("roc_curve_plot.png").__name__
    'ImageEvaluationArtifact'
    """
    return _BY_SUFFIX.get(PurePosixPath(file_name).suffix, EvaluationArtifact)


def render(name: str, found: Any) -> Rendered:
    """Turn what a user's function returned under `name` into a file.

    A path is copied, a text that is JSON is kept as it is; tables become CSV, arrays ``.npy``, figures
    PNG, plain values JSON, and anything else a pickle.

    Raises `InvalidInput` for a text that is neither, a path to no file or of no known suffix, and an
    object that cannot be pickled.
    """
    if isinstance(found, str | Path):
        return _of_text(name, found)
    if is_frame(found):
        return Rendered(suffix=".csv", data=found.to_csv(index=False).encode(), content=found)
    if is_array(found) and hasattr(found, "tobytes"):
        return Rendered(suffix=".npy", data=_npy(name, found), content=found)
    if hasattr(found, "savefig"):
        return Rendered(suffix=".png", data=render_figure(found, f"{name}.png", {}))
    try:
        return Rendered(suffix=".json", data=json.dumps(found, default=_plain).encode())
    except (TypeError, ValueError):
        return _pickle(name, found)


def _of_text(name: str, found: str | Path) -> Rendered:
    path = Path(found)
    if not isinstance(found, Path) and not _exists(path):
        try:
            json.loads(found)
        except ValueError as error:
            raise InvalidInput(
                f"The artifact '{name}' is '{found[:80]}', neither a file nor JSON."
            ) from error
        return Rendered(suffix=".json", data=found.encode())
    if not path.is_file():
        raise InvalidInput(f"The artifact '{name}' is '{path}', and there is no such file.")
    if path.suffix not in _FROM_FILES:
        raise InvalidInput(
            f"The artifact '{name}' is the file '{path.name}'; expected one that ends in {', '.join(_FROM_FILES)}."
        )
    return Rendered(suffix=path.suffix, data=path.read_bytes())


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a text that is too long, or has a zero byte, is no path
        return False


def _npy(name: str, array: Any) -> bytes:
    import numpy as np

    file = io.BytesIO()
    try:
        np.save(file, array, allow_pickle=False)
    except ValueError as error:
        raise InvalidInput(f"The artifact '{name}' is an array of objects; return a list of them.") from error
    return file.getvalue()


def _pickle(name: str, found: Any) -> Rendered:
    try:
        return Rendered(suffix=".pickle", data=pickle.dumps(found), content=found)
    except Exception as error:
        raise InvalidInput(
            f"The artifact '{name}' is a {type(found).__name__}, which cannot be written ({error}); return a "
            "path, a table, an array, a figure or plain values."
        ) from error


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is no plain value")
