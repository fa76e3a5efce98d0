"""Pages about models say what the registry says, now and of every moment before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.gates.archive import VerdictArchive
from mlflowflow.registry.change import Promoted
from mlflowflow.tracking.run import Dataset, DatasetInput, Metric
from tests.gates.examples import QUALITY, alone, policy

if TYPE_CHECKING:
    from tests.server.asking import Asking

API = "/api/mlff/1"
SIGNATURE = json.dumps(
    {
        "inputs": json.dumps([{"type": "double", "name": "x", "required": True}]),
        "outputs": json.dumps([{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 2]}}]),
        "params": json.dumps([{"name": "k", "type": "long", "default": 3, "shape": None}]),
    }
)


@pytest.fixture(name="filled")
def _filled(ask: Asking) -> Asking:
    """One model with two versions of a run below another, of which the second was promoted, and an empty one."""
    tracker, catalog = ask.desk.tracker, ask.desk.catalog
    pipeline = tracker.create_run("0", run_name="retrain").info.run_id
    run_id = tracker.create_run("0", run_name="train", parent_run_id=pipeline).info.run_id
    tracker.log_batch(run_id, metrics=[Metric("acc", 0.9, 5)], params={"depth": "3"})
    data = Dataset(name="digits", digest="abc", source_type="local", source="{}")
    tracker.log_inputs(run_id, datasets=[DatasetInput(dataset=data)])
    tracker.artifacts(run_id).put_bytes(b'{"files": {"MLmodel": "00ff"}}', "model/digests.json")
    catalog.create_model("m", description="Reads digits.", tags={"team": "a"})
    for _ in range(2):
        catalog.create_version("m", source=f"runs:/{run_id}/model", run_id=run_id, signature=SIGNATURE)
    catalog.set_alias("m", "champion", 1)
    catalog.transition_stage("m", 2, "Production", reason="it is better")
    catalog.create_model("empty")
    return ask


def _get(ask: Asking, path: str) -> Any:
    answer = ask.client.request("GET", f"{API}/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_models_with_what_they_stand_for(filled: Asking) -> None:
    """Which version holds which alias and stage, and who moved something last."""
    sheet = _get(filled, "models")
    place = sheet["names"].index("m")
    row = {name: column[place] for name, column in sheet.items()}
    assert (row["versions"], row["latest"], row["aliases"]) == (2, 2, {"champion": 1})
    assert row["stages"] == {"Production": 2}
    assert (row["moved"]["what"], row["moved"]["why"]) == (
        "moved version 2 to stage Production",
        "it is better",
    )
    assert sheet["moved"][sheet["names"].index("empty")] is None


def test_a_model_with_its_history(filled: Asking) -> None:
    """Its versions with the metrics of their runs, who held what when, and every decision."""
    found = _get(filled, "models/m")
    assert [(each["version"], each["stage"], each["metrics"]) for each in found["versions"]] == [
        (2, "Production", {"acc": 0.9}),
        (1, "None", {"acc": 0.9}),
    ]
    assert [(each["place"], each["version"], each["to_ms"]) for each in found["holdings"]] == [
        ("Production", 2, None),
        ("champion", 1, None),
    ]
    assert [each["seq"] for each in found["decisions"]] == [4, 3, 2, 1, 0]
    assert (found["description"], found["tags"]) == ("Reads digits.", {"team": "a"})


def test_a_version_with_what_led_to_it(filled: Asking) -> None:
    """Data, runs, signature and files; what the run logged; what was decided about it."""
    found = _get(filled, "models/m/2")
    assert [each["name"] for each in found["runs"]] == ["retrain", "train"]
    assert found["data"] == [{"name": "digits", "digest": "abc", "source_type": "local"}]
    assert [(each["side"], each["name"], each["type"], each["required"]) for each in found["signature"]] == [
        ("inputs", "x", "double", True),
        ("outputs", "0", "float32 [-1, 2]", True),
        ("params", "k", "long", False),
    ]
    assert found["files"] == [{"path": "MLmodel", "sha256": "00ff"}]
    assert (found["params"], found["metrics"], found["champion"]) == ({"depth": "3"}, {"acc": 0.9}, 1)
    assert [each["kind"] for each in found["decisions"]] == ["stage.transitioned", "version.created"]


def test_a_verdict_is_rows(filled: Asking) -> None:
    """Check by check, in words and numbers."""
    catalog = filled.desk.catalog
    archive = VerdictArchive(catalog.store, "m")
    verdict = archive.keep(policy(QUALITY), alone(accuracy=0.95))
    catalog.decide(
        "m", lambda _state: Promoted(alias="champion", version=2, verdict=verdict.digest, previous=1)
    )
    (row,) = _get(filled, "models/m/2")["verdicts"]
    assert (row["digest"], row["outcome"], row["gate"]) == (
        verdict.digest,
        verdict.outcome.value,
        verdict.gate,
    )
    assert [each["id"] for each in row["checks"]] == [each.id for each in verdict.checks]


def test_two_versions_compared(filled: Asking) -> None:
    """Part by part; the same run gives no differences but where they came from."""
    found = _get(filled, "models/m/2/against/1")
    assert (found["old"], found["new"], found["differences"]) == (1, 2, [])


def test_audit_is_every_decision(filled: Asking) -> None:
    """Of all models, the latest first, with whether each log is intact."""
    found = _get(filled, "audit")
    assert len(found["decisions"]) == 6
    assert [(each["model"], each["entries"], each["error"]) for each in found["logs"]] == [
        ("empty", 1, None),
        ("m", 5, None),
    ]


def test_a_changed_log_is_told(filled: Asking) -> None:
    """A page about decisions must not look as if nothing had happened to them."""
    store = filled.desk.catalog.store
    key = next(each.key for each in store.list("registry/models/m/log/"))
    body = store.get(key)
    assert body is not None
    store.put(key, body.replace(b"ann", b"bob"))
    answer = filled.client.request("GET", f"{API}/audit")
    if answer.status_code == 200:
        assert any(each["error"] for each in answer.json()["logs"])


@pytest.mark.parametrize("path", ["models/nobody", "models/m/9", "models/m/1/against/9"])
def test_what_is_not_there(filled: Asking, path: str) -> None:
    """Is not found, by name."""
    answer = filled.client.request("GET", f"{API}/{path}")
    assert answer.status_code == 404


def test_decisions_are_another_version_of_the_answer(filled: Asking) -> None:
    """What was decided a moment ago is in the next answer."""
    tag = filled.client.request("GET", f"{API}/models/m").headers["etag"]
    url, headers = f"{API}/models/m", {"If-None-Match": tag}
    assert filled.client.request("GET", url, headers=headers).status_code == 304
    filled.desk.catalog.set_alias("m", "champion", 2)
    assert filled.client.request("GET", url, headers=headers).status_code == 200
