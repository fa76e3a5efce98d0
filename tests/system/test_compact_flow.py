"""The housekeeping flow, run as a scheduler runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.storage.location import open_store
from mlflowflow.tracking.table.compaction import segments_in
from mlflowflow.tracking.table.manifest import manifest_log
from mlflowflow.tracking.tracker import Tracker
from tests.system.programs import ROOT, Bench

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

FLOW = """
import json, sys
sys.path.insert(0, sys.argv[1])
from flows.compact import compact
from mlflowflow.errors import CorruptData
try:
    print(json.dumps(compact()))
except CorruptData as error:
    print(json.dumps(str(error)))
"""


def filled(folder: Path) -> tuple[str, str]:
    """Log a run to each of two experiments of a new store, and return their ids."""
    with Tracker(open_store(folder), flush_intervals=()) as tracker:
        first, second = (tracker.create_experiment(name) for name in ("first", "second"))
        for experiment_id in (first, second):
            run = tracker.create_run(experiment_id).info.run_id
            tracker.log_metric(run, "loss", 0.5)
            tracker.end_run(run)
    return first, second


def tended(bench: Bench, store: Path) -> object:
    """Run the flow, and return what it returned or the sentence it failed with."""
    done = subprocess.run(
        [sys.executable, "-c", FLOW, str(ROOT)],
        env={**os.environ, **bench.environ, "MLFLOWFLOW_TRACKING_URI": str(store)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_flow_tends_every_experiment(bench: Bench, tmp_path: Path) -> None:
    """It returns how many segments were folded: all there are."""
    store = tmp_path / "store"
    experiments = filled(store)
    segments = sum(len(segments_in(open_store(store), each)) for each in experiments)
    assert tended(bench, store) == segments > 0
    assert {manifest_log(open_store(store), each).head() for each in experiments} == {0}


def test_an_experiment_that_cannot_be_tended_fails_the_flow_at_its_end(bench: Bench, tmp_path: Path) -> None:
    """The others have had their turn; the sentence names the object."""
    store = tmp_path / "store"
    first, second = filled(store)
    open_store(store).put(f"exp/{first}/log/{0:020d}.json", b"{}")
    assert "cannot be read" in str(tended(bench, store))
    assert manifest_log(open_store(store), second).head() == 0
