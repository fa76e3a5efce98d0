"""Whose an attempt is: the mark that a worker leaves in the store before it does anything.

Dask runs a task again by itself when a worker dies, retires, or takes a result with it that nobody
has read yet. For a trial that is one time too many: it may have ended, and whether it is tried again
is the sweep's to decide. So an attempt is claimed by a write-once object; whoever comes second
learns that the attempt was begun elsewhere, and ends it as lost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlflowflow.errors import OutcomeUnknown
from mlflowflow.storage.blob import Created

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.sweeps.trial import Trial


def claim(store: BlobStore, sweep_run_id: str, trial: Trial, *, token: str, worker: str) -> bool:
    """Answer whether the attempt of `trial` is the caller's from now on: only the first caller hears True.

    `token` must differ from caller to caller. Raises `StoreError` if the store does not
    answer, asked twice.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> from mlflowflow.sweeps.trial import Trial
    >>> store, trial = MemoryBlobStore(), Trial(number=0, run_id="b" * 32, params={})
    >>> [claim(store, "a" * 32, trial, token=token, worker="") for token in ("one", "two", "one")]
    [True, False, True]
    """
    body = json.dumps({"token": token, "worker": worker}, sort_keys=True).encode()
    key = _key(sweep_run_id, trial.number, trial.attempt)
    try:
        created = store.create(key, body)
    except OutcomeUnknown:
        created = store.create(key, body)
    return created is Created.CREATED or store.get(key) == body


def is_superseded(store: BlobStore, sweep_run_id: str, trial: Trial) -> bool:
    """Answer whether a later attempt of `trial` was begun, so that this one's end is nobody's business."""
    return store.get(_key(sweep_run_id, trial.number, trial.attempt + 1)) is not None


def next_attempt(store: BlobStore, sweep_run_id: str, trial: Trial) -> int:
    """Return the number of the first attempt of `trial` that nobody has claimed."""
    attempt = 1
    while store.get(_key(sweep_run_id, trial.number, attempt)) is not None:
        attempt += 1
    return attempt


def _key(sweep_run_id: str, number: int, attempt: int) -> str:
    return f"sweeps/{sweep_run_id}/attempts/{number:06d}-{attempt:03d}.json"
