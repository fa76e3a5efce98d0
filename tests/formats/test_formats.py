"""Every format that was ever released is read, continued and compacted; a later one is left alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from mlflowflow.errors import StoreTooNew
from mlflowflow.events.canonical import sealed, unsealed
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import Promoted
from mlflowflow.storage import format as storage_format
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.layout import models_shard
from mlflowflow.tracking.table import manifest, segment
from mlflowflow.tracking.table.compaction import compact
from tests.formats.make import MODEL, Maker
from tests.formats.telling import opened, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
FORMATS = sorted(path.name for path in HERE.glob("format-*"))
#: Stands in patterns for the experiment that has a bit of everything.
HOME = "<home>"


@pytest.fixture(params=FORMATS)
def folder(request: pytest.FixtureRequest) -> Path:
    """Give the folder of each released format in turn."""
    return HERE / str(request.param)


@pytest.fixture
def store(folder: Path, tmp_path: Path) -> Path:
    """Give a copy of its store."""
    return Path(shutil.copytree(folder / "store", tmp_path / "store"))


def expected(folder: Path) -> Any:
    """Return what the release that wrote the store read in it."""
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def home(store: Path) -> str:
    """Return the id of the experiment in a store that has a bit of everything."""
    return max((store / "exp").iterdir(), key=lambda folder: len(list(folder.rglob("*")))).name


def files(store: Path) -> dict[str, bytes]:
    """Return every byte of a directory store."""
    return {str(path.relative_to(store)): path.read_bytes() for path in store.rglob("*") if path.is_file()}


def test_there_is_a_store_of_the_first_format() -> None:
    """The tests below run over something."""
    assert {"format-1", "format-2"} <= set(FORMATS)


def test_a_released_store_has_something_of_everything(folder: Path) -> None:
    """What a fixture lacks it cannot protect."""
    said = expected(folder)
    assert {each["stage"] for each in said["experiments"]} == {"active", "deleted"}
    assert {each["stage"] for each in said["runs"]} == {"active", "deleted"}
    assert {each["status"] for each in said["runs"]} == {"RUNNING", "FINISHED", "FAILED", "KILLED"}
    assert {point[2] for each in said["runs"] for point in each["history"].get("odd", [])} >= {
        "nan",
        "inf",
        "-inf",
        "-0x0.0p+0",
    }
    assert {each["waiting"] for each in said["events"]} == {True, False}
    kinds = {entry[5]["kind"] for each in said["models"] for entry in each["history"]}
    assert kinds >= {"alias.promoted", "alias.rolled-back", "gate.evaluated", "stage.transitioned"}
    names = "\n".join(files(folder / "store"))
    assert all(place in names for place in ("/hot/", "/metrics/", "/runs/", "/log/00000000000000000001.json"))


def test_the_second_format_has_links_and_logged_models() -> None:
    """In parts and in segments; files that hold a link say that older releases cannot read them."""
    folder = HERE / "format-2"
    said = expected(folder)
    assert [len(said[name]) for name in ("links", "logged models")] == [2, 2]
    assert all(each["ranges"]["accuracy"] == [0.25, 0.75] for each in said["links"])
    versions = {
        (path.parent.name, (pq.read_metadata(path).metadata or {})[b"mlflowflow.format"])
        for path in (folder / "store").glob("exp/*/*/*.parquet")
    }
    assert {("runs", b"2"), ("metrics", b"2"), ("hot", b"2"), ("hot", b"1")} <= versions


def test_a_store_of_the_second_format_has_runs_that_were_tried_again() -> None:
    """In parts and in segments; of each only the last attempt is told, and whoever knows less refuses the files."""
    folder = HERE / "format-2-attempts"
    again = [each for each in expected(folder)["runs"] if each["name"].startswith("tried again")]
    assert [(each["status"], sorted(each["latest"])) for each in again] == [
        ("FINISHED", ["accuracy", "only in attempt 2"])
    ] * 2
    assert {tuple(point[0] for point in each["history"]["accuracy"]) for each in again} == {(0, 1)}
    with_attempts = {
        (path.parent.name, (pq.read_metadata(path).metadata or {})[b"mlflowflow.format"])
        for path in (folder / "store").glob("exp/*/*/*.parquet")
        if "attempt" in pq.read_schema(path).names
    }
    assert with_attempts == {("runs", b"2"), ("metrics", b"2"), ("hot", b"2")}


def test_a_released_store_is_read_exactly(folder: Path, store: Path) -> None:
    """Every number, text, decision and event is what the release that wrote it read."""
    assert told(str(store)) == expected(folder)


def test_reading_a_released_store_changes_nothing(store: Path) -> None:
    """Whoever only looks leaves every byte as it was."""
    before = files(store)
    told(str(store))
    assert files(store) == before


def test_a_released_store_is_compacted_without_loss(folder: Path, store: Path) -> None:
    """What today's compaction makes of old segments and parts says the same."""
    maker = Maker(str(store))
    for experiment in expected(folder)["experiments"]:
        for shard in (experiment["id"], models_shard(experiment["id"])):
            compact(open_store(store), shard, clock=maker.clock, ids=maker.ids)
    assert told(str(store)) == expected(folder)


def test_a_released_store_is_continued(folder: Path, store: Path) -> None:
    """Old runs go on, new ones begin beside them, and nothing else changes; also after a compaction."""
    said = expected(folder)
    (running,) = [each["id"] for each in said["runs"] if each["status"] == "RUNNING"]
    maker = Maker(str(store))
    with opened(str(store)) as tracker:
        tracker.log_metric(running, "loss", 0.5, step=2, timestamp=7)
        tracker.end_run(running, end_time=9)
        fresh = tracker.create_run(home(store), run_name="new").info.run_id
        compact(tracker.store, home(store), clock=maker.clock, ids=maker.ids)
    after = told(str(store))
    new = {each["id"]: each for each in after["runs"]}
    assert new.pop(fresh)["name"] == "new"
    continued = new.pop(running)
    assert (continued["status"], continued["history"]["loss"][-1]) == ("FINISHED", [2, 7, (0.5).hex()])
    assert list(new.values()) == [each for each in said["runs"] if each["id"] != running]


def test_a_model_of_a_released_store_is_promoted(folder: Path, store: Path) -> None:
    """The next decision continues the old chain, and the whole chain still replays."""
    before = expected(folder)["models"][0]
    catalog = Catalog(open_store(store), actor="eve")
    catalog.create_version(MODEL, source="runs:/a/model", idem="a new request")
    catalog.create_version(
        MODEL, source="runs:/a/model", idem="request 1"
    )  # asked before, by the old release
    catalog.decide(
        MODEL,
        lambda state: Promoted(
            alias="champion", version=2, verdict="cd" * 32, previous=state.holder("champion")
        ),
    )
    catalog.verify(MODEL)
    after = told(str(store))["models"][0]
    assert after["history"][:-2] == before["history"]
    assert [entry[5]["kind"] for entry in after["history"][-2:]] == ["version.created", "alias.promoted"]
    assert after["aliases"] == {"champion": 2}


# ---- later releases ----------------------------------------------------------------------------------------


#: A number that no reader knows yet.
NEXT = 1 + max(manifest.FORMAT, segment.FORMAT, storage_format.FORMAT)


def newer_json(path: Path) -> None:
    """Give a JSON object the number of the next format."""
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "format": NEXT}), encoding="utf-8")


def newer_parquet(path: Path) -> None:
    """Give a Parquet file the number of the next format."""
    table = pq.read_table(path)
    with pq.ParquetWriter(path, table.schema) as file:
        file.write_table(table)
        file.add_key_value_metadata({"mlflowflow.format": str(NEXT)})


def newer_entry(path: Path) -> None:
    """Give a registry's entry the number of the next format."""
    path.write_bytes(sealed({**unsealed("x", path.read_bytes()), "format": NEXT}))


def log(store: Path) -> None:
    """Log to a run and let the tracker look after its experiment."""
    with opened(str(store), compact_at=1) as tracker:
        (run, *_) = tracker.search_runs([home(store)])
        tracker.log_metric(run.info.run_id, "loss", 0.0)


def fold(store: Path) -> None:
    """Compact the experiment."""
    maker = Maker(str(store))
    compact(open_store(store), home(store), clock=maker.clock, ids=maker.ids)


def history(store: Path) -> None:
    """Read one metric, which opens the parts that hold it."""
    with opened(str(store)) as tracker:
        for run in tracker.search_runs([home(store)]):
            tracker.metric_history(run.info.run_id, "loss")


def decide(store: Path) -> None:
    """Point an alias elsewhere."""
    Catalog(open_store(store)).set_alias(MODEL, "champion", 2)


def verify(store: Path) -> None:
    """Replay the model's decisions."""
    Catalog(open_store(store)).verify(MODEL)


def newest(store: Path, pattern: str) -> Path:
    """Return the last file that fits."""
    return max(store.glob(pattern))


def cases() -> Iterator[Any]:
    """Yield what a later release wrote, how, and what is then tried."""
    table: list[tuple[str, Callable[[Path], None], tuple[Callable[[Path], None], ...]]] = [
        ("store.json", newer_json, (log, history, decide)),
        (f"exp/{HOME}/log/*.json", newer_json, (log, fold, history)),
        (f"exp/{HOME}/hot/*.parquet", newer_parquet, (log, fold, history)),
        (f"exp/{HOME}/runs/*.parquet", newer_parquet, (log, fold)),
        ("registry/models/digits*/log/*.json", newer_entry, (decide, verify)),
    ]
    for pattern, change, attempts in table:
        for attempt in attempts:
            yield pytest.param(pattern, change, attempt, id=f"{pattern}-{attempt.__name__}")


@pytest.mark.parametrize(("pattern", "change", "attempt"), list(cases()))
def test_what_a_later_release_wrote_is_refused_and_left_alone(
    store: Path, pattern: str, change: Callable[[Path], None], attempt: Callable[[Path], None]
) -> None:
    """The refusal names the object and both formats, and not one byte of the store changes."""
    path = newest(store, pattern.replace(HOME, home(store)))
    change(path)
    before = files(store)
    with pytest.raises(StoreTooNew, match=f"has format {NEXT}; this release reads up to"):
        attempt(store)
    assert files(store) == before


def test_a_later_part_of_metrics_is_refused_when_its_points_are_asked_for(store: Path) -> None:
    """Nobody else needs it, so everything else can still be read."""
    newer_parquet(min(store.glob(f"exp/{home(store)}/metrics/*.parquet")))
    with opened(str(store)) as tracker:
        runs = tracker.search_runs([home(store)], order_by=["start_time"])
        with pytest.raises(StoreTooNew, match=f"has format {NEXT}"):
            tracker.metric_history(runs[1].info.run_id, "loss")
