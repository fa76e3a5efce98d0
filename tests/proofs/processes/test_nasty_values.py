"""R26: values that break formats: what is accepted is read back bit for bit, also from folded parts."""

from __future__ import annotations

import itertools
import math
import random
import struct
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.ids import RandomIds
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.client import TrackingClient
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.validation import MAX_PARAM_LENGTH, MAX_TAG_LENGTH
from tests.proofs.scale import scale
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.report import Tally

_WHAT: Final = "nasty values"
_PER_RUN: Final = 20
#: How many runs full of values each store is given.
_RUNS: Final = scale({"memory": 12, "directory": 6, "S3": 3}, {"memory": 300, "directory": 200, "S3": 100})

# ---- what there is to be nasty with ------------------------------------------------------------------------

#: Bits of doubles: NaNs with something in them, infinities, minus zero, the smallest and the largest.
_BITS: Final = (
    0x7FF8000000000000,
    0xFFF8000000000001,
    0x7FF80000DEADBEEF,
    0x7FF0000000000000,
    0xFFF0000000000000,
    0x8000000000000000,
    0x0000000000000001,
    0x800FFFFFFFFFFFFF,
    0x7FEFFFFFFFFFFFFF,
)
_INTEGERS: Final = (0, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**64)
_ODD_TEXTS: Final = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "x\udfff",
        "é",
        "e\u0301",
        "\u202eevil",
        "שלום",
        "\ufeff",
        "\u2028",
    ),
    *("..", "../x", "/x", "a//b", "./a", "a/../b", "a/", "a\\b", "%2e%2e", "CON", "nul.txt", " padded "),
    *(
        "loss",
        "Loss",
        "LOSS",
        "ﬁ",
        "ß",
        "ẞ",
        "I\u0307",
        "new\nline",
        "tab\tstop",
        "'; drop",
        '{"a": 1}',
        "😀",
    ),
)
#: The same to the eye, and two to a machine.
_TWINS: Final = ("é", "e\u0301", "Å", "A\u030a", "\u212b", "loss", "Loss")
_LENGTHS: Final = (250, 251, 6_000, 6_001, 8_001, 1_048_576)
_KEY_LETTERS: Final = "abzXYZ09_-. :éß中"
_ANY_LETTERS: Final = "a \u0000\u001f\u0300\u05d0\u202e\ud800\udfff/.\\\U0001f600"
_KINDS: Final = ("metric", "metric", "param", "tag", "tag", "file", "experiment", "model", "model tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something to log: what it is, under which key, and the value."""

    kind: str
    key: str
    value: Any
    step: int = 0
    at: int = 0


def _thing(chance: random.Random) -> Thing:
    """Return something nasty, with a key that may be used more often than not."""
    kind = chance.choice(_KINDS)
    key = chance.choice((_some, _some, _twin, _text))(chance)
    if kind == "metric":
        step, at = (chance.choice((chance.randrange(2**62), chance.choice(_INTEGERS))) for _ in range(2))
        return Thing(kind=kind, key=key, value=_double(chance), step=step, at=at)
    value = chance.randbytes(20) if kind == "file" else chance.choice((_twin, _text))(chance)
    return Thing(kind=kind, key=key, value=value)


def _double(chance: random.Random) -> float:
    bits = chance.choice((chance.choice(_BITS), chance.randrange(2**64)))
    return float(struct.unpack("<d", struct.pack("<Q", bits))[0])


def _some(chance: random.Random) -> str:
    return "".join(chance.choices(_KEY_LETTERS, k=chance.randint(1, 8)))


def _twin(chance: random.Random) -> str:
    return chance.choice(_TWINS)


def _text(chance: random.Random) -> str:
    odd = chance.choice(_ODD_TEXTS)
    letters = "".join(chance.choices(_ANY_LETTERS, k=chance.randint(0, 6)))
    return chance.choice((odd, letters, "ä" * chance.choice(_LENGTHS) if chance.random() < 0.2 else odd))


# ---- logging and reading -----------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Book:
    """What was accepted, by kind: points as bits, texts as they must be read."""

    points: list[tuple[str, int, int, bytes]] = field(default_factory=list[tuple[str, int, int, bytes]])
    texts: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])


class Logger:
    """A run in a store, and what it has accepted."""

    def __init__(self, url: str, spoil: Callable[[Thing], Thing]) -> None:
        """Begin a run; `spoil` is what the client makes of each thing on its way."""
        self.url = url
        self.book = Book()
        self._spoil = spoil
        self._client = TrackingClient(url)
        self._catalog = Catalog(open_store(url))
        self._count = itertools.count()
        self.run_id = self._client.create_run("0").info.run_id

    def log(self, thing: Thing) -> None:
        """Log it, and note it if it was accepted."""
        sent = self._spoil(thing)
        name = f"{next(self._count)}/{thing.key}"  # a file cannot also be another's folder
        try:
            match thing.kind:
                case "metric":
                    self._metric(sent, thing)
                case "param":
                    self._client.log_param(self.run_id, sent.key, sent.value)
                    self.book.texts["param", thing.key] = thing.value[:MAX_PARAM_LENGTH]
                case "tag":
                    self._client.set_tag(self.run_id, sent.key, sent.value)
                    self.book.texts["tag", thing.key] = thing.value[:MAX_TAG_LENGTH]
                case "file":
                    self._client.tracker.artifacts(self.run_id).put_bytes(sent.value, name)
                    self.book.texts["file", name] = thing.value
                case "experiment":
                    experiment_id = self._client.create_experiment(self.run_id + name, tags={"t": sent.value})
                    self.book.texts["experiment", self.run_id + name] = (
                        experiment_id,
                        thing.value[:MAX_TAG_LENGTH],
                    )
                case _:
                    self._register(sent, thing)
        except (InvalidInput, InvalidState):
            return

    def _metric(self, sent: Thing, thing: Thing) -> None:
        self._client.log_metric(self.run_id, sent.key, sent.value, timestamp=sent.at, step=sent.step)
        self.book.points.append((thing.key, thing.step, thing.at, struct.pack("<d", thing.value)))

    def _register(self, sent: Thing, thing: Thing) -> None:
        if thing.kind == "model":
            name = f"{self.run_id}{next(self._count)}{thing.key}"
            self._catalog.create_model(name, description=sent.value)
            self.book.texts["model", name] = thing.value
        else:
            self._catalog.ensure_model(self.run_id)
            self._catalog.set_model_tag(self.run_id, sent.key, sent.value)
            self.book.texts["model tag", thing.key] = thing.value

    def close(self) -> None:
        """Store everything."""
        self._client.tracker.flush()


def _read(logger: Logger) -> Book:
    """Read everything that was accepted as another process would."""
    store = open_store(logger.url)
    tracker, catalog, run_id = Tracker(store, flush_intervals=()), Catalog(store), logger.run_id
    run = tracker.get_run(run_id)
    seen = Book()
    for key in run.data.metrics:
        for point in tracker.metric_history(run_id, key):
            seen.points.append((point.key, point.step, point.timestamp, struct.pack("<d", point.value)))
    seen.texts |= {("param", key): text for key, text in run.data.params.items()}
    seen.texts |= {("tag", key): text for key, text in run.data.tags.items() if not key.startswith("mlflow")}
    for kind, name in logger.book.texts:
        if kind == "file":
            seen.texts[kind, name] = tracker.artifacts(run_id).read(name)
        elif kind == "experiment":
            found = tracker.get_experiment_by_name(name)
            seen.texts[kind, name] = found and (found.experiment_id, found.tags.get("t"))
        elif kind == "model":
            seen.texts[kind, name] = catalog.get_model(name).description
    with suppress(NotFound):
        seen.texts |= {("model tag", key): text for key, text in catalog.get_model(run_id).tags.items()}
    return seen


def _differences(logger: Logger) -> list[str]:
    """Compare what is read with what was accepted."""
    book, seen = logger.book, _read(logger)
    points = sorted(set(book.points) ^ set(seen.points)) or sorted(book.points) != sorted(seen.points)
    keys = {key for key in {*book.texts, *seen.texts} if book.texts.get(key) != seen.texts.get(key)}
    return [
        *([f"points differ: {points!r:.300}"] if points else []),
        *(f"{key!r:.80}: {book.texts.get(key)!r:.80} is read as {seen.texts.get(key)!r:.80}" for key in keys),
    ]


def _tried(
    url: str, things: list[Thing], *, spoil: Callable[[Thing], Thing] = lambda thing: thing
) -> list[str]:
    """Log `things`, read them, fold them and read them again; return what is not as it was accepted."""
    logger = Logger(url, spoil)
    for thing in things:
        logger.log(thing)
    logger.close()
    violations = [f"from segments: {each}" for each in _differences(logger)]
    compact(open_store(url), "0", clock=SystemClock(), ids=RandomIds())
    return [*violations, *(f"from parts: {each}" for each in _differences(logger))]


def _violations(url: str, runs: int, **options: Any) -> tuple[int, list[str]]:
    """Try so many runs full of things; return how many things there were and what was wrong."""
    chance = random.Random(runs)
    with private_session():
        found = [
            each
            for _ in range(runs)
            for each in _tried(url, [_thing(chance) for _ in range(_PER_RUN)], **options)
        ]
    return runs * _PER_RUN, found


@pytest.fixture
def urls(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Give an empty store of a kind."""

    def url(kind: str) -> str:
        if kind == "S3":
            return str(request.getfixturevalue("s3_url"))
        return MemoryBlobStore().url if kind == "memory" else str(tmp_path / "store")

    return url


@pytest.mark.parametrize("kind", ["memory", "directory", pytest.param("S3", marks=pytest.mark.s3)])
def test_what_is_accepted_is_read_as_it_was(urls: Callable[[str], str], tally: Tally, kind: str) -> None:
    """Every bit of what was accepted comes back, before and after a compaction; the rest was refused."""
    count, violations = _violations(urls(kind), _RUNS[kind])
    tally.add(check="R26", what=f"{_WHAT}, {kind}", count=count, violations=violations)


#: Ways to lose a little on the way, by name.
_MUTANTS: Final[dict[str, Callable[[Thing], Thing]]] = {
    "one NaN is like another": lambda thing: (
        replace(thing, value=math.nan) if thing.kind == "metric" and math.isnan(thing.value) else thing
    ),
    "minus zero is zero": lambda thing: (
        replace(thing, value=thing.value + 0.0) if thing.kind == "metric" else thing
    ),
    "composed letters": lambda thing: replace(
        thing, key=unicodedata.normalize("NFC", thing.key), value=_composed(thing.value)
    ),
    "case is folded": lambda thing: replace(thing, key=thing.key.lower()),
    "blanks are stripped": lambda thing: replace(
        thing, value=thing.value.strip() if isinstance(thing.value, str) else thing.value
    ),
    "single precision": lambda thing: (
        replace(thing, value=_single(thing.value)) if thing.kind == "metric" else thing
    ),
}


def _composed(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _single(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return value


def test_clients_that_lose_a_little_are_noticed(tally: Tally) -> None:
    """Each planted loss shows in some runs."""
    noticed = {
        name: bool(_violations(MemoryBlobStore().url, 12, spoil=spoil)[1]) for name, spoil in _MUTANTS.items()
    }
    tally.add(check="R26", what=f"{_WHAT}, memory", count=0, mutants=noticed)
