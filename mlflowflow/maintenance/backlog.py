"""How far the folding of segments is behind the writing of them, experiment by experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, NotFound, StoreError, StoreTooNew
from mlflowflow.maintenance.finding import Finding, Level
from mlflowflow.maintenance.kinds import experiment_in
from mlflowflow.storage.moment import store_now_us
from mlflowflow.tracking.layout import hot_prefix, parse_segment_key
from mlflowflow.tracking.table.manifest import EMPTY, manifest_log, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.table.manifest import Manifest

#: So many segments in no part make reading slow.
MANY: Final = 500
#: Segments older than this should have been folded by somebody.
LATE_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """An experiment's segments: how many there are, how many no part holds, and since when the oldest waits."""

    experiment_id: str
    segments: int
    unfolded: int
    oldest_us: int | None


def backlog(store: BlobStore, experiment_id: str) -> Backlog:
    """Return how many segments of an experiment wait to be folded. Raises `CorruptData`, `StoreTooNew`."""
    hot = [
        (place, blob.modified_us)
        for blob in store.list(hot_prefix(experiment_id))
        if (place := parse_segment_key(blob.key)) is not None
    ]
    head = _head(store, experiment_id)
    waiting = [moment for place, moment in hot if not head.covers(*place)]
    return Backlog(
        experiment_id=experiment_id,
        segments=len(hot),
        unfolded=len(waiting),
        oldest_us=min((moment for moment in waiting if moment is not None), default=None),
    )


def backlog_findings(store: BlobStore, *, ids: Ids) -> Iterator[Finding]:
    """Yield a finding for each experiment that nobody folds, or one that says that all is well."""
    now_us = _now_us(store, ids)
    experiments = sorted(
        {each for blob in store.list("exp/") if (each := experiment_in(blob.key)) is not None}
    )
    late = 0
    for experiment_id in experiments:
        try:
            found = backlog(store, experiment_id)
        except (CorruptData, StoreTooNew, NotFound) as error:
            late += 1
            sentence = f"Experiment '{experiment_id}' cannot be examined: {error}"
            yield _finding(Level.PROBLEM, sentence, "Run 'mlff store fsck'.")
            continue
        waits_s = 0.0 if found.oldest_us is None or now_us is None else (now_us - found.oldest_us) / 1e6
        if found.unfolded >= MANY or (found.unfolded and waits_s > LATE_S):
            late += 1
            sentence = (
                f"{found.unfolded} segments of experiment '{experiment_id}' are not folded, the oldest for "
                f"{waits_s / 3600:.0f} hours."
            )
            advice = "Run 'mlff store compact', or schedule the flow 'flows/compact.py'."
            yield _finding(Level.WARNING, sentence, advice)
    if not late:
        noun = "experiment" if len(experiments) == 1 else "experiments"
        yield _finding(Level.OK, f"{len(experiments)} {noun}, none with segments that wait for long.")


def _finding(level: Level, sentence: str, advice: str = "") -> Finding:
    return Finding(level=level, subject="compaction", sentence=sentence, advice=advice)


def _head(store: BlobStore, experiment_id: str) -> Manifest:
    log = manifest_log(store, experiment_id)
    number = log.head()
    return EMPTY if number < 0 else read_manifest(log, number)


def _now_us(store: BlobStore, ids: Ids) -> int | None:
    try:
        return store_now_us(store, ids=ids)
    except StoreError:
        return None
