"""Sources on the web: one file at an HTTP or HTTPS address."""

from __future__ import annotations

import shutil
import tempfile
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import unquote, urlparse

from mlflowflow.data.dataset_source import DatasetSource, part
from mlflowflow.errors import InvalidUri, NotFound, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S: Final = 60
_SCHEMES: Final = frozenset({"http", "https"})
_NOT_THERE: Final = frozenset({404, 410})


class HTTPDatasetSource(DatasetSource):
    """A file at the address `url`."""

    def __init__(self, url: str) -> None:
        """Keep the address; nothing is fetched before `load`. Raises `InvalidUri`."""
        if not self._can_resolve(url):
            raise InvalidUri(str(url), "an address that starts with http:// or https://")
        self._url = url

    @property
    def url(self) -> str:
        """The address."""
        return self._url

    @classmethod
    def _get_source_type(cls) -> str:
        return "http"

    def load(self, dst_path: str | Path | None = None) -> str:
        """Download the file into the folder `dst_path`, by default a new one, and return its path.

        The file is called what the server calls it, else what the address ends in. A server's name
        that is a path is not believed: it could leave the folder.

        Raises `NotFound` if there is no such file and `StoreUnavailable` if nobody answers.
        """
        folder = Path(tempfile.mkdtemp(prefix="mlflowflow-data-") if dst_path is None else dst_path)
        folder.mkdir(parents=True, exist_ok=True)
        request = urllib.request.Request(self._url)  # noqa: S310 - the scheme was checked
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - the scheme was checked
                path = folder / (_plain(answer.headers.get_filename()) or self._last_part())
                with path.open("wb") as file:
                    shutil.copyfileobj(answer, file)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in _NOT_THERE:
                    raise NotFound("file", self._url, hint=f"The server says {error.code}.") from error
                raise StoreUnavailable(self._url, f"the server says {error.code}") from error
        except OSError as error:
            raise StoreUnavailable(self._url, str(error)) from error
        return str(path)

    def _last_part(self) -> str:
        return _plain(unquote(PurePosixPath(urlparse(self._url).path).name)) or "dataset_source"

    @classmethod
    def _can_resolve(cls, raw_source: Any) -> bool:
        return isinstance(raw_source, str) and urlparse(raw_source).scheme in _SCHEMES

    @classmethod
    def _resolve(cls, raw_source: Any) -> Self:
        return cls(raw_source)

    def to_dict(self) -> dict[str, Any]:
        """Return the address."""
        return {"url": self._url}

    @classmethod
    def from_dict(cls, source_dict: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned."""
        return cls(part(source_dict, "url", "http"))


def _plain(name: str | None) -> str:
    """Return `name` if it names a file within a folder, else nothing."""
    return name if name and name not in {".", ".."} and not set(name) & set("/\\\0") else ""
