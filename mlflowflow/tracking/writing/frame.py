"""Records as bytes for the local spool: framed, checksummed, exact.

A frame is ``length | crc32 | payload``, little-endian. Payloads come in five kinds:

* *header*, the first of a file: format, writer, host and store;
* *binding*: from here on the small number `n` means this run of this experiment, and this attempt of
  it, which keeps the frame of a metric at about 55 bytes;
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
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.record import FIRST_ATTEMPT, Kind, Record, Whose
from mlflowflow.tracking.table.links import metric_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlflowflow.tracking.run import Metric

#: The version of this format; a spool of another version is left alone.
FORMAT: Final = 1

_PREFIX: Final = struct.Struct("<II")
_RECORD: Final = struct.Struct("<BIqqqdI")  # kind, binding, at, step, timestamp, value, length of key
_BINDING: Final = struct.Struct("<BIH")  # kind, number, length of experiment id
_BINDING_LATER: Final = struct.Struct("<BIHi")  # the same, and the attempt
_MARK: Final = struct.Struct("<BQ")  # kind, sequence number


class _Code(IntEnum):
    HEADER = 1
    BINDING = 2
    SEAL = 3
    STORED = 4
    #: a binding to a later attempt than the first; older releases leave a spool alone that has one
    BINDING_LATER = 5
    FIRST_KIND = 16


#: The order is part of the format.
_KINDS: Final = tuple(Kind)
_CODES: Final = {kind: number for number, kind in enumerate(_KINDS, start=_Code.FIRST_KIND)}
_METRIC_CODE: Final = _CODES[Kind.METRIC]
#: What the codes of records mean, as segments have it.
KIND_NAMES: Final = {code: str(kind).encode() for kind, code in _CODES.items()}
_STATUS_CODE: Final = _CODES[Kind.STATUS]
#: Where the key begins in a record's frame.
KEY_AT: Final = _PREFIX.size + _RECORD.size
_NOBODYS: Final = Whose("")
#: The first bytes that payloads have.
_FIRST_BYTES: Final = frozenset((*map(int, _Code), *KIND_NAMES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Whose file this is: the `writer`, the `host` it runs on and the `store` it writes to."""

    writer: str
    host: str
    store: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The run that the number `number` stands for, and its `attempt`; an empty `run_id` is the experiment itself."""

    number: int
    experiment_id: str
    run_id: str
    attempt: int = FIRST_ATTEMPT


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


Head: TypeAlias = tuple[int, int, int, int, int, float, int]
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


def frame_record(number: int, record: Record, *, at: int | None = None) -> bytes:
    """Return the frame of any `record` of the run bound to `number`, which happened `at` if that is given.

    Raises `InvalidInput` if a number does not fit its field or a text is no valid Unicode.
    """
    try:
        key = record.key.encode()
        moment = record.at if at is None else at
        head = _RECORD.pack(
            _CODES[record.kind], number, moment, record.step, record.timestamp, record.value, len(key)
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
    if binding.attempt != FIRST_ATTEMPT:
        head = _BINDING_LATER.pack(_Code.BINDING_LATER, binding.number, len(experiment), binding.attempt)
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


def unpack_record(payload: bytes, whose: Whose) -> Record:
    """Return the record in a record's payload, told whose it is."""
    code, _, at, step, timestamp, value, length = _RECORD.unpack_from(payload)
    middle = _RECORD.size + length
    return Record(
        run_id=whose.run_id,
        kind=_KINDS[code - _Code.FIRST_KIND],
        at=at,
        key=payload[_RECORD.size : middle].decode(),
        text=payload[middle:].decode(),
        value=value,
        step=step,
        timestamp=timestamp,
        attempt=whose.attempt,
    )


def status_in(payload: bytes) -> str | None:
    """Return the status that a record's payload sets, None for another kind of record."""
    return unpack_record(payload, _NOBODYS).text if payload[0] == _STATUS_CODE else None


def time_in(payload: bytes) -> int:
    """Return the `at` of a record's payload."""
    at: int = _RECORD.unpack_from(payload)[2]
    return at


def heads(frames: Sequence[bytes]) -> list[Head]:
    """Return the fixed fields of records' frames: code, number, at, step, timestamp, value, length of key."""
    return [_RECORD.unpack_from(frame, _PREFIX.size) for frame in frames]


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
        case _Code.BINDING | _Code.BINDING_LATER:
            return _binding(payload)
        case _Code.SEAL:
            return Seal(experiment_id=payload[_MARK.size :].decode(), seq=_MARK.unpack_from(payload)[1])
        case _Code.STORED:
            return Stored(experiment_id=payload[_MARK.size :].decode(), seq=_MARK.unpack_from(payload)[1])
        case code if code in KIND_NAMES:
            return Bound(number=binding_number(payload), payload=payload)
        case code:
            return Unknown(code)


def _binding(payload: bytes) -> Binding:
    later = payload[0] == _Code.BINDING_LATER
    fields = (_BINDING_LATER if later else _BINDING).unpack_from(payload)
    ids = payload[(_BINDING_LATER if later else _BINDING).size :]
    middle = fields[2]
    return Binding(
        number=fields[1],
        experiment_id=ids[:middle].decode(),
        run_id=ids[middle:].decode(),
        attempt=fields[3] if later else FIRST_ATTEMPT,
    )
