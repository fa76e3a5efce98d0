"""Putting segments, parts and manifests right, one step at a time.

A segment that cannot be read stops its writer: the later ones are not folded. An empty one in its
place lets them through. A part is replaced by what can still be read of it, in a manifest of its own.
The newest manifest, if it cannot be read, is replaced by what the one before it said; segments that
are still there are then folded again, and its parts are kept in quarantine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlflowflow.errors import CorruptData, NotFound, StoreTooNew
from mlflowflow.ids import digest
from mlflowflow.maintenance.finding import Finding, Trouble
from mlflowflow.maintenance.kinds import ObjectKind, experiment_in, kind_of
from mlflowflow.storage.blob import Created
from mlflowflow.tracking.layout import parse_segment_key, parts_prefixes
from mlflowflow.tracking.table.manifest import (
    Manifest,
    manifest_from_json,
    manifest_log,
    manifest_to_json,
    read_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.storage.log import NumberedLog
    from mlflowflow.tracking.table.manifest import Part


class TableRepair:
    """Repair the tables of experiments."""

    def __init__(self, store: BlobStore, *, clock: Clock, ids: Ids) -> None:
        """Write to `store`."""
        self._store = store
        self._clock = clock
        self._ids = ids

    def repaired(
        self, finding: Finding, *, copy: Callable[[str], str], move: Callable[[str], str]
    ) -> tuple[str, str] | None:
        """Do what can be done; return a sentence about it and the key of the copy that `copy` or `move` kept.

        Returns None if nothing is done.
        """
        if finding.trouble not in {Trouble.DAMAGED, Trouble.MISSING}:
            return None
        key = finding.subject
        experiment_id = experiment_in(key) or ""
        match kind_of(key):
            case ObjectKind.SEGMENT:
                return self._segment(key, copy)
            case ObjectKind.PART:
                return self._part(experiment_id, key, move)
            case ObjectKind.MANIFEST:
                return self._manifest(experiment_id, key, copy=copy, move=move)
            case _:
                return None

    # ---- segments ------------------------------------------------------------------------------------------

    def _segment(self, key: str, copy: Callable[[str], str]) -> tuple[str, str] | None:
        from mlflowflow.tracking.table.segment import encode_segment

        place = parse_segment_key(key)
        if place is None:
            return None
        writer, seq = place
        kept = copy(key)
        records = _rows(self._store.get(key)) if kept else None
        empty = encode_segment([], writer=writer, seq=seq)
        if kept:
            self._store.put(key, empty)
        elif self._store.create(key, empty) is Created.EXISTS:
            return None
        lost = "the records in it are" if records is None else f"{records} records are"
        sentence = (
            f"An empty segment took its place, so that the writer's later ones are folded; {lost} lost."
        )
        return sentence, kept

    # ---- parts ---------------------------------------------------------------------------------------------

    def _part(self, experiment_id: str, key: str, move: Callable[[str], str]) -> tuple[str, str] | None:
        log = manifest_log(self._store, experiment_id)
        try:
            head = read_manifest(log, log.head())
        except (CorruptData, StoreTooNew, NotFound):
            return None  # the manifest comes first; another repair sees to the part
        named = next((part for part in head.parts if part.key == key), None)
        if named is None:
            return "It was moved aside; only time travel needed it.", move(key)
        body = self._store.get(key)
        if body is not None and digest(body) == named.sha256:
            return None  # somebody put it right meanwhile
        rest, sentence = self._salvaged(named)
        if not self._publish(log, head, named, rest):
            return None  # somebody compacted meanwhile
        return sentence, move(key)

    def _salvaged(self, named: Part) -> tuple[Part | None, str]:
        """Write what can be read of a part as a new one, and say what cannot; None if nothing can."""
        from mlflowflow.maintenance.salvage import encoded, salvaged

        body = self._store.get(named.key)
        found = None if body is None else salvaged(body, named.kind, key=named.key)
        if found is None or found.table.num_rows == 0:
            return None, f"All of its {named.rows} rows are lost."
        fresh = encoded(found.table, named.kind, inputs=f"what could be read of {named.key}")
        folder = named.key.rpartition("/")[0]
        key = f"{folder}/{self._clock.now_us():016x}-{self._ids.token()}.parquet"
        self._store.put(key, fresh)
        rows: int = found.table.num_rows
        rest = replace(named, key=key, rows=rows, size=len(fresh), sha256=digest(fresh))
        return rest, _lost(named.rows - rows, of=named.rows, columns=found.lost_columns)

    def _publish(self, log: NumberedLog, head: Manifest, named: Part, rest: Part | None) -> bool:
        parts = [rest if part == named else part for part in head.parts]
        fresh = replace(
            head,
            number=head.number + 1,
            created_us=self._clock.now_us(),
            parent=head.sha256,
            token=self._ids.token(),
            parts=tuple(part for part in parts if part is not None),
        )
        return log.append(fresh.number, manifest_to_json(fresh)) is Created.CREATED

    # ---- manifests -----------------------------------------------------------------------------------------

    def _manifest(
        self, experiment_id: str, key: str, *, copy: Callable[[str], str], move: Callable[[str], str]
    ) -> tuple[str, str] | None:
        log = manifest_log(self._store, experiment_id)
        number = log.number(key)
        if number is None:
            return None
        if _stands(self._store.get(key), key, number):
            return None  # somebody put it right meanwhile
        listed = self._store.list(f"{key.rpartition('/')[0]}/")
        numbers = sorted(each for blob in listed if (each := log.number(blob.key)) is not None)
        if numbers and number < numbers[-1]:
            kept = copy(key)
            self._store.put(key, manifest_to_json(Manifest(number=number, stub=True)))
            return "A stub took its place; only time travel to it is lost.", kept
        before = _last_whole(log, [each for each in numbers if each < number], first=number == 0)
        if before is None:
            return None  # nothing is known of the past: a person must decide
        kept = copy(key)
        again = replace(before, number=number, parent=before.sha256, token=self._ids.token())
        self._store.put(key, manifest_to_json(again))
        moved = self._move_unnamed(experiment_id, log, [*numbers, number], move)
        said = f"what manifest {before.number} said" if before.number >= 0 else "that nothing was folded"
        sentence = (
            f"It says {said}. What was folded since is folded again from the segments "
            f"that are still there; {_parts(moved)} that it alone named were moved aside."
        )
        return sentence, kept

    def _move_unnamed(
        self, experiment_id: str, log: NumberedLog, numbers: Iterable[int], move: Callable[[str], str]
    ) -> int:
        named: set[str] = set()
        for number in numbers:
            body = log.read(number)
            try:
                manifest = manifest_from_json(body or b"", key=log.key(number))
            except (CorruptData, StoreTooNew):
                continue
            named.update(part.key for part in manifest.parts)
        found = [blob.key for prefix in parts_prefixes(experiment_id) for blob in self._store.list(prefix)]
        unnamed = [key for key in found if key not in named]
        for key in unnamed:
            move(key)
        return len(unnamed)


def _last_whole(log: NumberedLog, numbers: Sequence[int], *, first: bool) -> Manifest | None:
    """Return the newest manifest of `numbers`, sorted, that can be read; an empty one before the `first`."""
    for number in reversed(numbers):
        try:
            return read_manifest(log, number)
        except (CorruptData, NotFound):
            continue
        except StoreTooNew:
            return None
    return Manifest() if first else None


def _stands(body: bytes | None, key: str, number: int) -> bool:
    """Answer whether `body` is a manifest as it should be, a later release's included."""
    try:
        return body is not None and manifest_from_json(body, key=key).number == number
    except CorruptData:
        return False
    except StoreTooNew:
        return True


def _lost(rows: int, *, of: int, columns: frozenset[str]) -> str:
    shown = sorted(name for name in columns if "_at." not in name)
    parts = [f"{rows} of its {of} rows"] if rows else []
    parts += [f"'{', '.join(shown)}' of some runs"] if shown else []
    lost = f"{' and '.join(parts)} are lost" if parts else "nothing is lost"
    return f"What can be read of it is in a new part; {lost}."


def _parts(count: int) -> str:
    return "1 part" if count == 1 else f"{count} parts"


def _rows(body: bytes | None) -> int | None:
    """Return how many records a segment's footer speaks of, None if it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: int = pq.read_metadata(pa.BufferReader(body or b"")).num_rows
    except (pa.ArrowException, OSError):
        return None
    return rows
