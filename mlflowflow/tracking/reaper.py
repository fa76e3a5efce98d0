"""Ending the runs of processes that died without anybody noticing.

Each process that has runs open puts an object that says so and renews it, unless its segments arrive
anyway (see `tracking.writing.alive`). One that has given no sign for three heartbeats is dead. Both
ages are the store's own: no machine's clock can make a living process look dead. The runs it had
open are marked as failed in a way that the process itself, should it live after all, or a successor
undoes by going on. So it does no harm that several look at once, or that one is wrong.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.clock import iso
from mlflowflow.crash import crash_point
from mlflowflow.errors import CorruptData, StoreTooNew, StoreUnable
from mlflowflow.storage.moment import store_now_us
from mlflowflow.tracking.layout import ALIVE, hot_prefix, parse_segment_key, segment_key
from mlflowflow.tracking.record import FIRST_ATTEMPT, Whose
from mlflowflow.tracking.writing.alive import DEAD_AFTER, Life
from mlflowflow.tracking.writing.lost import lost_records
from mlflowflow.tracking.writing.policy import HEARTBEAT_S

if TYPE_CHECKING:
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import Blob, BlobStore
    from mlflowflow.tracking.table.fold import RunState
    from mlflowflow.tracking.table.reader import Reader


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaping:
    """What a look for dead processes found.

    So many processes are `alive`, and so many were `dead`; their open runs in `runs` were marked as
    failed. If the answer could not be had, `reason` says why and nothing was changed.
    """

    alive: int = 0
    dead: int = 0
    runs: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    key: str
    life: Life
    sign_us: int


def reap(
    store: BlobStore, *, ids: Ids, reader: Reader | None = None, heartbeat_s: float = HEARTBEAT_S
) -> Reaping:
    """Mark the runs of dead processes as failed and remove their signs of life.

    `reader` is used to see which of the runs are still running. Nothing is done where the store's
    time cannot be told. A process whose runs cannot be read is left, with a warning, to a later look.
    Raises `StoreError`; repeating is safe.
    """
    listed = list(store.list(ALIVE))
    if not listed:
        return Reaping()
    try:
        dead_before = store_now_us(store, ids=ids) - int(DEAD_AFTER * heartbeat_s * 1e6)
    except StoreUnable as error:
        return Reaping(reason=str(error))
    arrivals = _Arrivals(store)
    found = [each for blob in listed if (each := _looked_at(store, blob, dead_before, arrivals)) is not None]
    fresh = [each for each in found if each.sign_us >= dead_before]
    safe = {run_id for each in fresh for run_id in each.life.runs}
    dead = [each for each in found if each.sign_us < dead_before]
    ended: list[str] = []
    count = 0
    for each in dead:
        lost = {run_id: owner for run_id, owner in each.life.runs.items() if run_id not in safe}
        try:
            ended += _end(store, each, lost, ids=ids, reader=reader)
        except (CorruptData, StoreTooNew) as error:
            _log.warning(
                "Runs of the dead process %d on '%s' stay as they are: %s",
                each.life.pid,
                each.life.host,
                error,
            )
            continue
        crash_point("reaped runs marked")
        store.delete(each.key)
        count += 1
    return Reaping(alive=len(fresh), dead=count, runs=tuple(ended))


class _Arrivals:
    """When the last segment of each writer arrived: one listing for each experiment, however many write."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._known: dict[str, dict[str, int]] = {}

    def last_us(self, experiment_id: str, writer: str) -> int:
        """Return the store's time of a writer's last segment in an experiment, 0 without one."""
        if experiment_id not in self._known:
            self._known[experiment_id] = self._listed(experiment_id)
        return self._known[experiment_id].get(writer, 0)

    def _listed(self, experiment_id: str) -> dict[str, int]:
        last: dict[str, int] = {}
        for blob in self._store.list(hot_prefix(experiment_id)):
            place = parse_segment_key(blob.key)
            if place is not None:
                last[place[0]] = max(last.get(place[0], 0), blob.modified_us or 0)
        return last


def _looked_at(store: BlobStore, blob: Blob, dead_before: int, arrivals: _Arrivals) -> _Found | None:
    """Return what an object says and when its process last gave a sign, None for one that is gone or odd."""
    body = store.get(blob.key)
    if body is None or blob.modified_us is None:
        return None
    try:
        life = Life.from_json(body, key=blob.key)
    except CorruptData:
        return None
    sign = blob.modified_us
    if sign < dead_before:
        sign = max([sign, *(arrivals.last_us(each, life.writer) for each in set(life.runs.values()))])
    return _Found(key=blob.key, life=life, sign_us=sign)


def _end(
    store: BlobStore, found: _Found, runs: dict[str, str], *, ids: Ids, reader: Reader | None
) -> list[str]:
    from mlflowflow.tracking.table.reader import Reader
    from mlflowflow.tracking.table.segment import encode_segment

    reader = reader or Reader(store)
    life = found.life
    seen = (
        f"Its process {life.pid} on the host '{life.host}' gave its last sign of life at "
        f"{iso(found.sign_us)} by the store's clock and had not ended the run."
    )
    ended: list[str] = []
    for experiment_id in sorted(set(runs.values())):
        own = [run_id for run_id, owner in runs.items() if owner == experiment_id]
        states = reader.states(experiment_id, own)
        had = [Whose(run_id, life.attempts.get(run_id, FIRST_ATTEMPT)) for run_id in own]
        lost = [each for each in had if _is_running(states.get(each.run_id), each.attempt)]
        if not lost:
            continue
        writer = ids.token()
        records = lost_records(lost, last_at=life.at, ended_ms=found.sign_us // 1000, seen=seen)
        key = segment_key(experiment_id, writer=writer, seq=0)
        store.put(key, encode_segment(records, writer=writer, seq=0))
        ended += [each.run_id for each in lost]
    return ended


def _is_running(state: RunState | None, attempt: int) -> bool:
    """Answer whether a run is still in this attempt, and nobody has ended it."""
    return state is not None and state.exists and state.attempt <= attempt and state.is_running
