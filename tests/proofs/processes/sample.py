"""A store with one of everything in it, and all that can be read from one, fact by fact.

For proofs about damage: what is read afterwards is compared fact by fact with what was there, so a
wrong value, a loss that nobody was told of and a loss beyond the damaged object are told apart.
"""

from __future__ import annotations

import logging
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import SystemClock
from mlflowflow.errors import CorruptData, MlflowflowError, StoreTooNew
from mlflowflow.ids import RandomIds
from mlflowflow.models.package import seal
from mlflowflow.models.source import Stores, fetched
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.register import register_model
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mlflowflow.storage.blob import BlobStore

_MODEL: Final = "digits"
_STEPS: Final = 8
_FILES: Final = ("MLmodel", "digests.json", "weights.bin")


@dataclass(slots=True, kw_only=True)
class Reading:
    """What was read: `facts` by name, and the `notes` (warnings and errors) that came with it."""

    facts: dict[str, str] = field(default_factory=dict[str, str])
    notes: list[str] = field(default_factory=list[str])

    def tried(self, read: Callable[[], dict[str, str]]) -> None:
        """Add what `read` returns, or a note of the documented error it raises."""
        try:
            self.facts |= read()
        except MlflowflowError as error:
            self.notes.append(str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Where the store is and whom to ask about what."""

    place: Path
    folded_runs: tuple[str, ...]
    hot_run: str
    other_run: str
    other_experiment: str
    spool: Path

    @property
    def run_ids(self) -> tuple[str, ...]:
        """All runs."""
        return (*self.folded_runs, self.hot_run, self.other_run)


def build(place: Path) -> Sample:
    """Fill a directory store: folded and unfolded runs in two experiments, a model and a registry.

    What a dead process left in its spool lies beside it; reading the store would otherwise change it.
    """
    store = open_store(place / "store")
    tracker = Tracker(store, flush_intervals=())
    other = tracker.create_experiment("other")
    folded = [_run(tracker, "0") for _ in range(2)]
    compact(store, "0", clock=SystemClock(), ids=RandomIds())
    hot_run, other_run = _run(tracker, "0"), _run(tracker, other)
    _register(tracker, folded[0], place / "store")
    for step in range(_STEPS):  # stays in the spool: nothing flushes it
        tracker.log_metric(other_run, "spooled", step / 3, step=step)
    (place / "store" / "spool").rename(place / "spool")
    return Sample(
        place=place / "store",
        folded_runs=tuple(folded),
        hot_run=hot_run,
        other_run=other_run,
        other_experiment=other,
        spool=place / "spool",
    )


def with_place(sample: Sample, place: Path) -> Sample:
    """Return the same store as it lies at `place`."""
    return replace(sample, place=place)


def with_spool(sample: Sample, place: Path) -> Sample:
    """Return a copy of the store at `place`, with the dead process's spool in it."""
    shutil.copytree(sample.place, place)
    (place / "spool").mkdir()
    for path in sample.spool.iterdir():
        (place / "spool" / path.name).write_bytes(path.read_bytes())
    return replace(sample, place=place)


def _run(tracker: Tracker, experiment_id: str) -> str:
    run_id = tracker.create_run(experiment_id).info.run_id
    for segment in range(2):
        points = [
            Metric(key="m", value=s / 7, timestamp=s, step=s) for s in range(segment * 10, segment * 10 + 10)
        ]
        tracker.log_batch(run_id, metrics=points, params={f"p{segment}": "x"}, tags={f"t{segment}": "y"})
        tracker.flush()
    return run_id


def _register(tracker: Tracker, run_id: str, place: Path) -> None:
    with TemporaryDirectory() as private:
        folder = Path(private) / "m"
        folder.mkdir()
        (folder / "MLmodel").write_text("flavors: {}\n")
        (folder / "weights.bin").write_bytes(bytes(range(256)))
        seal(folder)
        tracker.artifacts(run_id).put_folder(folder, "m")
    catalog = Catalog(open_store(place))
    for _ in range(2):
        version = register_model(f"runs:/{run_id}/m", _MODEL, tracker=tracker, catalog=catalog).version
        catalog.set_alias(_MODEL, "champion", version)
    catalog.create_version("other", source="s")


def read(sample: Sample, *, opened: Callable[[Path], BlobStore] = open_store) -> Reading:
    """Read everything in the store, as a new process would that has it `opened` this way."""
    reading = Reading()
    with _listening(reading.notes):
        store = opened(sample.place)
        tracker = Tracker(store, flush_intervals=())
        catalog = Catalog(store)
        reading.tried(lambda: {f"experiment {each.name}": "" for each in tracker.list_experiments()})
        for experiment_id in sorted({path.name for path in (sample.place / "exp").iterdir()}):
            reading.tried(partial(_search, tracker, experiment_id))
        for run_id in sample.run_ids:
            reading.tried(partial(_facts_of, tracker, run_id))
            for key in ("m", "spooled"):
                reading.tried(partial(_points, tracker, run_id, key))
        reading.tried(lambda: {f"model {each.name}": "" for each in catalog.list_models()})
        for name in (_MODEL, "other"):
            reading.tried(partial(_model, catalog, name))
        for uri in (f"runs:/{sample.folded_runs[0]}/m", f"models:/{_MODEL}@champion"):
            reading.tried(partial(_files, tracker, catalog, uri))
    return reading


def _search(tracker: Tracker, experiment_id: str) -> dict[str, str]:
    return {f"found {run.info.run_id}": "" for run in tracker.search_runs([experiment_id])}


def _facts_of(tracker: Tracker, run_id: str) -> dict[str, str]:
    data = tracker.get_run(run_id).data
    texts = {**data.params, **data.tags}
    return {f"run {run_id} {key}": text for key, text in texts.items()}


def _points(tracker: Tracker, run_id: str, key: str) -> dict[str, str]:
    history = tracker.metric_history(run_id, key)
    found = {f"point {run_id} {key} {each.step}": f"{each.value.hex()} {each.timestamp}" for each in history}
    return found if len(found) == len(history) else {**found, f"point {run_id} {key}": "doubled"}


def _model(catalog: Catalog, name: str) -> dict[str, str]:
    catalog.verify(name)
    model = catalog.get_model(name)
    versions = {f"version {name}/{each.version}": f"{each.source} {each.digest}" for each in model.versions}
    return versions | {f"alias {name}@{alias}": str(to) for alias, to in model.aliases.items()}


def _files(tracker: Tracker, catalog: Catalog, uri: str) -> dict[str, str]:
    with fetched(uri, Stores(tracker=tracker, catalog=catalog)) as folder:
        return {f"file {uri} {name}": (folder / name).read_bytes().hex() for name in _FILES}


@contextmanager
def _listening(notes: list[str]) -> Generator[None]:
    """Add what the library warns of to `notes`."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            notes.append(record.getMessage())

    ear = Ear(logging.WARNING)
    logger = logging.getLogger("mlflowflow")
    logger.addHandler(ear)
    try:
        yield
    finally:
        logger.removeHandler(ear)


def tried(sample: Sample, *, opened: Callable[[Path], BlobStore] = open_store) -> Reading:
    """Read everything, and note the error that ends it, whether documented or not."""
    try:
        return read(sample, opened=opened)
    except (CorruptData, StoreTooNew) as error:
        return Reading(notes=[str(error)])
    except Exception as error:  # noqa: BLE001 - whatever it is, a user would see it
        return Reading(notes=[f"crashed: {error!r}"])


def judged(truth: Reading, seen: Reading, *, may_lose: Callable[[str], bool]) -> list[str]:
    """Say what is wrong, lost in silence, or lost although it was in no damaged file."""
    wrong = [name for name, value in seen.facts.items() if truth.facts.get(name) != value]
    lost = sorted(set(truth.facts) - set(seen.facts))
    return [
        *(f"wrong: {name} is {seen.facts[name][:80]!r}" for name in wrong),
        *(f"lost in silence: {name}" for name in lost if not seen.notes),
        *(f"lost beyond the damage: {name}" for name in lost if not may_lose(name)),
        *(note for note in seen.notes if note.startswith("crashed")),
    ]
