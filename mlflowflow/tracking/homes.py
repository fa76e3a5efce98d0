"""Where the files of runs and logged models lie: in the store, or where their experiment says.

An experiment may keep its files elsewhere (`create_experiment(artifact_location=…)`), in a directory or
bucket that need not be a store of its own. There they lie as MLflow lays them out:
``<location>/<run_id>/artifacts/…`` and ``<location>/models/<model_id>/artifacts/…``. Merging stores and
examining them leaves such places alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.storage.address import normalize
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.artifacts.repository import ArtifactRepository
from mlflowflow.tracking.layout import artifacts_prefix, is_models_shard

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore

_WAY_OUT: Final = re.compile(r"(^|[/\\]|%2f|%5c)(\.|%2e){2}([/\\]|%2f|%5c|$)", re.IGNORECASE)


def checked_location(location: str) -> str:
    """Return the one spelling of an address that files can be kept at.

    Raises `InvalidInput` for one with a fragment, a query or a way out of it, `InvalidUri` for one of an
    unknown kind.

    >>> checked_location("s3://bucket/files/")
    's3://bucket/files'
    """
    if not location or re.search(r"[#?\0]", location) or _WAY_OUT.search(location):
        raise InvalidInput(
            f"{location!r} cannot be an artifact location; expected a directory or bucket, without '..', "
            "a query or a fragment."
        )
    return normalize(location)


def files_of(store: BlobStore, location: str | None, shard: str, owner: str) -> ArtifactRepository:
    """Return the files of the run or logged model `owner` of `shard`, in `location` if there is one."""
    if location is None:
        return ArtifactRepository(store, artifacts_prefix(shard, owner))
    return ArtifactRepository(open_store(location), _below(shard, owner))


def uri_of(store: BlobStore, location: str | None, shard: str, owner: str) -> str:
    """Return where the files of a run or logged model are, without opening anything."""
    if location is None:
        return f"{store.url}/{artifacts_prefix(shard, owner).rstrip('/')}"
    return f"{location}/{_below(shard, owner).rstrip('/')}"


def _below(shard: str, owner: str) -> str:
    return f"{'models/' if is_models_shard(shard) else ''}{owner}/artifacts/"
