"""Promotion triggered by a flow event: exactly once, also when events come twice, late, or get lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from ruamel.yaml import YAML

from mlflowflow.clock import SystemClock
from mlflowflow.events.journal import Journal
from mlflowflow.gates.policy import GatePolicy, Threshold, WhenNoChampion
from mlflowflow.gates.proposal import CANDIDATE_READY, PROMOTE_CONSUMER, propose
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.tracker import Tracker
from tests.system.programs import ROOT, SCRIPTS, Bench, wait_for

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mlflowflow.events.journal import Event

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

POLICY = GatePolicy(
    name="champion",
    model="digits",
    alias="champion",
    when_no_champion=WhenNoChampion.ABSOLUTE_ONLY,
    checks=(Threshold(id="quality", metric="accuracy", min=0.9),),
)
#: Serves the promotion flow with the trigger that deployments/prefect.yaml declares.
SERVE = """
import sys
from pathlib import Path
from prefect.events import DeploymentEventTrigger
from ruamel.yaml import YAML
sys.path.insert(0, sys.argv[1])
from flows.promote import promote
declared = YAML(typ="safe").load(Path(sys.argv[1], "deployments", "prefect.yaml"))
(entry,) = [each for each in declared["deployments"] if each["name"] == "on-candidate"]
triggers = [
    DeploymentEventTrigger(name="on-candidate", **{k: v for k, v in each.items() if k != "type"})
    for each in entry["triggers"]
]
promote.serve(name=entry["name"], triggers=triggers)
"""


class Registered:
    """A store with one registered and evaluated version of a model."""

    def __init__(self, folder: Path) -> None:
        """Log an evaluation and register a version."""
        self.url = str(folder)
        store = open_store(self.url)
        self.journal = Journal(store)
        self.catalog = Catalog(store, actor="tester")
        with Tracker(store, user="tester") as tracker:
            run_id = tracker.create_run(tracker.ensure_experiment("digits").experiment_id).info.run_id
            now = SystemClock().now_us() // 1000
            accuracy = Metric(key="accuracy", value=0.97, timestamp=now)
            tracker.log_batch(run_id, metrics=[accuracy], tags={"mlff.model": "models:/digits/1"})
            tracker.end_run(run_id)
        self.catalog.create_version("digits", source=f"runs:/{run_id}/model", run_id=run_id)
        self.evaluation = run_id

    def announce(self) -> Event:
        """Journal the candidate, as the retraining pipeline does at its end."""
        return propose(POLICY, version=1, evaluations=[self.evaluation], journal=self.journal)

    @property
    def promotions(self) -> int:
        """Count the decisions that moved the alias."""
        return sum(entry.change.kind == "alias.promoted" for entry in self.catalog.history("digits"))

    def is_acknowledged(self, event: Event) -> bool:
        """Answer whether the promotion flow has dealt with the event."""
        return self.journal.acknowledgement(event.id, PROMOTE_CONSUMER) is not None


@contextmanager
def served(bench: Bench, store_url: str) -> Generator[None]:
    """Serve the promotion flow, as `flow.serve` or a worker would."""
    env = {
        **os.environ,
        **bench.environ,
        "MLFLOWFLOW_TRACKING_URI": store_url,
        "MLFLOWFLOW_USER": "promoter",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        "PYTHONPATH": str(ROOT),
    }
    with (bench.folder / "served.txt").open("wb") as printed:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(ROOT)],
            cwd=ROOT,
            env=env,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: deployment_exists(bench.environ["PREFECT_API_URL"]) or server.poll() is not None)
        assert server.poll() is None, (bench.folder / "served.txt").read_text()
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def deployment_exists(api: str) -> bool:
    """Answer whether the promotion deployment is known and its trigger is on."""
    answer = httpx.post(f"{api}/automations/filter", json={}, timeout=30)
    return answer.is_success and any(each["name"] == "on-candidate" for each in answer.json())


def runs_of_the_promotion_flow(api: str) -> list[dict[str, Any]]:
    """List the promotion flow's runs that have completed."""
    query = {
        "flows": {"name": {"any_": ["mlff.promote"]}},
        "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    }
    runs: list[dict[str, Any]] = httpx.post(f"{api}/flow_runs/filter", json=query, timeout=30).json()
    return runs


def test_an_event_promotes_once_however_often_and_late_it_arrives(bench: Bench, tmp_path: Path) -> None:
    """Lost at first, relayed when the server is there, relayed again: one promotion, by the flow."""
    registered = Registered(tmp_path / "store")
    event = registered.announce()  # nobody hears it: the fast path is lost
    api = bench.environ["PREFECT_API_URL"]
    before = len(runs_of_the_promotion_flow(api))
    with served(bench, registered.url):
        first = bench.mlff("events", "relay", "--store", registered.url)
        assert "Offered 1 event" in first.out, first.err
        twice = bench.mlff("events", "relay", "--store", registered.url)
        assert twice.code == 0, twice.err
        wait_for(lambda: registered.is_acknowledged(event), seconds=180)
        wait_for(lambda: len(runs_of_the_promotion_flow(api)) > before, seconds=60)
    assert registered.promotions == 1
    assert [entry.actor for entry in registered.catalog.history("digits")][-1] == "promoter"
    late = bench.mlff("events", "relay", "--store", registered.url)
    assert "Offered 0 events" in late.out


def test_relaying_without_a_server_says_how_to_start_one(lonely_bench: Bench, tmp_path: Path) -> None:
    """The event stays in the journal."""
    registered = Registered(tmp_path / "store")
    event = registered.announce()
    ended = lonely_bench.mlff("events", "relay", "--store", registered.url)
    assert ended.code == 1
    assert "prefect server start" in ended.err
    assert [each.id for each in registered.journal.unacknowledged(PROMOTE_CONSUMER, CANDIDATE_READY)] == [
        event.id
    ]


def test_the_declared_deployments_are_accepted_by_prefect(bench: Bench) -> None:
    """`prefect deploy --all` takes the file as it is, and every flow has its parameters' schema."""
    declared = YAML(typ="safe").load(ROOT / "deployments" / "prefect.yaml")
    env = {**os.environ, **bench.environ, "MLFLOWFLOW_HOME": str(ROOT)}
    pool: list[str | Path] = [
        SCRIPTS / "prefect",
        "--no-prompt",
        "work-pool",
        "create",
        "mlff",
        "--type",
        "process",
        "--overwrite",
    ]
    subprocess.run(pool, cwd=ROOT, env=env, check=True, capture_output=True, timeout=120)
    deploy: list[str | Path] = [
        SCRIPTS / "prefect",
        "--no-prompt",
        "deploy",
        "--all",
        "--prefect-file",
        "deployments/prefect.yaml",
    ]
    done = subprocess.run(deploy, cwd=ROOT, env=env, check=False, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    api = bench.environ["PREFECT_API_URL"]
    found = httpx.post(f"{api}/deployments/filter", json={}, timeout=30).json()
    known = {each["name"]: each["parameter_openapi_schema"]["properties"] for each in found}
    assert {each["name"] for each in declared["deployments"]} <= set(known)
    assert set(known["weekly"]) == {"seed", "rows", "promotion"}
    assert set(known["on-candidate"]) == {"model", "version"}
