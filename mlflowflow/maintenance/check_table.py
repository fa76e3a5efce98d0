"""Is the table of an experiment whole: its segments, its parts, and the manifests that join them?

Each file is read to its last byte. Then what belongs together is compared: a manifest with the one
before it and with the parts it names, a writer's segments with how far they are folded.

Segments are listed before the manifests are read, as readers do it: the other way round a segment
that is folded and collected in between would seem to be missing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import CorruptData, StoreTooNew
from mlflowflow.ids import digest
from mlflowflow.maintenance.finding import Finding, Level, Trouble, contradiction, left_over, missing
from mlflowflow.maintenance.gaps import gaps
from mlflowflow.maintenance.kinds import ObjectKind
from mlflowflow.maintenance.look import damaged
from mlflowflow.tracking.layout import (
    experiment_prefix,
    hot_prefix,
    log_prefix,
    parse_segment_key,
    segment_key,
)
from mlflowflow.tracking.table.fold import ExperimentState, fold
from mlflowflow.tracking.table.manifest import (
    EMPTY,
    Manifest,
    experiment_from_json,
    manifest_from_json,
    manifest_log,
    manifest_to_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflowflow.maintenance.look import Look
    from mlflowflow.tracking.table.manifest import Part
    from mlflowflow.tracking.table.segment import Segment

_ADVICE = "'mlff store fsck --repair' moves it aside and says what is lost."
_COLLECT = "'mlff store gc' removes it."
_DROP = "Restore it from a backup; 'mlff store fsck --repair' publishes a manifest without it."
_RESTORE = "Compare it with a backup of the store: objects under log/ are never removed or changed."


@dataclass(slots=True, kw_only=True)
class Facts:
    """What the table of an experiment says, for comparing it with other objects.

    `state` holds the experiment's own cells, `run_ids` every run that has a record; without the newest
    manifest they are not `complete`.
    """

    complete: bool = True

    state: ExperimentState = field(default_factory=ExperimentState)
    run_ids: set[str] = field(default_factory=set[str])


class TableCheck:
    """Examine one experiment: `findings` is run through once, then `facts` are complete."""

    def __init__(self, look: Look, experiment_id: str) -> None:
        """Examine the experiment as it is in `look`."""
        self.facts = Facts()
        self._look = look
        self._experiment_id = experiment_id
        self._head: Manifest | None = EMPTY
        self._named: dict[str, Part] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield everything that is wrong."""
        hot = sorted(
            place
            for blob in self._look.store.list(hot_prefix(self._experiment_id))
            if (place := parse_segment_key(blob.key)) is not None
        )
        yield from self._manifests()
        yield from self._parts()
        yield from self._segments(hot)
        if self._head is not None:
            yield from self._gaps(hot, self._head)

    # ---- manifests -----------------------------------------------------------------------------------------

    def _manifests(self) -> Iterator[Finding]:
        log = manifest_log(self._look.store, self._experiment_id)
        listed = self._look.store.list(f"{log_prefix(self._experiment_id)}/")
        numbers = {number for blob in listed if (number := log.number(blob.key)) is not None}
        before: tuple[str, ...] | None = None
        for number in sorted({*numbers, *gaps(numbers)}):
            key = log.key(number)
            if number not in numbers:
                before = None
                yield missing(key, f"Manifest {number} is not there, and later ones are.", advice=_RESTORE)
                continue
            body = self._look.body(key)
            manifest = None if isinstance(body, Finding) or body is None else _read(key, body, number)
            if isinstance(manifest, Manifest) and isinstance(body, bytes):
                if not manifest.stub and before is not None and manifest.parent not in before:
                    yield contradiction(
                        key, f"It does not continue manifest {number - 1} as that is now.", advice=_RESTORE
                    )
                before = None if manifest.stub else _digests(manifest, body)
                self._named.update((part.key, part) for part in manifest.parts)
                self._head = manifest
                continue
            before = None
            self._head = None
            finding = manifest if isinstance(manifest, Finding) else body
            if isinstance(finding, Finding):
                yield finding
        self.facts.complete = self._head is not None
        if self._head is not None:
            self.facts.state = experiment_from_json(self._head.experiment)

    # ---- parts ---------------------------------------------------------------------------------------------

    def _parts(self) -> Iterator[Finding]:
        needed = {} if self._head is None else {part.key: part for part in self._head.parts}
        listed = self._look.under(experiment_prefix(self._experiment_id), ObjectKind.PART)
        for key in sorted({*listed, *needed}):
            body = self._look.body(key)
            if isinstance(body, Finding):
                yield body
            elif body is None:
                if key in needed:
                    yield missing(
                        key, "The newest manifest names this part, and it is not there.", advice=_DROP
                    )
            else:
                yield from self._part(key, body, needed=key in needed)

    def _part(self, key: str, body: bytes, *, needed: bool) -> Iterator[Finding]:
        named = self._named.get(key)
        try:
            _compare(key, body, named)
            table = _decoded(key, body)
        except (CorruptData, StoreTooNew) as error:
            advice = _ADVICE if needed else "Only time travel needs it. " + _ADVICE
            yield damaged(key, error, advice=advice, about="" if named is None else named.sha256)
            return
        if needed and "run_id" in table.column_names:
            self.facts.run_ids.update(table["run_id"].unique().to_pylist())
        if named is None and self._head is not None and self._look.is_settled(key):
            sentence = "No manifest names this part; its compaction was cut off or came second."
            yield left_over(key, sentence, advice=_COLLECT)

    # ---- segments ------------------------------------------------------------------------------------------

    def _segments(self, hot: list[tuple[str, int]]) -> Iterator[Finding]:
        places = {
            segment_key(self._experiment_id, writer=writer, seq=seq): (writer, seq) for writer, seq in hot
        }
        for key, body in self._look.bodies(list(places)):
            writer, seq = places[key]
            if isinstance(body, Finding):
                yield body
            elif body is not None:
                yield from self._segment(key, body, writer=writer, seq=seq)

    def _segment(self, key: str, body: bytes, *, writer: str, seq: int) -> Iterator[Finding]:
        folded = self._head is not None and self._head.covers(writer, seq)
        try:
            segment = checked_segment(key, body, writer=writer, seq=seq)
        except (CorruptData, StoreTooNew) as error:
            yield _bad_segment(key, error, folded=folded)
            return
        own = [fact for fact in segment.facts if not fact.run_id]
        fold(self.facts.state, own, writer=writer)
        self.facts.run_ids.update(fact.run_id for fact in segment.facts if fact.run_id)

    def _gaps(self, hot: list[tuple[str, int]], head: Manifest) -> Iterator[Finding]:
        watermarks = self._watermarks({writer for writer, _ in hot}, head)
        listed: defaultdict[str, list[int]] = defaultdict(list)
        for writer, seq in hot:
            listed[writer].append(seq)
        for writer, numbers in listed.items():
            for seq in gaps(numbers, start=watermarks.get(writer, max(numbers)) + 1):
                key = segment_key(self._experiment_id, writer=writer, seq=seq)
                if self._look.store.get(key) is None:
                    sentence = f"Segment {seq} of writer '{writer}' is not there; later ones wait for it."
                    advice = (
                        "'mlff store fsck --repair' puts an empty one in its place, so that they are folded."
                    )
                    yield missing(key, sentence, advice=advice)

    def _watermarks(self, writers: set[str], head: Manifest) -> Mapping[str, int]:
        """Return how far `writers` are folded; without those of whom that cannot be known."""
        from mlflowflow.tracking.table.rewriting import Vanished, watermarks_of

        try:
            archived = watermarks_of(self._look.store, head, writers)
        except (CorruptData, StoreTooNew, Vanished):  # a part of the archive, which has a finding of its own
            return head.watermarks
        return dict.fromkeys(writers, -1) | archived | dict(head.watermarks)


def _read(key: str, body: bytes, number: int) -> Manifest | Finding:
    try:
        manifest = manifest_from_json(body, key=key)
    except (CorruptData, StoreTooNew) as error:
        return damaged(key, error, advice=_ADVICE)
    if manifest.number != number:
        return contradiction(key, f"It says that it is manifest {manifest.number}.", advice=_RESTORE)
    return manifest


def _digests(manifest: Manifest, body: bytes) -> tuple[str, ...]:
    """Return what the next manifest may call its parent: the bytes as they stand, or as they are read."""
    return (digest(body), digest(manifest_to_json(manifest)))


def _compare(key: str, body: bytes, named: Part | None) -> None:
    if named is None:
        return
    if len(body) != named.size:
        raise CorruptData(key, f"it has {len(body)} bytes, and the manifest names {named.size}")
    if digest(body) != named.sha256:
        raise CorruptData(key, "its SHA-256 is not the one that the manifest names")


def _decoded(key: str, body: bytes) -> Any:
    from mlflowflow.tracking.table.segment import decode_table

    return decode_table(body, key=key)


def checked_segment(key: str, body: bytes, *, writer: str, seq: int) -> Segment:
    """Read the segment at `key`. Raises `CorruptData`, also for a whole one that has the name of another."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from mlflowflow.tracking.table.segment import decode_segment

    segment = decode_segment(body, key=key)
    label = pq.read_metadata(pa.BufferReader(body)).metadata or {}
    found = (label.get(b"mlflowflow.writer", b"").decode(), label.get(b"mlflowflow.seq", b"").decode())
    if found != (writer, str(seq)):
        raise CorruptData(key, f"it is segment '{found[1]}' of writer '{found[0]}'")
    return segment


def _bad_segment(key: str, error: CorruptData | StoreTooNew, *, folded: bool) -> Finding:
    if folded and isinstance(error, CorruptData):
        return Finding(
            level=Level.WARNING,
            subject=key,
            sentence=f"It is damaged ({error.reason}), but was folded before.",
            advice=_COLLECT,
            trouble=Trouble.LEFT_OVER,
        )
    return damaged(key, error, advice="Its writer's later segments are not folded. " + _ADVICE)
