"""Make the store that stands for a released format.

Run once per format, and once for what is added to it, by the release that brings it, never by a later one::

    python -m tests.formats.make tests/formats/format-2

It writes ``store``, a directory store with something of everything, and ``expected.json``, what that
release read in it. Clock and ids are counted, so a second run writes the same bytes. Only calls that
every release has are used: the tests read old stores through the same function, `told`.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.events.journal import Journal
from mlflowflow.ids import SequentialIds
from mlflowflow.models.package import seal
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import GateEvaluated, Promoted
from mlflowflow.registry.register import register_model
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    RunStatus,
)
from tests.formats.telling import CONSUMER, NEVER, all_runs, opened, told

if TYPE_CHECKING:
    from collections.abc import Generator

    from mlflowflow.tracking.tracker import Tracker

MODEL = "digits model"
BIGGEST = 2**63 - 1
MLMODEL = """\
artifact_path: model
flavors:
  python_function:
    loader_module: nowhere
run_id: none
"""


class Maker:
    """Somebody who fills a store, with a clock and ids that are counted."""

    def __init__(self, url: str) -> None:
        """Fill the store at `url`."""
        self.url = url
        self.clock = ManualClock()
        self.ids = SequentialIds()

    @contextmanager
    def tracking(self, *, compact_at: int = NEVER) -> Generator[Tracker]:
        """Open the store like a process would: with a writer of its own, and a second later."""
        self.clock.advance(1)
        with opened(self.url, clock=self.clock, ids=self.ids, compact_at=compact_at) as tracker:
            yield tracker
            all_runs(tracker)  # an experiment is compacted when its reader finds it crowded

    def fill(self) -> None:
        """Write everything."""
        with self.tracking(compact_at=1) as tracker:
            experiment = tracker.create_experiment(
                "Digits / Ziffern", tags={"team": "vision", "gone": "soon"}
            )
            train = self.train(tracker, experiment)
            self.odd_numbers(tracker, experiment)
            tracker.create_experiment("given up")
        with self.tracking(compact_at=1) as tracker:
            self.more(tracker, experiment, train)
        with self.tracking() as tracker:
            self.still_hot(tracker, experiment, train)
        self.register(train)
        self.record(train)

    def train(self, tracker: Tracker, experiment: str) -> str:
        """Log a run as they come, with a model and a plot."""
        run = tracker.create_run(experiment, run_name="train", tags={"kept": "yes", "dropped": "later"}).info
        tracker.log_batch(run.run_id, params={"C": "10.0", "text": "Zürich\n\t🙂", "empty": ""})
        for step in range(40):
            self.clock.advance(0.25)
            tracker.log_metric(run.run_id, "loss", 1 / (step + 1), step=step)
        tracker.artifacts(run.run_id).put_bytes(b"<svg/>", "plots/loss.svg")
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "MLmodel").write_text(MLMODEL)
            (Path(folder) / "weights.bin").write_bytes(bytes(range(256)))
            seal(Path(folder))
            tracker.artifacts(run.run_id).put_folder(folder, "model")
        tracker.end_run(run.run_id)
        return run.run_id

    def odd_numbers(self, tracker: Tracker, experiment: str) -> None:
        """Log values and steps from the edges of their types."""
        run = tracker.create_run(experiment, run_name="odd numbers", start_time=0).info.run_id
        values = [math.nan, math.inf, -math.inf, -0.0, 0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2]
        points = [
            Metric(key="odd", value=value, timestamp=step, step=step) for step, value in enumerate(values)
        ]
        edges = [
            Metric(key="edges", value=1.0, timestamp=BIGGEST // 1000, step=BIGGEST),
            Metric(key="edges", value=2.0, timestamp=-BIGGEST // 1000, step=-BIGGEST - 1),
        ]
        tracker.log_batch(run, metrics=[*points, *edges])
        tracker.log_batch(
            run, metrics=[Metric(key="only nan/x", value=math.nan, timestamp=self.clock.now_us() // 1000)]
        )
        tracker.end_run(run, RunStatus.FAILED)

    def more(self, tracker: Tracker, experiment: str, train: str) -> None:
        """Fold a second time: what replaces earlier cells, a run below another, a deleted one."""
        tracker.delete_tag(train, "dropped")
        child = tracker.create_run(experiment, run_name="trial 1", parent_run_id=train).info.run_id
        tracker.log_metric(child, "accuracy", 0.9375, step=3)
        tracker.end_run(child, RunStatus.KILLED)
        removed = tracker.create_run(experiment, run_name="removed").info.run_id
        tracker.log_metric(removed, "accuracy", 0.5)
        tracker.end_run(removed)
        tracker.delete_run(removed)
        default = tracker.create_run("0", run_name="in the default experiment").info.run_id
        tracker.end_run(default)

    def still_hot(self, tracker: Tracker, experiment: str, train: str) -> None:
        """Leave segments that nobody folded, about folded runs and new ones."""
        tracker.rename_experiment(experiment, "Digits")
        tracker.set_experiment_tag(experiment, "team", "numbers")
        tracker.log_batch(train, tags={"kept": "still"})
        for step in range(40, 44):
            tracker.log_metric(train, "loss", -float(step), step=step)
        running = tracker.create_run(experiment, run_name="still running").info.run_id
        tracker.log_metric(running, "loss", math.nan, step=1)
        given_up = tracker.get_experiment_by_name("given up")
        assert given_up is not None
        tracker.delete_experiment(given_up.experiment_id)

    def register(self, train: str) -> None:
        """Decide about a model in every way there is."""
        catalog = Catalog(open_store(self.url), clock=self.clock, ids=self.ids, actor="ada")
        with self.tracking() as tracker:
            for number in range(3):
                self.clock.advance(60)
                key = f"request {number}"
                register_model(
                    f"runs:/{train}/model", MODEL, tracker=tracker, catalog=catalog, tags={"n": key}, idem=key
                )
        catalog.describe_model(MODEL, "Which digit is it?")
        catalog.set_model_tag(MODEL, "task", "digits")
        catalog.describe_version(MODEL, 1, "The first.")
        catalog.set_alias(MODEL, "champion", 1, reason="the first")
        digest = "ab" * 32
        catalog.decide(
            MODEL,
            lambda _: Promoted(
                alias="champion", version=2, verdict=digest, sentence="It is better.", previous=1
            ),
        )
        catalog.decide(
            MODEL,
            lambda _: GateEvaluated(
                alias="champion", version=3, outcome="FAILED", verdict=digest, sentence="It is worse."
            ),
        )
        catalog.transition_stage(MODEL, 1, "Production")
        catalog.transition_stage(MODEL, 2, "Production", archive_existing=True, reason="with the alias")
        catalog.rollback(MODEL, "champion", reason="a bad night")
        catalog.delete_version(MODEL, 3)
        catalog.create_model("empty", description="no versions yet")

    def record(self, train: str) -> None:
        """Write two facts, one of them done."""
        journal = Journal(open_store(self.url), clock=self.clock, ids=self.ids)
        arrived = journal.record("mlff.data.arrived", subject="incoming", payload={"rows": 1797})
        self.clock.advance(1)
        journal.record(
            "mlff.candidate.ready", subject=MODEL, payload={"version": 2, "run": train}, follows=arrived.id
        )
        journal.acknowledge(arrived.id, CONSUMER, result={"taken": True})


class SecondMaker(Maker):
    """Somebody who also logs what the second format brought: links, inputs, outputs and logged models."""

    def more(self, tracker: Tracker, experiment: str, train: str) -> None:
        """Fold some of it."""
        super().more(tracker, experiment, train)
        self.linked(tracker, experiment, "linked")

    def still_hot(self, tracker: Tracker, experiment: str, train: str) -> None:
        """Leave some of it in segments."""
        super().still_hot(tracker, experiment, train)
        self.linked(tracker, experiment, "linked and hot")

    def linked(self, tracker: Tracker, experiment: str, name: str) -> None:
        """Log what a run used and made, points that are linked, and the model they are linked to."""
        run = tracker.create_run(experiment, run_name=name).info.run_id
        digits = Dataset("digits", "d1", "local", '{"uri": "digits.csv"}', schema="{}")
        tags = (InputTag("mlflow.data.context", "training"), InputTag("Ziffern", "ja"))
        model = tracker.logged_models.create(
            experiment, name=name, source_run_id=run, tags={"task": "digits"}, params={"C": "10.0"}
        ).model_id
        tracker.log_inputs(
            run, datasets=[DatasetInput(digits, tags)], models=[LoggedModelInput("m-" + "a" * 32)]
        )
        tracker.log_outputs(run, [LoggedModelOutput(model, 3)])
        points = [Metric("accuracy", 0.5 + step / 8, step, step, model, "digits", "d1") for step in range(3)]
        tracker.log_batch(run, metrics=[*points, Metric("accuracy", 0.25, 3, 3)])
        tracker.artifacts(model).put_bytes(b"weights", "model.bin")
        tracker.logged_models.finalize(model, LoggedModelStatus.READY)
        tracker.end_run(run)


class AttemptsMaker(SecondMaker):
    """Somebody who also tries runs again, which the second format holds since the sweeps that do it."""

    def more(self, tracker: Tracker, experiment: str, train: str) -> None:
        """Fold a run in its second attempt, and one whose first attempt failed."""
        super().more(tracker, experiment, train)
        folded = self.attempt(tracker, experiment, "tried again", number=1, status=RunStatus.FAILED)
        self.attempt(tracker, experiment, "tried again", number=2, status=RunStatus.FINISHED, run_id=folded)
        self.failed = self.attempt(
            tracker, experiment, "tried again later", number=1, status=RunStatus.FAILED
        )

    def still_hot(self, tracker: Tracker, experiment: str, train: str) -> None:
        """Leave its second attempt, and what the first one still says, in segments."""
        super().still_hot(tracker, experiment, train)
        self.attempt(
            tracker, experiment, "tried again later", number=2, status=RunStatus.FINISHED, run_id=self.failed
        )
        late = Metric("accuracy", 0.0, 9, 9)
        tracker.log_batch(self.failed, metrics=[late], attempt=1)
        tracker.end_run(self.failed, RunStatus.KILLED, attempt=1)

    def attempt(
        self,
        tracker: Tracker,
        experiment: str,
        name: str,
        *,
        number: int,
        status: RunStatus,
        run_id: str | None = None,
    ) -> str:
        """Make an attempt of a run from its beginning to its end, and return the run's id."""
        run = tracker.create_run(experiment, run_id=run_id, run_name=name, attempt=number).info.run_id
        for step in range(4 - number):
            tracker.log_metric(run, "accuracy", number + step / 8, step=step)
        tracker.log_metric(run, f"only in attempt {number}", 1.0)
        tracker.end_run(run, status, attempt=number)
        return run


#: Who makes the store of a folder.
MAKERS = {"format-2": SecondMaker, "format-2-attempts": AttemptsMaker}


def main() -> None:
    """Write the folder that is named on the command line."""
    folder = Path(sys.argv[1])
    store = folder / "store"
    if store.exists():
        sys.exit(f"'{store}' exists; a released format is written once.")
    MAKERS[folder.name](str(store)).fill()
    text = json.dumps(told(str(store)), indent=1, ensure_ascii=False, sort_keys=True)
    (folder / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
