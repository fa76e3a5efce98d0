"""R16: a spool that ends in the middle of a record, as a kill inside `write` or a full disk leaves it."""

from __future__ import annotations

import platform
import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.storage.location import open_store
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.frame import Header, frame_header, scan
from mlflowflow.tracking.writing.lost import LOST_TAG
from tests.proofs.scale import scale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.proofs.report import Tally

_CHECK: Final = {"check": "R16", "what": "spool cut inside its last records"}
_EARLIER: Final = 5
#: The tail is cut at every so-many-th byte.
_STRIDE: Final = scale(11, 1)

_LATER: Final = tuple(Metric(key="after", value=float(step), timestamp=0, step=step) for step in (1, 2))
_AFTER: Final = Counter({"after@1=1.0": 1, "after@2=2.0": 1})
#: Wrong recoveries, each with what it does.
_MUTANTS: Final = {
    "renames": "uploads under a name of its own what another recovery uploads as well",
    "gives up": "reads nothing of a file that has a tear",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A store whose writer died: the `spool` it left, the tail of which holds its last calls.

    `ends` tells where each call ends, and `wanted` what is in the run after none, one, … of them.
    """

    place: Path
    run_id: str
    name: str
    spool: bytes
    ends: tuple[int, ...]
    wanted: tuple[Counter[str], ...]

    def expected(self, cut: int) -> Counter[str]:
        """Return what must be in the run if the spool was cut at `cut`."""
        return self.wanted[sum(end <= cut for end in self.ends) - 1]


def _facts(tracker: Tracker, run_id: str) -> Counter[str]:
    run = tracker.get_run(run_id)
    points = [point for key in ("m", "late", "after") for point in tracker.metric_history(run_id, key)]
    tags = {key: text for key, text in run.data.tags.items() if key != LOST_TAG}
    texts = [*run.data.params.items(), *tags.items()]
    return Counter([*(f"{point.key}@{point.step}={point.value!r}" for point in points), *map(str, texts)])


def _singles(tracker: Tracker, run_id: str) -> Iterator[None]:
    tracker.log_metric(run_id, "late", 0.1, step=1)
    yield
    tracker.log_batch(run_id, tags={"late": "ü" * 200})
    yield
    tracker.log_batch(run_id, params={"late": "p" * 200})
    yield


def _batch(tracker: Tracker, run_id: str) -> Iterator[None]:
    points = [Metric(key="late", value=0.5, timestamp=0, step=step) for step in range(5)]
    tracker.log_batch(run_id, metrics=points, params={"late": "p"}, tags={"late": "t"})
    yield


def _scene(place: Path, calls: Callable[[Tracker, str], Iterator[None]]) -> Scene:
    """Let a writer store something, log more that stays in its spool, and vanish."""
    with Tracker(open_store(place / "scene"), flush_intervals=()) as tracker:
        run_id = tracker.create_run("0").info.run_id
        tracker.log_metric(run_id, "m", 1.0, step=0)
        tracker.flush()
        for step in range(1, _EARLIER):
            tracker.log_metric(run_id, "m", float(step), step=step)
        (file,) = (place / "scene" / "spool").glob("*.wal")
        ends, wanted = [file.stat().st_size], [_facts(tracker, run_id)]
        for _ in calls(tracker, run_id):
            ends.append(file.stat().st_size)
            wanted.append(_facts(tracker, run_id))
        spool = file.read_bytes()
        base = shutil.copytree(place / "scene", place / "base", ignore=shutil.ignore_patterns("spool"))
    return Scene(
        place=base,
        run_id=run_id,
        spool=spool,
        name=file.name,
        ends=tuple(ends),
        wanted=tuple(wanted),
    )


def _after_cut(scene: Scene, place: Path, cut: int, *, mutant: str) -> Counter[str]:
    """Cut, open again and append, open once more; return what is in the run then."""
    shutil.copytree(scene.place, place)
    (place / "spool").mkdir()
    left = scene.spool[:cut]
    if mutant == "gives up" and cut not in scene.ends:
        left = b""
    (place / "spool" / scene.name).write_bytes(left)
    if mutant == "renames":
        first, *_ = scan(left)
        header = Header(writer="another", host=platform.node(), store=str(place))
        (place / "spool" / "another.wal").write_bytes(frame_header(header) + left[first.stop :])
    with Tracker(open_store(place), flush_intervals=()) as tracker:
        tracker.log_batch(scene.run_id, metrics=_LATER)
    seen = _facts(Tracker(open_store(place), flush_intervals=()), scene.run_id)
    shutil.rmtree(place)
    return seen


def _violations(scene: Scene, place: Path, *, stride: int, mutant: str = "") -> tuple[int, list[str]]:
    cuts = sorted({*range(scene.ends[0], len(scene.spool), stride), *scene.ends})
    found: list[str] = []
    for cut in cuts:
        seen = _after_cut(scene, place / f"cut-{cut}", cut, mutant=mutant)
        expected = scene.expected(cut) + _AFTER
        if seen != expected:
            found.append(f"cut at {cut}: lost {expected - seen}, invented {seen - expected}")
    return len(cuts), found


def test_a_torn_tail_costs_nothing_that_was_whole(tmp_path: Path, tally: Tally) -> None:
    """Earlier records and those logged after the recovery are there, once; a torn record is not."""
    count, violations = _violations(_scene(tmp_path, _singles), tmp_path, stride=_STRIDE)
    tally.add(**_CHECK, count=count, violations=violations)


def test_a_torn_batch_is_not_there_in_part(tmp_path: Path) -> None:
    """All of a batch or nothing of it survives, wherever its write was cut."""
    _, violations = _violations(_scene(tmp_path, _batch), tmp_path, stride=_STRIDE)
    assert violations == []


def test_wrong_recoveries_are_noticed(tmp_path: Path, tally: Tally) -> None:
    """Each planted mistake shows at one of a few cuts."""
    scene = _scene(tmp_path, _singles)
    noticed = {mutant: bool(_violations(scene, tmp_path, stride=97, mutant=mutant)[1]) for mutant in _MUTANTS}
    tally.add(**_CHECK, count=0, mutants=noticed)
