"""Which experiment a run belongs to, for any process that knows only the run's id.

One small object per run, written once before the run's first record. What was learnt is kept: a
run never moves.

Where a sync costs more than the write, an entry is not synced by who makes it. The spool that has the run's
first record has its experiment too and is synced before the run counts as begun; so until the spool is told
that a record is stored, a power failure takes no entry that a recovery does not write again. Before that the
writer calls `secure`, for every run it has a record of, whoever entered it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.errors import AlreadyExists, CorruptData, InvalidInput, NotFound, OutcomeUnknown, StoreUnable
from mlflowflow.ids import is_run_id
from mlflowflow.storage.blob import SupportsLaterSync
from mlflowflow.storage.seal import from_sealed_json, to_sealed_json
from mlflowflow.tracking.layout import run_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore


class RunDirectory:
    """Enter runs and look them up."""

    def __init__(self, store: BlobStore) -> None:
        """Use the entries of `store`."""
        self._store = store
        self._known: dict[str, str] = {}
        self._put, self._create = store.put, store.create
        if isinstance(store, SupportsLaterSync):
            self._put, self._create = store.put_unsynced, store.create_unsynced

    def admit(self, run_id: str | None, experiment_id: str, *, ids: Ids) -> tuple[str, bool]:
        """Enter the run `run_id`, or one with a new id, and say whether it was unknown before.

        Raises `AlreadyExists` if it belongs to another experiment, `InvalidInput` for an impossible id.
        """
        if run_id is None:
            fresh = ids.run_id()
            self.enter(fresh, experiment_id)
            return fresh, True
        if not is_run_id(run_id):
            raise InvalidInput(f"'{run_id}' cannot be a run id; expected letters, digits, '_' and '-'.")
        return run_id, self.claim(run_id, experiment_id)

    def enter(self, run_id: str, experiment_id: str) -> None:
        """Enter a run whose id was made just now, so that nobody else can have it."""
        self._put(run_key(run_id), entry_json(run_id, experiment_id))
        self._known[run_id] = experiment_id

    def claim(self, run_id: str, experiment_id: str) -> bool:
        """Enter a run whose id somebody chose, and say whether it is a new one.

        Raises `AlreadyExists` if it belongs to another experiment.
        """
        owner = self._known.get(run_id) or self._find(run_id)
        is_new = owner is None
        if owner is None:
            self._enter_first(run_id, experiment_id)
            owner = self._find(run_id)
        if owner != experiment_id:
            raise AlreadyExists("run", run_id, hint=f"It belongs to the experiment '{owner}'.")
        return is_new

    def experiment_of(self, run_id: str) -> str:
        """Return the id of the run's experiment. Raises `NotFound`."""
        found = self._known.get(run_id) or self._find(run_id)
        if found is None:
            raise NotFound(
                "run",
                run_id,
                hint=f"It was looked for in '{self._store.url}'; set_tracking_uri() chooses another store.",
            )
        return found

    def _enter_first(self, run_id: str, experiment_id: str) -> None:
        key, body = run_key(run_id), entry_json(run_id, experiment_id)
        try:
            self._create(key, body)
        except StoreUnable:  # without conditions the last of two at once wins, and both read it back
            self._put(key, body)

    def _find(self, run_id: str) -> str | None:
        try:
            key = run_key(run_id)
        except InvalidInput:
            return None
        body = self._store.get(key)
        if body is None:
            return None
        experiment_id = self._known[run_id] = _experiment_in(body, key=key)
        return experiment_id


def secure(store: BlobStore, homes: Mapping[str, str]) -> None:
    """Return when the entries of runs, given with their experiments, survive a power failure.

    If one does not reach the disk they are written again. Raises `StoreError`.
    """
    if not isinstance(store, SupportsLaterSync):
        return  # what it acknowledged it keeps
    try:
        store.sync([run_key(run_id) for run_id in homes])
    except OutcomeUnknown:
        for run_id, experiment_id in homes.items():
            store.put(run_key(run_id), entry_json(run_id, experiment_id))


def restore(store: BlobStore, homes: Mapping[str, str]) -> None:
    """Write again what a power failure took or cut of the entries of runs, and secure all. Raises `StoreError`."""
    if not isinstance(store, SupportsLaterSync):
        return
    for run_id, experiment_id in homes.items():
        key = run_key(run_id)
        if not _is_whole(store.get(key), key=key):
            store.put(key, entry_json(run_id, experiment_id))
    secure(store, homes)


def _is_whole(body: bytes | None, *, key: str) -> bool:
    try:
        return body is not None and bool(_experiment_in(body, key=key))
    except CorruptData:
        return False


def _experiment_in(body: bytes, *, key: str) -> str:
    try:
        return str(from_sealed_json(body, key=key)["experiment_id"])
    except KeyError as error:
        raise CorruptData(key, "it does not say which experiment the run belongs to") from error


def entry_json(run_id: str, experiment_id: str) -> bytes:
    """Return the object that says which experiment a run belongs to."""
    return to_sealed_json({"run_id": run_id, "experiment_id": experiment_id})
