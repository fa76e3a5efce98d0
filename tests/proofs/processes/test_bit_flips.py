"""R17: one flipped bit, anywhere: never a wrong value, never a loss that nobody is told of."""

from __future__ import annotations

import json
import random
import shutil
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflowflow.errors import MlflowflowError
from mlflowflow.ids import RandomIds
from mlflowflow.maintenance.fsck import fsck
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.table.footer import with_mark
from tests.proofs.processes.sample import Reading, Sample, build, judged, read, tried, with_place, with_spool
from tests.proofs.scale import scale

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from tests.proofs.report import Tally

_FLIPS: Final = scale(12, 1000)
_WHAT: Final = "one flipped bit in a"


def _default_experiment(sample: Sample, _: str) -> tuple[str, ...]:
    return (*sample.folded_runs, sample.hot_run)


#: The files of each class, and the words of the facts that may be lost with such a file. A segment may
#: only cost what is in itself, which is found out by reading without it.
_CLASSES: Final[dict[str, tuple[str, Callable[[Sample, str], tuple[str, ...]] | None]]] = {
    "segment": ("exp/*/hot/*.parquet", None),
    "part of folded runs": ("exp/*/runs/*.parquet", _default_experiment),
    "part of folded metrics": ("exp/*/metrics/*.parquet", _default_experiment),
    "manifest": ("exp/*/log/*.json", _default_experiment),
    "record of an experiment": ("exp/*/exp.json", lambda sample, _: ("experiment other", sample.other_run)),
    "record of a run": ("runs/*", lambda _, key: (key.removeprefix("runs/"), "models:/")),
    "registry entry": ("registry/models/*/log/*.json", lambda _, key: (key.split("/")[2], "models:/")),
    "model's file": ("artifacts/*/*/m/*", lambda _, __: ("file ",)),
    "record of the store": ("store.json", lambda _, __: ("",)),
    # that a dead process left a run open is known from one of its records
    "spool": ("spool/*.wal", lambda _, __: ("spooled", "mlflowflow.lost")),
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Build one store for all classes; every flip is taken back."""
    return build(tmp_path_factory.mktemp("flips"))


@pytest.mark.parametrize("kind", _CLASSES)
def test_no_bit_makes_a_value_wrong_or_a_loss_silent(
    sample: Sample, tmp_path: Path, tally: Tally, kind: str
) -> None:
    """What is read is right or missing, what is missing was in the damaged file and is reported."""
    if kind == "spool":
        sample = with_spool(sample, tmp_path / "store")
    violations = [
        f"{key}, bit {bit}: {each}" for key, bit, found in _flips(sample, kind, _FLIPS) for each in found
    ]
    tally.add(check="R17", what=f"{_WHAT} {kind}", count=_FLIPS, violations=violations)


def _flips(sample: Sample, kind: str, count: int) -> Generator[tuple[str, int, list[str]]]:
    """Flip bits one at a time, and yield where each was and what went wrong."""
    pattern, words = _CLASSES[kind]
    chance = random.Random(f"{kind}-{count}")
    keys = sorted(path.relative_to(sample.place).as_posix() for path in sample.place.glob(pattern))
    truth = _read(sample, scratch=kind == "spool")
    without = lru_cache(None)(lambda key: _without(sample, key))
    for _ in range(count):
        key = chance.choice(keys)
        bit = chance.randrange(8 * (sample.place / key).stat().st_size)
        may_lose = _lost_by(truth, without(key)) if words is None else _with_words(words(sample, key))
        with _flipped(sample.place / key, bit):
            seen = _read(sample, scratch=kind == "spool")
            found = judged(truth, seen, may_lose=may_lose)
            if seen.facts != truth.facts:
                found += _unnamed(sample, key)
        yield key, bit, found


def _read(sample: Sample, *, scratch: bool) -> Reading:
    """Read as a user would; in a scratch copy where reading changes the store."""
    if not scratch:
        return tried(sample)
    copy = sample.place.with_name("scratch")
    try:
        return tried(with_place(sample, shutil.copytree(sample.place, copy)))
    finally:
        shutil.rmtree(copy)


def _lost_by(truth: Reading, without: Reading) -> Callable[[str], bool]:
    lost = set(truth.facts) - set(without.facts)
    return lambda name: name in lost


def _with_words(words: tuple[str, ...]) -> Callable[[str], bool]:
    return lambda name: any(word in name for word in words)


def _without(sample: Sample, key: str) -> Reading:
    path = sample.place / key
    body = path.read_bytes()
    path.unlink()
    try:
        return read(sample)
    finally:
        path.write_bytes(body)


@contextmanager
def _flipped(path: Path, bit: int) -> Generator[None]:
    body = path.read_bytes()
    damaged = bytearray(body)
    damaged[bit // 8] ^= 1 << bit % 8
    path.write_bytes(damaged)
    try:
        yield
    finally:
        path.write_bytes(body)


def _unnamed(sample: Sample, key: str) -> list[str]:
    """Say so if an examination does not name the file."""
    try:
        examination = fsck(open_store(sample.place), ids=RandomIds(), spool_dir=sample.place / "spool")
    except MlflowflowError as error:
        return [] if key in str(error) else [f"fsck ended with {error!r}"]
    # which file of a model is wrong, the one with the digest or the one that has it, nobody can say
    wanted = key.rpartition("/")[0] if key.startswith("artifacts/") else key
    named = any(wanted in f"{finding.subject} {finding.sentence}" for finding in examination.findings)
    return [] if named else ["fsck does not name it"]


# ---- planted mistakes --------------------------------------------------------------------------------------


def _without_page_checksums(sample: Sample) -> None:
    """Write the segments as pyarrow does by default."""
    for path in sample.place.glob("exp/*/hot/*.parquet"):
        file = pq.ParquetFile(path)
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(sink, file.schema_arrow, store_schema=False, compression="zstd") as writer:
            writer.write_table(file.read())
            writer.add_key_value_metadata(file.metadata.metadata)
        path.write_bytes(with_mark(sink.getvalue().to_pybytes()))


def _without_digests(sample: Sample) -> None:
    """Take the model's digests away, and with them the registered versions."""
    for path in sample.place.glob("artifacts/*/*/m/digests.json"):
        path.unlink()
    shutil.rmtree(sample.place / "registry")


def _without_seals(sample: Sample) -> None:
    """Take the seals out of the records of experiments and runs."""
    for path in [*sample.place.glob("exp/*/exp.json"), *sample.place.glob("runs/*")]:
        path.write_bytes(_unsealed(path.read_bytes()))


def _unsealed(body: bytes) -> bytes:
    fields = json.loads(body)
    fields.pop("sha256")
    return json.dumps(fields).encode()


#: How each protection is taken away, and the class in which that must show.
_MUTANTS: Final = {
    "pages without checksums": (_without_page_checksums, "segment"),
    "a model without digests": (_without_digests, "model's file"),
    "records without seals": (_without_seals, "record of an experiment"),
}


def test_a_store_without_its_protections_is_noticed(tmp_path: Path, tally: Tally) -> None:
    """The check sees what page checksums, digests and seals are for."""
    noticed = {name: _is_noticed(tmp_path / name, *mutant) for name, mutant in _MUTANTS.items()}
    tally.add(check="R17", what=f"{_WHAT} store", count=0, mutants=noticed)


def _is_noticed(place: Path, spoil: Callable[[Sample], None], kind: str) -> bool:
    sample = build(place)
    spoil(sample)
    return any(found for _, _, found in _flips(sample, kind, 200))
