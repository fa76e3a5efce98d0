"""R18: what does not belong in a store: foreign, empty, cut, huge and unreadable objects, anywhere."""

from __future__ import annotations

import os
import random
import shutil
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.location import open_store
from tests.proofs.processes.sample import Sample, build, judged, tried
from tests.proofs.scale import scale

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from mlflowflow.storage.blob import Blob, BlobStore
    from tests.proofs.report import Tally

_CASES: Final = scale(40, 500)
_CHECK: Final = {"check": "R18", "what": "a foreign object in a store"}
_HUGE: Final = 64 * 1024 * 1024
#: Every so many seconds somebody opens the other end of a pipe that lies in the store.
_STUCK_S: Final = 0.5

#: Folders of a store and what may be lost when something lies where its next entry would: the words of
#: such facts. `{other}` is the second experiment, `{model}` a run that has a model.
_FOLDERS: Final = (
    "",
    "alive/",
    "artifacts/",
    "artifacts/0/{model}/",
    "artifacts/0/{model}/m/",
    "events/",
    "exp/",
    "exp/0/",
    "exp/0/hot/",
    "exp/0/log/",
    "exp/0/metrics/",
    "exp/0/runs/",
    "exp/strange/",
    "exp/{other}/hot/",
    "exp/{other}/log/",
    "names/",
    "quarantine/",
    "registry/",
    "registry/models/",
    "registry/models/digits/",
    "registry/models/digits/log/",
    "registry/models/digits/snap/",
    "registry/models/other/log/",
    "registry/names/",
    "runs/",
    "spool/",
    "spool/damaged/",
)
#: Names that an object of the store itself could have, by the last folder.
_PLAUSIBLE: Final = {
    "hot": ("a.0000000000.parquet", "a.0000000001.parquet"),
    "log": ("00000000000000000000.json", "00000000000000000001.json", "00000000000000000004.json"),
    "metrics": ("0000000000000fff-ab.parquet",),
    "runs": ("0000000000000fff-ab.parquet", "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"),
    "spool": ("a.wal",),
    "strange": ("exp.json",),
    "names": ("third", "third.json"),
    "alive": ("0123456789abcdef.json",),
    "snap": ("00000000000000000009.0000000000000fff.json",),
}
_NAMES: Final = (
    "README.md",
    "_SUCCESS",
    ".DS_Store",
    "part-00000.parquet",
    "exp.json",
    "x.json",
    "a.0000000000.parquet",
    "00000000000000000001.json",
    "größe 😀.txt",
    "a b",
    "n" * 255,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A foreign object: where it lies and what it is."""

    key: str
    kind: str


def _empty(path: Path, _: random.Random) -> None:
    path.touch()


def _noise(path: Path, chance: random.Random) -> None:
    path.write_bytes(chance.randbytes(chance.choice((1, 8, 100, 5000))))


def _json(path: Path, chance: random.Random) -> None:
    path.write_text(chance.choice(("{}", "[]", "null", '{"format": 1}', '"text"', "[" * 100_000, "1e999")))


def _cut(path: Path, chance: random.Random) -> None:
    body = _anything(path, chance)
    path.write_bytes(body[: chance.randrange(len(body))])


def _copy(path: Path, chance: random.Random) -> None:
    path.write_bytes(_anything(path, chance))


def _huge(path: Path, _: random.Random) -> None:
    with path.open("wb") as file:
        file.truncate(_HUGE)


def _unreadable(path: Path, _: random.Random) -> None:
    path.write_bytes(b"secret")
    path.chmod(0)


def _folder(path: Path, _: random.Random) -> None:
    path.mkdir()
    (path / "inside").touch()


def _link(path: Path, chance: random.Random) -> None:
    path.symlink_to(chance.choice(("/etc/hostname", "nowhere", path.name, "..")))


def _pipe(path: Path, _: random.Random) -> None:
    os.mkfifo(path)


_KINDS: Final[dict[str, Callable[[Path, random.Random], None]]] = {
    "nothing": _empty,
    "noise": _noise,
    "JSON": _json,
    "a cut object": _cut,
    "a copy of an object": _copy,
    "zeros": _huge,
    "what may not be read": _unreadable,
    "a folder": _folder,
    "a link": _link,
    "a pipe": _pipe,
}


def _anything(path: Path, chance: random.Random) -> bytes:
    """Return an object of the store, of the same folder if it has any."""
    siblings = sorted(found for found in path.parent.glob("*") if found.is_file() and found.stat().st_size)
    root = next(parent for parent in path.parents if (parent / "store.json").exists())
    anywhere = sorted(found for found in root.rglob("*") if found.is_file())
    return chance.choice(siblings or anywhere).read_bytes()


def _cases(sample: Sample, chance: random.Random, count: int) -> Generator[Case]:
    """Return so many different places, with every kind of object and every folder among them."""
    made = 0
    while made < count:
        folder = _FOLDERS[made % len(_FOLDERS)] if made < len(_FOLDERS) else chance.choice(_FOLDERS)
        folder = folder.format(other=sample.other_experiment, model=sample.folded_runs[0])
        kind = list(_KINDS)[made % len(_KINDS)] if made < len(_FOLDERS) else chance.choice(list(_KINDS))
        plausible = _PLAUSIBLE.get(folder.rstrip("/").rpartition("/")[2], _NAMES)
        key = folder + chance.choice(chance.choice((plausible, _NAMES)))
        if not (sample.place / key).exists():
            made += 1
            yield Case(key=key, kind=kind)


def _may_lose(sample: Sample, case: Case) -> Callable[[str], bool]:
    """Say which facts are the object's neighbours in a chain that it may break: a log's next entry."""
    chains = {
        "exp/0/log/": (*sample.folded_runs, sample.hot_run),
        f"exp/{sample.other_experiment}/log/": (sample.other_run,),
        f"artifacts/0/{sample.folded_runs[0]}/m/": ("models:/",),  # no longer what was registered
        "registry/models/digits/log/": ("digits",),
        "registry/models/other/log/": ("other/", "other@", "model other"),
    }
    words = next((words for folder, words in chains.items() if case.key.startswith(folder)), ())
    return lambda name: any(word in name for word in words)


@contextmanager
def _lying_there(sample: Sample, case: Case, chance: random.Random) -> Generator[None]:
    path = sample.place / case.key
    new = [parent for parent in path.parents if not parent.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    _KINDS[case.kind](path, chance)
    try:
        yield
    finally:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        for parent in new:
            shutil.rmtree(parent)


@contextmanager
def _never_stuck(pipe: Path | None, stuck: list[str]) -> Generator[None]:
    """Let whoever waits at the `pipe` in the store go on after a while, and say that it waited."""
    if pipe is None:
        yield
        return
    done = threading.Event()

    def release() -> None:
        while not done.wait(_STUCK_S):
            with suppress(OSError):  # nobody waits
                os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
                stuck[:] = ["crashed: reading waited for somebody to write into a pipe"]

    watch = threading.Thread(target=release)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Build one store for all cases; every object is taken away again."""
    return build(tmp_path_factory.mktemp("foreign"))


def _violations(
    sample: Sample, count: int, *, opened: Callable[[Path], BlobStore] = open_store, deaf: bool = False
) -> Generator[str]:
    """Put objects into the store one at a time, and yield what goes wrong; `deaf` hears no warning."""
    chance = random.Random(count)
    truth = tried(sample)
    for case in _cases(sample, chance, count):
        stuck: list[str] = []
        pipe = sample.place / case.key if case.kind == "a pipe" else None
        with _lying_there(sample, case, chance), _never_stuck(pipe, stuck):
            seen = tried(sample, opened=opened)
        if deaf:
            seen.notes.clear()
        seen.notes += stuck
        for found in judged(truth, seen, may_lose=_may_lose(sample, case)):
            yield f"{case.key}, {case.kind}: {found}"


def test_a_foreign_object_disturbs_nothing_else(sample: Sample, tally: Tally) -> None:
    """Lists and searches answer as before; what a broken chain costs is reported and is its own."""
    before = tried(sample)
    tally.add(**_CHECK, count=_CASES, violations=list(_violations(sample, _CASES)))
    assert tried(sample) == before


class Squeamish(LocalBlobStore):
    """A directory store that lists nothing where something lies that is no object."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """List only tidy folders."""
        place = Path(self.url) / prefix.rpartition("/")[0]
        odd = [
            path for path in place.rglob("*") if path.is_symlink() or not (path.is_file() or path.is_dir())
        ]
        return iter(()) if odd else super().list(prefix)


def test_readers_that_trust_a_store_are_noticed(sample: Sample, tally: Tally) -> None:
    """Each planted mistake shows with a few objects."""
    noticed = {
        "lists no untidy folder": any(_violations(sample, 100, opened=Squeamish)),
        "tells nobody": any(_violations(sample, 200, deaf=True)),
    }
    tally.add(**_CHECK, count=0, mutants=noticed)
