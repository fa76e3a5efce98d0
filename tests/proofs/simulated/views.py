"""Stores that answer wrongly, each in one way: views that a process of a world may be given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import OutcomeUnknown, StoreUnavailable
from mlflowflow.storage.blob import Created
from mlflowflow.tracking.layout import (
    experiment_prefix,
    hot_prefix,
    models_shard,
    parse_segment_key,
    segment_key,
)
from mlflowflow.tracking.record import Kind, Record
from tests.proofs.simulated.world import EXPERIMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob, BlobStore, Span
    from tests.proofs.simulated.world import World

_HOT: Final = hot_prefix(EXPERIMENT)


class View:
    """The store as one kind of process sees it; a mutant changes a verb."""

    def __init__(self, inner: BlobStore, world: World) -> None:
        """Pass every call to `inner`."""
        self.inner = inner
        self.world = world
        self.url = inner.url
        self.shared = inner.shared

    def put(self, key: str, data: bytes) -> None:
        """Write."""
        self.inner.put(key, data)

    def create(self, key: str, data: bytes) -> Created:
        """Write if absent."""
        return self.inner.create(key, data)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Read."""
        return self.inner.get(key, span)

    def list(self, prefix: str) -> Iterator[Blob]:
        """List."""
        return self.inner.list(prefix)

    def delete(self, key: str) -> None:
        """Remove."""
        self.inner.delete(key)


class ManifestFirst(View):
    """A reader that reads the manifest, and lists the segments after that."""

    def __init__(self, inner: BlobStore, world: World) -> None:
        """Know no manifest yet."""
        super().__init__(inner, world)
        self._log: dict[str, Any] = {}
        self._listing: tuple[Blob, ...] | None = None

    def list(self, prefix: str) -> Iterator[Blob]:
        """Before the segments are listed, read the log as it stands."""
        if prefix == _HOT:
            place = f"exp/{EXPERIMENT}/log/"
            self._listing = tuple(self.world.inner.list(place))
            self._log = {blob.key: self.world.inner.get(blob.key) for blob in self._listing}
            self.world.simulation.sleep(self.world.random.choice((0.05, 0.3, 1.0)))
        elif self._listing is not None and "/log" in prefix:
            return iter(self._listing)
        return super().list(prefix)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Give manifests as they were before the listing."""
        if self._listing is not None and "/log/" in key:
            body = self._log.get(key)
            return body if body is None or span is None else body[span.start : span.stop]
        return super().get(key, span)


class Unconditional(View):
    """A store that forgets its condition."""

    def create(self, key: str, data: bytes) -> Created:
        """Write, whatever is there."""
        if key.startswith("registry/models/"):
            self.inner.put(key, data)
            return Created.CREATED
        return super().create(key, data)


class Denying(View):
    """A driver that says "nothing was changed" when it does not know."""

    def create(self, key: str, data: bytes) -> Created:
        """Turn the doubt into a certainty."""
        try:
            return super().create(key, data)
        except OutcomeUnknown as error:
            raise StoreUnavailable(self.url, error.reason) from error


class Renumbering(View):
    """A recovery that gives segments other numbers than their writer would have given."""

    def put(self, key: str, data: bytes) -> None:
        """Write a segment one number later."""
        super().put(_moved(key, by=1), data)


class OtherNumber(View):
    """A writer that sends a segment under a new number when it does not know what came of the first."""

    def __init__(self, inner: BlobStore, world: World) -> None:
        """Begin without doubt."""
        super().__init__(inner, world)
        self._in_doubt = ""

    def put(self, key: str, data: bytes) -> None:
        """Write; the second attempt goes elsewhere."""
        moved = _moved(key, by=500) if key == self._in_doubt else key
        try:
            super().put(moved, data)
        except OutcomeUnknown:
            self._in_doubt = key
            raise


class Hasty(View):
    """A writer that believes an upload to be done before it is."""

    def put(self, key: str, data: bytes) -> None:
        """Swallow what the store says."""
        try:
            super().put(key, data)
        except (OutcomeUnknown, StoreUnavailable):
            if not parse_segment_key(key):
                raise


class Swallowing(View):
    """A process whose uploads never arrive, and that believes they did."""

    def put(self, key: str, data: bytes) -> None:
        """Drop segments."""
        if not parse_segment_key(key):
            super().put(key, data)


class Reversing(View):
    """A writer whose uploads overtake one another."""

    def __init__(self, inner: BlobStore, world: World) -> None:
        """Hold nothing back yet."""
        super().__init__(inner, world)
        self._held: tuple[str, bytes] | None = None

    def put(self, key: str, data: bytes) -> None:
        """Send every second segment before the one ahead of it."""
        if parse_segment_key(key) is None:
            super().put(key, data)
        elif self._held is None:
            self._held = (key, data)
        else:
            held, self._held = self._held, None
            super().put(key, data)
            super().put(*held)


class OwnClock(View):
    """A collector that asks its own clock, which is three days ahead, what time it is."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """Date what was written to learn the time three days later."""
        ahead_us = 3 * 86_400_000_000 if prefix.startswith("probe/") else 0
        return (
            replace(blob, modified_us=(blob.modified_us or 0) + ahead_us) for blob in super().list(prefix)
        )


class Rereading(View):
    """A folding that reads files as something else than they are."""

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Change what is read whole."""
        body = super().get(key, span)
        return body if body is None or span is not None else self.reread(key, body)

    def reread(self, key: str, body: bytes) -> bytes:
        """Return what is read in the place of `body`."""
        raise NotImplementedError


class Older(Rereading):
    """A folding of a release that does not know some kinds of records, and passes over them."""

    unknown: frozenset[Kind] = frozenset()

    def reread(self, key: str, body: bytes) -> bytes:
        """Leave out of segments what it does not know."""
        from mlflowflow.tracking.table.segment import decode_table, encode_segment, records_of

        place = parse_segment_key(key)
        if place is None:
            return body
        records = records_of(decode_table(body, key=key))
        kept = [self.known(record) for record in records if record.kind not in self.unknown]
        return encode_segment(kept, writer=place[0], seq=place[1])

    def known(self, record: Record) -> Record:
        """Return what it knows of a record."""
        return record


class Inputless(Older):
    """Knows no inputs."""

    unknown = frozenset({Kind.INPUT, Kind.INPUT_TAG})


class Tagless(Older):
    """Knows inputs, and not what is said of them."""

    unknown = frozenset({Kind.INPUT_TAG})


class Outputless(Older):
    """Knows no outputs."""

    unknown = frozenset({Kind.MODEL_OUTPUT})


class Linkless(Older):
    """Knows no links of points."""

    def known(self, record: Record) -> Record:
        """Leave out the text of a metric."""
        return replace(record, text="") if record.kind is Kind.METRIC else record


class Rangeless(Rereading):
    """A folding that takes the latest value for all there was before."""

    def reread(self, key: str, body: bytes) -> bytes:
        """Leave the ends out of the rows of runs."""
        from mlflowflow.tracking.table.runs_part import decode_rows, encode_rows

        if "/runs/" not in key:
            return body
        rows = decode_rows(body, key=key)
        ends = [name for name in rows.column_names if name.startswith(("metrics_min.", "metrics_max."))]
        return encode_rows(rows.drop_columns(ends), inputs="")


class Modelless(View):
    """A process whose uploads about logged models never arrive, but for the first, which makes the model."""

    def put(self, key: str, data: bytes) -> None:
        """Drop them."""
        place = parse_segment_key(key)
        if place is None or place[1] == 0 or not key.startswith(experiment_prefix(models_shard(EXPERIMENT))):
            super().put(key, data)


def _moved(key: str, *, by: int) -> str:
    place = parse_segment_key(key)
    return key if place is None else segment_key(key.split("/")[1], writer=place[0], seq=place[1] + by)
