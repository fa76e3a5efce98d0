"""Pages of flows say what the runs of a flow say, and what goes on is told from runs alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.server.handlers import flow_sheets
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    import pytest

    from tests.server.asking import Asking

API = "/api/mlff/1"


def _get(ask: Asking, path: str) -> Any:
    answer = ask.client.request("GET", f"{API}/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def _run(
    ask: Asking, name: str, *, parent: str | None = None, params: dict[str, str] | None = None, **tags: str
) -> str:
    known = {key.replace("__", "."): text for key, text in tags.items()}
    tracker = ask.desk.tracker
    run_id = tracker.create_run("0", run_name=name, parent_run_id=parent, tags=known).info.run_id
    tracker.log_batch(run_id, params=params or {})
    return run_id


def _pipeline(ask: Asking) -> str:
    """Begin a flow of three steps: one makes data, a sweep uses it, and one registers what came of it."""
    root = _run(
        ask,
        "retrain",
        params={"seed": "0", "rows": "a b"},
        mlff__plan="pipeline",
        mlflow__project__entryPoint="retrain",
        mlff__dask__dashboard="http://127.0.0.1:8787/status",
    )
    ingest = _run(
        ask,
        "ingest",
        parent=root,
        mlff__step="ingest",
        mlflow__project__entryPoint="ingest",
        mlflow__source__name="digits",
    )
    tune = _run(
        ask,
        "tune",
        parent=root,
        mlff__step="tune",
        mlff__sweep="tune",
        params={"data": f"runs:/{ingest}/data"},
    )
    for number in range(2):
        _run(
            ask,
            f"tune/{number}",
            parent=tune,
            mlff__step=f"tune trial {number}",
            mlff__sweep="tune",
            mlff__trial=str(number),
        )
    _run(ask, "register", parent=root, mlff__step="register", mlff__model="models:/digits/1")
    _run(
        ask,
        "promote",
        parent=root,
        mlff__step="promote",
        mlff__model="models:/digits/1",
        mlff__verdict="PASSED",
    )
    ask.desk.tracker.end_run(ingest, RunStatus.FINISHED)
    return root


def test_flows_count_their_steps_and_not_their_trials(ask: Asking) -> None:
    """A plain run is no flow."""
    root = _pipeline(ask)
    _run(ask, "plain")
    found = _get(ask, "flows")
    assert [each["run_id"] for each in found["flows"]] == [root]
    assert found["flows"][0]["steps"] == {"FINISHED": 1, "RUNNING": 3}
    assert (found["flows"][0]["project"], found["total"]) == ("digits", 1)


def test_one_flow_with_its_steps(ask: Asking) -> None:
    """What was given to whom shows which step came after which; a command runs it again."""
    found = _get(ask, f"flows/{_pipeline(ask)}")
    after = {each["name"]: each["after"] for each in found["steps"]}
    assert after == {"ingest": [], "tune": ["ingest"], "register": [], "promote": ["register"]}
    tune = next(each for each in found["steps"] if each["name"] == "tune")
    assert (tune["sweep"], tune["trials"]) == ("tune", {"RUNNING": 2})
    assert (found["dashboard"], found["report"]) == ("http://127.0.0.1:8787/status", "")
    assert found["command"] == "mlff run digits -e retrain --experiment Default -P 'rows=a b' -P seed=0"


def test_no_step_comes_after_a_later_one(ask: Asking) -> None:
    """Also if both name the same model, of which no verdict says who made it."""
    root = _run(ask, "retrain", mlff__plan="pipeline")
    for name in ("register", "promote"):
        _run(ask, name, parent=root, mlff__step=name, mlff__model="models:/digits/1")
    after = {each["name"]: each["after"] for each in _get(ask, f"flows/{root}")["steps"]}
    assert after == {"register": [], "promote": ["register"]}


def test_a_plain_run_is_no_flow(ask: Asking) -> None:
    """It is not found, and the answer says what a flow is."""
    answer = ask.client.request("GET", f"{API}/flows/{ask.run()}")
    assert answer.status_code == 404
    assert "mlff run" in answer.json()["message"]


def test_what_goes_on(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that nothing else began: those that run, and those that failed with why."""
    _pipeline(ask)
    failed = _run(ask, "night", mlff__sweep="night", mlff__failure="Out of memory.")
    ask.desk.tracker.end_run(failed, RunStatus.FAILED)
    found = _get(ask, "now")
    assert [(each["name"], each["kind"]) for each in found["running"]] == [("retrain", "flow")]
    assert [(each["name"], each["kind"], each["failure"]) for each in found["failed"]] == [
        ("night", "sweep", "Out of memory.")
    ]
    monkeypatch.setattr(flow_sheets, "MOST_NOW", 0)
    _run(ask, "plain")
    assert (_get(ask, "now")["running"], _get(ask, "now")["running_total"]) == ([], 2)


def test_what_failed_last_comes_first(ask: Asking) -> None:
    """Whenever it began."""
    long, short = _run(ask, "long"), _run(ask, "short")
    ask.desk.tracker.end_run(short, RunStatus.FAILED, end_time=5_000)
    ask.desk.tracker.end_run(long, RunStatus.FAILED, end_time=6_000)
    assert [each["name"] for each in _get(ask, "now")["failed"]] == ["long", "short"]
