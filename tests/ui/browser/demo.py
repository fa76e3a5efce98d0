"""A store with a little of everything that pages show, made by the library in a second or two."""

from __future__ import annotations

import math
import random
import struct
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from mlflowflow.clock import SystemClock
from mlflowflow.config import Settings
from mlflowflow.events.journal import Journal
from mlflowflow.gates.archive import VerdictArchive
from mlflowflow.gates.policy import WhenNoChampion
from mlflowflow.gates.proposal import propose
from mlflowflow.orchestration.performance import REPORT_PATH, REPORT_TAG
from mlflowflow.registry.change import GateEvaluated, Promoted
from mlflowflow.server.running import open_desk
from mlflowflow.sweeps.trial import Outcome, TrialState, trial_run_id
from mlflowflow.tracking.run import Dataset, DatasetInput, Metric, RunStatus
from tests.gates.examples import QUALITY, alone, policy
from tests.sweeps.stories import SPEC, TWO, Story

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.projects.value import Scalar
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.tracking.tracker import Tracker

#: What a page must show as it is, and never run.
HOSTILE: Final = "<img src=x onerror=\"document.title='taken'\">"
RUNS: Final = 60
_POINTS: Final = 120
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The store, and the ids of what is in it."""

    store: Path
    experiment: str
    run: str
    #: some with curves
    curved: tuple[str, ...]
    sweep: str
    front: str
    flow: str
    model: str


def demo_in(store: Path) -> Demo:
    """Make the store."""
    settings = replace(Settings.from_environ({}), tracking_uri=str(store), user="ann")
    with open_desk(settings) as desk:
        runs = _Runs(desk.tracker)
        run_ids = [runs.one(number) for number in range(RUNS)]
        runs.unlike_others()
        _fill(desk.tracker, run_ids[0])
        _models(desk.catalog, run_ids[:3])
        _candidates(desk.catalog, Journal(desk.tracker.store))
        return Demo(
            store=store,
            experiment=runs.experiment,
            run=run_ids[0],
            curved=tuple(run_ids[-6:]),
            sweep=_sweep(desk.tracker, runs.experiment, _one_objective()),
            front=_sweep(desk.tracker, runs.experiment, _two_objectives()),
            flow=_flow(desk.tracker, desk.tracker.create_experiment("nightly")),
            model="digits",
        )


class _Runs:
    """Runs of one experiment, an hour's worth, each a minute after the one before."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._random = random.Random(7)
        self._begin_ms = SystemClock().now_us() // 1000 - RUNS * _MINUTE_MS
        self.experiment = tracker.create_experiment("digits", tags={"mlff.goal.accuracy": "maximize"})
        tracker.create_experiment("nothing yet")

    def one(self, number: int) -> str:
        """Log one run with two curves and some params."""
        start_ms = self._begin_ms + number * _MINUTE_MS
        rate, depth = 10 ** self._random.uniform(-4, -1), self._random.choice([2, 4, 8])
        run = self._tracker.create_run(self.experiment, run_name=f"train {number}", start_time=start_ms)
        noise = self._random.uniform(0.9, 1.1)
        steps = range(_POINTS) if number < 3 or number >= RUNS - 7 else (_POINTS - 1,)
        self._tracker.log_batch(
            run.info.run_id,
            params={
                "rate": f"{rate:.2e}",
                "depth": str(depth),
                "optimizer": self._random.choice(["adam", "sgd"]),
            },
            metrics=[
                Metric(name, value, start_ms + 300 * step, step)
                for step in steps
                for name, value in (
                    ("train/loss", noise * math.exp(-step / 40) + 0.02),
                    ("val/loss", noise * math.exp(-step / 50) + 0.05 + 0.01 * math.sin(step)),
                    ("accuracy", 1 - noise * 0.5 * math.exp(-step / 30)),
                )
            ],
            tags={"team": self._random.choice(["vision", "speech"])},
        )
        status = RunStatus.FAILED if number % 17 == 5 else RunStatus.FINISHED
        self._tracker.end_run(run.info.run_id, status, end_time=start_ms + 36_000 + number * 500)
        return run.info.run_id

    def unlike_others(self) -> None:
        """Add a run with a hostile name and numbers that are none, and one that still runs."""
        odd = self._tracker.create_run(self.experiment, run_name=HOSTILE).info.run_id
        now_ms = SystemClock().now_us() // 1000
        self._tracker.log_batch(
            odd, metrics=[Metric("accuracy", math.nan, now_ms, 1)], params={"rate": HOSTILE}
        )
        self._tracker.end_run(odd, RunStatus.KILLED)
        self._tracker.create_run(self.experiment, run_name="still running")


def _fill(tracker: Tracker, run_id: str) -> None:
    """Give a run files of every kind, and data that it read."""
    files = tracker.artifacts(run_id)
    files.put_bytes(b"# Digits\n\nReads *digits*.\n", "notes.md")
    files.put_bytes(b'{"classes": [0, 1, 2], "deep": {"a": true}}', "config.json")
    files.put_bytes(b"row,label\n1,seven\n2,two\n", "tables/errors.csv")
    files.put_bytes(b'{"columns": ["ask", "answer"], "data": [["2+2", "four"]]}', "tables/answers.json")
    files.put_bytes(_parquet({"row": [1, 2], "guess": ["one", "two"]}), "tables/rows.parquet")
    files.put_bytes(b"\x00\x01", "weights.bin")
    for attempt in (1, 2):
        files.put_bytes(f"attempt {attempt} began\n".encode(), f"logs/attempt-{attempt}.txt")
    files.put_bytes(b"<script>document.title='taken'</script>", "page.html")
    files.put_bytes(b'{"files": {"MLmodel": "00ff"}}', "model/digests.json")
    for step in range(3):
        files.put_bytes(_png(shade=80 * step), f"images/confusion_{step}.png")
        name = f"input+step+{step}+timestamp+{1_700_000_000_000 + step}+0000000{step}.png"
        files.put_bytes(_png(shade=50 * step), f"images/{name}")
    data = Dataset(name="digits", digest="abc123", source_type="local", source="{}")
    tracker.log_inputs(run_id, datasets=[DatasetInput(dataset=data)])


def _parquet(columns: dict[str, list[Any]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return bytes(sink.getvalue())


def _png(*, shade: int, side: int = 48) -> bytes:
    """Return a small picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = b"".join(bytes([0, *((shade + 2 * (x ^ y)) % 256 for x in range(side))]) for y in range(side))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def _one_objective() -> Story:
    """A sweep with trials in every state, of which a few report on their way."""
    draw = random.Random(3)
    story = Story(SPEC, run_id="0190a1b2c3d47e5f8a9b0c1d2e3f4a5b", step_s=4.0)
    for number in range(18):
        regularisation = round(10 ** draw.uniform(-1, 2), 4)
        trial = story.start({"C": regularisation, "model": draw.choice(["tree", "kernel"])})
        loss = 0.2 + abs(math.log10(regularisation) - 0.7) / 3 + draw.uniform(0, 0.1)
        points = [(step, loss * (1 + 1 / (step + 1))) for step in range(5)]
        worker = f"tcp://10.0.0.{1 + number % 2}:40213"
        if number % 5 == 3:
            story.report(trial, *points[:2], prune=True)
            story.end(trial, Outcome.PRUNED, worker=worker).tell(trial, TrialState.PRUNED)
        else:
            story.report(trial, *points)
            story.end(trial, worker=worker).tell(trial, TrialState.COMPLETE, loss)
    story.fail("ValueError: rows 17 are missing\n  trace")
    story.start({"C": 3.0, "model": "tree"})
    return story


def _two_objectives() -> Story:
    """A finished sweep with a front."""
    draw = random.Random(5)
    story = Story(TWO, run_id="0190a1b2c3d47e5f8a9b0c1d2e3f4a5c", step_s=4.0)
    for _ in range(12):
        size = round(draw.uniform(1, 20), 2)
        params: dict[str, Scalar] = {"C": size, "model": draw.choice(["tree", "kernel"])}
        story.complete(
            round(0.6 + 0.35 * (1 - math.exp(-size / 6)) - draw.uniform(0, 0.1), 4), size, params=params
        )
    return story.close()


def _sweep(tracker: Tracker, experiment: str, story: Story) -> str:
    history: SweepHistory = story.history
    tracker.create_run(
        experiment, run_id=history.run_id, run_name="tune", tags={"mlff.sweep": history.sweep.name}
    )
    story.write(tracker.store)
    return history.run_id


def _models(catalog: Catalog, run_ids: list[str]) -> None:
    """Register three versions, of which one was let in by a gate, and one was taken back."""
    catalog.create_model("digits", description="Reads handwritten digits.", tags={"team": "vision"})
    for run_id in run_ids:
        catalog.create_version("digits", source=f"runs:/{run_id}/model", run_id=run_id)
    catalog.set_alias("digits", "champion", 1, reason="the first one")
    verdict = VerdictArchive(catalog.store, "digits").keep(policy(QUALITY), alone(accuracy=0.95))
    catalog.decide(
        "digits", lambda _state: Promoted(alias="champion", version=2, verdict=verdict.digest, previous=1)
    )
    catalog.transition_stage("digits", 2, "Production", reason="it passed")
    catalog.set_alias("digits", "champion", 3, reason="looks better")
    catalog.rollback("digits", "champion", reason="it was not")
    catalog.create_model("empty")


def _candidates(catalog: Catalog, journal: Journal) -> None:
    """Register two versions of a model: one that a gate holds, and one that was announced to a flow."""
    asks = policy(QUALITY, when_no_champion=WhenNoChampion.REQUIRE_APPROVAL, model="ratings")
    for _ in range(2):
        catalog.create_version("ratings", source="runs:/0/model")
    verdict = VerdictArchive(catalog.store, "ratings").keep(asks, alone(accuracy=0.95))
    held = GateEvaluated(
        alias="champion",
        version=1,
        outcome=verdict.outcome,
        verdict=verdict.digest,
        sentence=verdict.explanation,
    )
    catalog.decide("ratings", lambda _state: held)
    propose(asks, version=2, evaluations=["0" * 32], journal=journal)


def _flow(tracker: Tracker, experiment: str) -> str:
    """Run a pipeline that made data, tuned on it, registered what came of it, and failed to promote it."""
    begin_ms = SystemClock().now_us() // 1000 - 10 * _MINUTE_MS

    def run(
        name: str,
        minutes: tuple[float, float],
        *,
        parent: str | None = None,
        run_id: str | None = None,
        **facts: str,
    ) -> str:
        tags = {key.replace("__", "."): text for key, text in facts.items()}
        start_ms, end_ms = (begin_ms + round(each * _MINUTE_MS) for each in minutes)
        begun = tracker.create_run(
            experiment, run_id=run_id, run_name=name, parent_run_id=parent, tags=tags, start_time=start_ms
        )
        status = RunStatus.FAILED if "mlff.failure" in tags else RunStatus.FINISHED
        tracker.end_run(begun.info.run_id, status, end_time=end_ms)
        return begun.info.run_id

    why = {"mlff__failure": "The champion's outcomes cannot be read."}
    root = run("nightly", (0, 9), mlff__plan="pipeline", mlflow__project__entryPoint="retrain", **why)
    tracker.artifacts(root).put_bytes(b"<h1>Dask Performance Report</h1>", REPORT_PATH)
    tracker.log_batch(root, params={"rows": "900"}, tags={REPORT_TAG: REPORT_PATH})
    ingest = run("ingest", (0, 1), parent=root, mlff__step="ingest", mlflow__source__name="examples/digits")
    tune = run("tune", (1, 7), parent=root, mlff__step="tune", mlff__sweep="tune")
    tracker.log_batch(tune, params={"data": f"runs:/{ingest}/data"})
    story = Story(SPEC, run_id=tune)
    for number in range(3):
        run(
            f"tune/{number}",
            (1 + 2 * number, 3 + 2 * number),
            parent=tune,
            run_id=trial_run_id(tune, number),
            mlff__trial=str(number),
            mlff__sweep="tune",
        )
        story.complete(0.5 - number / 10)
    story.close().write(tracker.store)
    model = {"mlff__model": "models:/digits/3"}
    run("register", (7, 7.2), parent=root, mlff__step="register", **model)
    run("promote", (7.2, 9), parent=root, mlff__step="promote", **model, **why)
    return root
