"""How large a store is, and what it would cost in a bucket.

Objects and bytes by kind come from one listing; runs and points from the newest manifest of each
experiment and the segments that are not folded yet. The cost follows the time that writers write, not
what they write: each settled writer uploads one segment per interval, and somebody folds it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, NotFound, StoreTooNew
from mlflowflow.maintenance.kinds import ObjectKind, experiment_in, kind_of
from mlflowflow.maintenance.prices import MONTH_S
from mlflowflow.storage.format import KEY
from mlflowflow.tracking.layout import artifacts_prefix, models_shard, parse_segment_key
from mlflowflow.tracking.table.manifest import EMPTY, Manifest, manifest_log, read_manifest
from mlflowflow.tracking.writing.pace import interval_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlflowflow.maintenance.prices import Prices
    from mlflowflow.storage.blob import Blob, BlobStore

#: A flush so late that a writer has settled at its longest interval.
_SETTLED_TURN: Final = 99
#: Fleets that the cost is told for.
FLEETS: Final = (1, 10, 100, 1000)
FOREIGN: Final = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many objects of a kind there are, and their bytes together."""

    kind: str
    objects: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSize:
    """How much an experiment holds. `bytes_per_point` is None until points are folded."""

    experiment_id: str
    runs: int
    points: int
    folded_points: int
    metric_bytes: int
    segments: int
    unfolded: int
    manifests: int

    @property
    def bytes_per_point(self) -> float | None:
        """What a folded point takes at rest."""
        return self.metric_bytes / self.folded_points if self.folded_points else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The size of a store, or of one experiment in it."""

    sizes: tuple[Size, ...]
    tables: tuple[TableSize, ...]

    @property
    def objects(self) -> int:
        """All objects together."""
        return sum(size.objects for size in self.sizes)

    @property
    def bytes(self) -> int:
        """All bytes together."""
        return sum(size.bytes for size in self.sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What `writers` that log all month ask of a store, and what it asks for that, in US dollars a month."""

    writers: int
    interval_s: float
    puts_per_s: float
    requests: float
    keeping: float


def stats(store: BlobStore, experiment_id: str | None = None) -> Stats:
    """Measure a store, or one experiment of it with its artifacts.

    Raises `NotFound` for a place that is no store and for an experiment that has nothing in it.
    """
    if store.get(KEY) is None:
        raise NotFound("store", store.url, hint="Check the address; a store has an object 'store.json'.")
    if experiment_id is None:
        blobs = list(store.list(""))
    else:
        folders = (
            *(f"exp/{shard}/" for shard in (experiment_id, models_shard(experiment_id))),
            artifacts_prefix(experiment_id, "x").removesuffix("x/"),
        )
        blobs = [blob for folder in folders for blob in store.list(folder)]
        if not blobs:
            raise NotFound("experiment", experiment_id, hint="'mlff experiments list' shows which there are.")
    tables = sorted(_by_experiment(blobs).items())
    return Stats(sizes=_sizes(blobs), tables=tuple(table_size(store, *each) for each in tables))


def table_size(store: BlobStore, experiment_id: str, blobs: Sequence[Blob]) -> TableSize:
    """Measure one experiment whose objects are `blobs`."""
    manifests = [blob for blob in blobs if kind_of(blob.key) is ObjectKind.MANIFEST]
    places = {blob.key: place for blob in blobs if (place := parse_segment_key(blob.key)) is not None}
    head = _head(store, experiment_id) if manifests else EMPTY
    metrics = head.of_kind("metrics")
    unfolded = [key for key, place in places.items() if not head.covers(*place)]
    runs = {run_id for part in head.of_kind("runs") for run_id in _run_ids(store, part.key)}
    folded = sum(part.rows for part in metrics)
    points = folded
    for key in unfolded:
        found, count = _in_segment(store, key)
        runs |= found
        points += count
    return TableSize(
        experiment_id=experiment_id,
        runs=len(runs),
        points=points,
        folded_points=folded,
        metric_bytes=sum(part.size for part in metrics),
        segments=len(places),
        unfolded=len(unfolded),
        manifests=len(manifests),
    )


def cost(size: int, *, writers: int, prices: Prices) -> Cost:
    """Return what a store of `size` bytes costs while so many `writers` log to it all month.

    Each upload is one writing request for the writer and one reading request for whoever folds it.

    >>> from mlflowflow.maintenance.prices import PRICES
    >>> found = cost(0, writers=1000, prices=PRICES[0])
    >>> round(found.puts_per_s), round(found.requests / 30)
    (30, 14)
    """
    interval = interval_s(_SETTLED_TURN, writers=writers)
    uploads = writers * MONTH_S / interval
    return Cost(
        writers=writers,
        interval_s=interval,
        puts_per_s=writers / interval,
        requests=prices.requests(writes=uploads, reads=uploads),
        keeping=prices.keeping(size),
    )


def _sizes(blobs: Iterable[Blob]) -> tuple[Size, ...]:
    objects: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for blob in blobs:
        kind = str(kind_of(blob.key) or FOREIGN)
        objects[kind] += 1
        sizes[kind] += blob.size
    return tuple(Size(kind=kind, objects=objects[kind], bytes=total) for kind, total in sizes.most_common())


def _by_experiment(blobs: Iterable[Blob]) -> dict[str, list[Blob]]:
    found: defaultdict[str, list[Blob]] = defaultdict(list)
    for blob in blobs:
        experiment_id = experiment_in(blob.key)
        if experiment_id is not None:
            found[experiment_id].append(blob)
    return found


def _head(store: BlobStore, experiment_id: str) -> Manifest:
    log = manifest_log(store, experiment_id)
    try:
        return read_manifest(log, log.head())
    except (CorruptData, StoreTooNew, NotFound):  # sizes are told all the same; fsck says what is wrong
        return EMPTY


def _run_ids(store: BlobStore, key: str) -> list[str]:
    from mlflowflow.tracking.table.segment import decode_table

    body = store.get(key)
    try:
        found: Any = None if body is None else decode_table(body, key=key)["run_id"]
    except (CorruptData, StoreTooNew):
        return []
    return [] if found is None else found.to_pylist()


def _in_segment(store: BlobStore, key: str) -> tuple[set[str], int]:
    """Return the runs a segment speaks of, and how many points it holds."""
    from mlflowflow.tracking.table.segment import decode_segment

    body = store.get(key)
    try:
        segment = None if body is None else decode_segment(body, key=key)
    except (CorruptData, StoreTooNew):
        return set(), 0
    if segment is None:
        return set(), 0
    return {fact.run_id for fact in segment.facts if fact.run_id}, segment.metrics.num_rows
