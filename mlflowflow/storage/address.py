"""Where a store is: one spelling for every address.

=========================== =====================================================================
``./mlff-data``, ``file:``  a directory
``memory://name``           this process's memory
``s3://bucket/prefix``      S3 and what speaks its protocol
``gs://``, ``az://``        Google and Azure, through their fsspec packages (not tested here)
``mlff+…``, ``mlff:``       the same, as programs of MLflow name them
=========================== =====================================================================

An address holds no options and no credentials: those come from the environment (``AWS_PROFILE``,
``AWS_ENDPOINT_URL``, …), so an address may be printed, logged and given to a child process. Only
the schemes above are known, because fsspec itself would read local files for many others.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from mlflowflow.errors import InvalidUri
from mlflowflow.storage.key import is_key

#: Other spellings of a scheme, and the one used here.
_SCHEMES: Final = {
    "file": "file",
    "memory": "memory",
    "s3": "s3",
    "s3a": "s3",
    "gs": "gs",
    "gcs": "gs",
    "az": "az",
    "abfs": "az",
}
_EXPECTED: Final = (
    "a directory, file://, memory://name, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
)
_NO_SERVER: Final = (
    "the store itself, for there is no server in between: set MLFLOWFLOW_TRACKING_URI or call "
    f"set_tracking_uri() with {_EXPECTED}"
)
#: What to say about the addresses that scripts written for MLflow bring along.
_EXPECTED_INSTEAD: Final[dict[str, str]] = dict.fromkeys(
    ("http", "https", "databricks", "databricks-uc", "uc", "sqlite", "postgresql", "mysql", "mssql"),
    _NO_SERVER,
)
#: What MLflow finds the plugin by stands before the address; both libraries may read one variable.
_PLUGIN: Final = re.compile(r"mlff(?:\+|:(?://(?=/))?)(?=.)", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]+):(?P<rest>.*)", re.DOTALL)
_REMOTE: Final = re.compile(r"//(?P<bucket>[A-Za-z0-9][A-Za-z0-9._\-]*)(?P<prefix>/[^?#]*)?")


def normalize(url: str | Path) -> str:
    """Return the one spelling of `url` that is compared and given to other processes.

    >>> normalize("S3://bucket/a/"), normalize("file:///tmp/my%20runs"), normalize("/tmp/../tmp/x/")
    ('s3://bucket/a', '/tmp/my runs', '/tmp/x')

    A directory becomes an absolute path. Raises `InvalidUri`.
    """
    text = str(url) if isinstance(url, Path) else _PLUGIN.sub("", url, count=1) if _PLUGIN.match(url) else url
    found = None if isinstance(url, Path) else _ADDRESS.fullmatch(text)
    if found is None:
        return _directory(text)
    rest = found["rest"]
    match _SCHEMES.get(found["scheme"].lower()):
        case "file":
            return _file(text, rest)
        case "memory" if rest.startswith("//") and is_key(rest[2:]):
            return f"memory:{rest}"
        case str(scheme) if (place := _REMOTE.fullmatch(rest)) and scheme != "memory":
            return _bucket(text, scheme, place)
        case _:
            raise InvalidUri(text, _EXPECTED_INSTEAD.get(found["scheme"].lower(), _EXPECTED))


def for_mlflow(address: str) -> str:
    """Return the address by which MLflow finds, through its plugin, what is at one of ours.

    >>> for_mlflow("/data/my runs"), for_mlflow("s3://bucket/ml")
    ('mlff+file:///data/my%20runs', 'mlff+s3://bucket/ml')
    """
    return f"mlff+{address}" if "://" in address else f"mlff+file://{quote(address)}"


def _directory(text: str) -> str:
    if not text or "\0" in text:
        raise InvalidUri(text, _EXPECTED)
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise InvalidUri(text, "the home folder of a user who exists") from error
    return os.path.normpath(path)  # not resolve(): the user's own name for it is kept, links and all


def _file(text: str, rest: str) -> str:
    path = unquote(re.sub(r"^//(localhost)?(?=/)", "", rest))
    if not path.startswith("/") or path.startswith("//"):
        raise InvalidUri(text, "a file address with an absolute path, such as file:///data/runs")
    return _directory(path)


def _bucket(text: str, scheme: str, place: re.Match[str]) -> str:
    prefix = (place["prefix"] or "").strip("/")
    if prefix and not is_key(prefix):
        raise InvalidUri(text, "a prefix without empty, '.' or '..' parts")
    return f"{scheme}://{place['bucket']}/{prefix}".rstrip("/")
