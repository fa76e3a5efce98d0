"""Records as bytes for the local spool: framed, checksummed, exact.

A frame is ``length | crc32 | payload``, little-endian. Payloads come in five kinds:

* *header*, the first of a file: format, writer, host and store;
* *binding*: from here on the small number `n` means this run of this experiment, which keeps the
  frame of a metric at about 55 bytes;
* *record*: fixed fields, then the key, then the text. Values are IEEE doubles, so NaN, the
  infinities and every digit survive;
* *seal*: all records of an experiment since its last seal are its segment `seq`;
* *stored*: that segment is in the store. Of no experiment, which older releases pass over, it says
  that a successor took over or, with a number, that so many records follow which are all or nothing.

A file cut anywhere yields its whole frames and nothing else.
"""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from dataclasses import asdict, dataclass
from enum import IntEnum
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table.links import metric_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mlflowflow.tracking.run import Metric

#: The version of this format; a spool of another version is left alone.
FORMAT: Final = 1

_PREFIX: Final = struct.Struct("<II")
_RECORD: Final = struct.Struct("<BIqqqdI")  # kind, binding, at, step, timestamp, value, length of key
_BINDING: Final = struct.Struct("<BIH")  # kind, number, length of experiment id
_MARK: Final = struct.Struct("<BQ")  # kind, sequence number


class _Code(IntEnum):
    HEADER = 1
    BINDING = 2
    SEAL = 3
    STORED = 4
    FIRST_KIND = 16


#: The order is part of the format.
_KINDS: Final = tuple(Kind)
_CODES: Final = {kind: number for number, kind in enumerate(_KINDS, start=_Code.FIRST_KIND)}
_METRIC_CODE: Final = _CODES[Kind.METRIC]
_KIND_NAMES: Final = {code: str(kind).encode() for kind, code in _CODES.items()}
_STATUS_CODE: Final = _CODES[Kind.STATUS]
#: Where the key begins in a record's frame.
_KEY_AT: Final = _PREFIX.size + _RECORD.size
#: The first bytes that payloads have.
_FIRST_BYTES: Final = frozenset((*map(int, _Code), *_KIND_NAMES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Whose file this is: the `writer`, the `host` it runs on and the `store` it writes to."""

    writer: str
    host: str
    store: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The run that the number `number` stands for; an empty `run_id` is the experiment itself."""

    number: int
    experiment_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A record's frame as read: its `binding` number and the payload, decoded on demand."""

    number: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The records of `experiment_id` so far are its segment `seq`."""

    experiment_id: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The segment `seq` of `experiment_id` is in the store; see `RELIEVED` for the other use."""

    experiment_id: str
    seq: int


class Unknown(NamedTuple):
    """A frame that a later release wrote: all that is known of it is its first byte, `code`."""

    code: int


#: A successor writes on: runs that are open here are its to end. A mark that older releases pass over.
RELIEVED: Final = Stored(experiment_id="", seq=0)


def frame_together(count: int) -> bytes:
    """Return the frame that says of the next `count` records that they are all or nothing."""
    return frame_mark(Stored(experiment_id="", seq=count))


def whole_or_not(frames: Sequence[bytes]) -> bytes:
    """Return the `frames` of one call in one piece, of which a reader takes all or nothing."""
    return b"".join((frame_together(len(frames)), *frames) if frames[1:] else frames)


def together_in(entry: Entry) -> int:
    """Return how many records follow that are all or nothing; 0 for an entry that does not say so."""
    return entry.seq if isinstance(entry, Stored) and not entry.experiment_id else 0


class Place(NamedTuple):
    """Where in a spool a frame is, and what it says."""

    start: int
    stop: int
    entry: Entry


class Texts(NamedTuple):
    """A column of texts as Arrow keeps it: their UTF-8 in one piece, and where each begins, and the end."""

    offsets: array[int]
    data: bytes

    @classmethod
    def of(cls, raws: Sequence[bytes]) -> Texts:
        """Return the column of texts whose UTF-8 is `raws`."""
        return cls(array("i", accumulate(map(len, raws), initial=0)), b"".join(raws))


class Columns(NamedTuple):
    """Records, column by column, under the names of `Record`'s fields: machine numbers, no Python objects."""

    run_id: Texts
    kind: Texts
    key: Texts
    step: array[int]
    timestamp: array[int]
    value: array[float]
    text: Texts
    at: array[int]


Entry: TypeAlias = Header | Binding | Bound | Seal | Stored | Unknown


def frame_metric(number: int, key: bytes, *, at: int, value: float, step: int, timestamp: int) -> bytes:
    """Return the frame of one metric point: the hot path, so nothing is built on the way."""
    payload = _RECORD.pack(_METRIC_CODE, number, at, step, timestamp, value, len(key)) + key
    return _PREFIX.pack(len(payload), zlib.crc32(payload)) + payload


def frame_metrics(number: int, points: Iterable[Metric], *, at: int) -> list[bytes]:
    """Return the frames of many points of the run bound to `number`, the first of which happened at `at`.

    Raises `InvalidInput`, naming the first that is no number or does not fit.
    """
    pack, prefix, crc32 = _RECORD.pack, _PREFIX.pack, zlib.crc32
    raws: dict[str, bytes] = _Encoded()
    frames: list[bytes] = []
    key = ""
    try:
        for moment, point in enumerate(points, start=at):
            key = point.key
            raw = raws[key]
            payload = (
                pack(_METRIC_CODE, number, moment, point.step, point.timestamp, point.value, len(raw)) + raw
            )
            if point.model_id is not None or point.dataset_name is not None:
                payload += metric_link(point).encode()
            frames.append(prefix(len(payload), crc32(payload)) + payload)
    except (struct.error, UnicodeEncodeError) as error:
        raise unwritable(key, error) from error
    return frames


def frame_record(number: int, record: Record) -> bytes:
    """Return the frame of any `record` of the run bound to `number`.

    Raises `InvalidInput` if a number does not fit its field or a text is no valid Unicode.
    """
    try:
        key = record.key.encode()
        head = _RECORD.pack(
            _CODES[record.kind], number, record.at, record.step, record.timestamp, record.value, len(key)
        )
        return _framed(head + key + record.text.encode())
    except (struct.error, UnicodeEncodeError) as error:
        raise unwritable(record.key, error) from error


def unwritable(key: str, error: Exception) -> InvalidInput:
    """Return the refusal of a value that has no place in a record."""
    return InvalidInput(
        f"{key!r} cannot be logged: {error}. A metric takes a number, a step that fits 64 bits and a "
        "timestamp in milliseconds; keys and texts must be valid Unicode."
    )


def frame_header(header: Header) -> bytes:
    """Return the first frame of a spool."""
    return _framed(bytes([_Code.HEADER]) + json.dumps(asdict(header), sort_keys=True).encode())


def frame_binding(binding: Binding) -> bytes:
    """Return the frame that gives a run its number."""
    experiment = binding.experiment_id.encode()
    head = _BINDING.pack(_Code.BINDING, binding.number, len(experiment))
    return _framed(head + experiment + binding.run_id.encode())


def frame_mark(mark: Seal | Stored) -> bytes:
    """Return the frame of a segment's boundary or of its arrival in the store."""
    code = _Code.SEAL if isinstance(mark, Seal) else _Code.STORED
    return _framed(_MARK.pack(code, mark.seq) + mark.experiment_id.encode())


def scan(data: bytes, start: int = 0) -> Iterator[Place]:
    """Yield the frames from `start` on with their places, up to the first that is cut or damaged.

    >>> mark = frame_mark(Seal(experiment_id="0", seq=7))
    >>> [place.entry for place in scan(mark + mark[:-1])]
    [Seal(experiment_id='0', seq=7)]
    """
    place = start
    while (stop := _end_of(data, place)) is not None:
        yield Place(place, stop, _entry(data[place + _PREFIX.size : stop]))
        place = stop


def next_frame(data: bytes, start: int) -> int | None:
    """Return where the first whole frame at or after `start` is, None if there is none.

    What lies between was damaged. A frame is recognised by its checksum.
    """
    for place in range(start, len(data) - _PREFIX.size):
        if data[place + _PREFIX.size] in _FIRST_BYTES and _end_of(data, place) is not None:
            return place
    return None


def is_torn(data: bytes, place: int) -> bool:
    """Answer whether what is at `place` is what a sudden end leaves: a part of a frame, or zeros.

    A frame that would end beyond the file is a part, unless its checksum says that it is whole and
    only its length is damaged.
    """
    rest = data[place:]
    if len(rest) < _PREFIX.size or not rest.strip(b"\0"):
        return True
    length, checksum = _PREFIX.unpack_from(rest)
    whole: bool = zlib.crc32(rest[_PREFIX.size :]) == checksum
    return length > len(rest) - _PREFIX.size and not whole


def _end_of(data: bytes, place: int) -> int | None:
    """Return where the frame at `place` ends, None if it is cut or damaged."""
    middle = place + _PREFIX.size
    if middle >= len(data):
        return None
    length, checksum = _PREFIX.unpack_from(data, place)
    stop: int = middle + length
    if not length or stop > len(data) or zlib.crc32(data[middle:stop]) != checksum:
        return None
    return stop


def payload_of(frame: bytes) -> bytes:
    """Return what a frame carries, without checking it: for frames this process made."""
    return frame[_PREFIX.size :]


def binding_number(payload: bytes) -> int:
    """Return the number of the run that a record's payload is about."""
    number: int = _RECORD.unpack_from(payload)[1]
    return number


def unpack_record(payload: bytes, *, run_id: str) -> Record:
    """Return the record in a record's payload, told whose it is."""
    code, _, at, step, timestamp, value, length = _RECORD.unpack_from(payload)
    middle = _RECORD.size + length
    return Record(
        run_id=run_id,
        kind=_KINDS[code - _Code.FIRST_KIND],
        at=at,
        key=payload[_RECORD.size : middle].decode(),
        text=payload[middle:].decode(),
        value=value,
        step=step,
        timestamp=timestamp,
    )


def status_in(payload: bytes) -> str | None:
    """Return the status that a record's payload sets, None for another kind of record."""
    return unpack_record(payload, run_id="").text if payload[0] == _STATUS_CODE else None


def time_in(payload: bytes) -> int:
    """Return the `at` of a record's payload."""
    at: int = _RECORD.unpack_from(payload)[2]
    return at


def unpack_columns(frames: Sequence[bytes], run_ids: Sequence[str] | Mapping[int, str]) -> Columns:
    """Return records' frames column by column, the runs' ids by their numbers.

    The same as `unpack_record` one by one, several times faster: a flush shares the interpreter
    with the training that logs.
    """
    rows: list[tuple[int, int, int, int, int, float, int]] = [
        _RECORD.unpack_from(frame, _PREFIX.size) for frame in frames
    ]
    raws = {number: run_ids[number].encode() for number in {row[1] for row in rows}}
    middles = [_KEY_AT + row[6] for row in rows]
    return Columns(
        run_id=Texts.of([raws[row[1]] for row in rows]),
        kind=Texts.of([_KIND_NAMES[row[0]] for row in rows]),
        key=Texts.of([frame[_KEY_AT:middle] for frame, middle in zip(frames, middles, strict=True)]),
        step=array("q", [row[3] for row in rows]),
        timestamp=array("q", [row[4] for row in rows]),
        value=array("d", [row[5] for row in rows]),
        text=Texts.of([frame[middle:] for frame, middle in zip(frames, middles, strict=True)]),
        at=array("q", [row[2] for row in rows]),
    )


def columns_of(records: Sequence[Record]) -> Columns:
    """Return `records` column by column."""
    return Columns(
        run_id=Texts.of([record.run_id.encode() for record in records]),
        kind=Texts.of([record.kind.encode() for record in records]),
        key=Texts.of([record.key.encode() for record in records]),
        step=array("q", [record.step for record in records]),
        timestamp=array("q", [record.timestamp for record in records]),
        value=array("d", [record.value for record in records]),
        text=Texts.of([record.text.encode() for record in records]),
        at=array("q", [record.at for record in records]),
    )


class _Encoded(dict[str, bytes]):
    """UTF-8 by its text, each encoded once."""

    def __missing__(self, text: str) -> bytes:
        found = self[text] = text.encode()
        return found


def _framed(payload: bytes) -> bytes:
    return _PREFIX.pack(len(payload), zlib.crc32(payload)) + payload


def _entry(payload: bytes) -> Entry:
    match payload[0]:
        case _Code.HEADER:
            said = json.loads(payload[1:])  # a later format may say more, or less
            return Header(**{name: said.get(name, "") for name in Header.__slots__})
        case _Code.BINDING:
            _, number, length = _BINDING.unpack_from(payload)
            middle = _BINDING.size + length
            return Binding(
                number=number,
                experiment_id=payload[_BINDING.size : middle].decode(),
                run_id=payload[middle:].decode(),
            )
        case _Code.SEAL:
            return Seal(experiment_id=payload[_MARK.size :].decode(), seq=_MARK.unpack_from(payload)[1])
        case _Code.STORED:
            return Stored(experiment_id=payload[_MARK.size :].decode(), seq=_MARK.unpack_from(payload)[1])
        case code if code in _KIND_NAMES:
            return Bound(number=binding_number(payload), payload=payload)
        case code:
            return Unknown(code)
