"""Pages of sweeps say what the log of a sweep says, and requests reach the sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.server.handlers import sweep_sheets
from mlflowflow.sweeps.log import SweepLog
from mlflowflow.sweeps.requests import Extend, Requests
from tests.sweeps.stories import TWO, Story, mixed

if TYPE_CHECKING:
    from tests.server.asking import Asking

API = "/api/mlff/1"


def _begin(ask: Asking, story: Story) -> str:
    run_id = story.history.run_id
    ask.desk.tracker.create_run("0", run_id=run_id, tags={"mlff.sweep": story.history.sweep.name})
    story.write(ask.desk.tracker.store)
    return run_id


def _get(ask: Asking, path: str) -> Any:
    answer = ask.client.request("GET", f"{API}/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def _post(ask: Asking, path: str, body: Any, *, status: int = 200) -> Any:
    answer = ask.client.request("POST", f"{API}/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_list_counts_and_names_the_best(ask: Asking) -> None:
    """Counts by state, the budget, the best value; nobody holds it, so it was interrupted."""
    _begin(ask, mixed())
    row = {name: column[0] for name, column in _get(ask, "sweeps").items() if isinstance(column, list)}
    assert (row["names"], row["phases"], row["metrics"], row["best"], row["best_trials"]) == (
        "tune",
        "INTERRUPTED",
        "loss",
        0.25,
        2,
    )
    counts = {state: column[0] for state, column in _get(ask, "sweeps")["counts"].items()}
    assert counts == {"QUEUED": 1, "RUNNING": 1, "COMPLETE": 2, "PRUNED": 1, "INFEASIBLE": 1, "FAILED": 2}
    assert (row["limits"], row["shares"]) == (24, 0.25)


def test_a_sweep_that_is_deleted_is_not_listed(ask: Asking) -> None:
    """Its run is out of use, so it is."""
    ask.desk.tracker.delete_run(_begin(ask, mixed()))
    assert _get(ask, "sweeps")["run_ids"] == []


def test_a_damaged_sweep_hides_no_other(ask: Asking) -> None:
    """It has a line of its own."""
    run_id = _begin(ask, mixed())
    key = f"sweeps/{run_id}/log/{1:020d}.json"
    ask.desk.tracker.store.delete(key)
    ask.desk.tracker.store.put(key, b"{}")
    assert _get(ask, "sweeps")["phases"] == ["DAMAGED"]


def test_one_sweep_by_column(ask: Asking) -> None:
    """Every trial with its values, params and attempts; what it has not is null."""
    sheet = _get(ask, f"sweeps/{_begin(ask, mixed())}")
    trials = sheet["trials"]
    assert trials["states"][:3] == ["COMPLETE", "FAILED", "COMPLETE"]
    assert trials["values"]["loss"][:3] == [0.5, None, 0.25]
    assert trials["params"]["C"][2] == 12.5
    assert sheet["best"] == 2
    assert sheet["front"] == [2]
    assert sheet["attempts"]["outcomes"][-2:] == ["worker_lost", None]
    assert [(each["attempts"], each["trials"]) for each in sheet["errors"]] == [(1, [6]), (2, [1, 3])]
    assert sheet["dimensions"][0] == {
        "name": "C",
        "kind": "float",
        "log": True,
        "low": 0.1,
        "high": 100.0,
        "options": [],
        "when": {},
    }
    assert sheet["spent"]["wasted"] == 1.5


def test_several_objectives_have_a_front(ask: Asking) -> None:
    """What no other dominates."""
    story = Story(TWO)
    story.complete(0.5, 3.0)
    story.complete(0.9, 1.0)
    story.complete(0.8, 0.5)
    sheet = _get(ask, f"sweeps/{_begin(ask, story)}")
    assert sheet["front"] == [1, 2]
    assert [each["metric"] for each in sheet["objectives"]] == ["auc", "size"]


def test_what_is_written_later_is_seen_later(ask: Asking) -> None:
    """The kept history goes on where it was."""
    story = Story()
    story.complete(0.5)
    run_id = _begin(ask, story)
    assert _get(ask, f"sweeps/{run_id}")["best"] == 0
    story.complete(0.1)
    _append(ask, story)
    assert _get(ask, f"sweeps/{run_id}")["best"] == 1


def _append(ask: Asking, story: Story) -> None:
    log = SweepLog(ask.desk.tracker.store, story.history.run_id)
    for batch in story.batches[len(log.read()) :]:
        log.append(batch.entries, clock=ManualClock(), token=batch.token, elapsed_s=batch.elapsed_s)


def test_points_are_thinned_and_keep_the_last(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page gets no more than it can draw, and is told so."""
    story = Story()
    trial = story.start()
    story.report(trial, *((step, step / 10) for step in range(10)))
    run_id = _begin(ask, story)
    assert _get(ask, f"sweeps/{run_id}/points")["steps"] == [list(range(10))]
    monkeypatch.setattr(sweep_sheets, "MOST_POINTS", 5)
    story.report(trial, (10, 1.0))
    _append(ask, story)
    found = _get(ask, f"sweeps/{run_id}/points")
    assert found["thinned"]
    assert found["steps"] == [[0, 3, 6, 9, 10]]


def test_importance_says_from_how_many_trials(ask: Asking) -> None:
    """Too few trials have no shares; enough have shares that sum to 1."""
    story = Story()
    story.complete(0.5)
    run_id = _begin(ask, story)
    found = _get(ask, f"sweeps/{run_id}/importance")
    assert (found["trials"], found["objectives"]) == (1, [{"metric": "loss", "names": [], "shares": []}])
    for number in range(20):
        story.complete(number / 20, params={"C": 0.1 + number, "model": "tree"})
    _append(ask, story)
    found = _get(ask, f"sweeps/{run_id}/importance")
    assert found["trials"] == 21
    assert sum(found["objectives"][0]["shares"]) == pytest.approx(1.0)


def test_a_larger_budget_is_asked_for_in_the_store(ask: Asking) -> None:
    """The request waits for whoever goes on with the sweep; one that is no larger is refused."""
    run_id = _begin(ask, mixed())
    assert "mlff sweep resume" in _post(ask, f"sweeps/{run_id}/extend", {"trials": 40})["sentence"]
    sent = Requests(ask.desk.tracker.store, run_id).after(0)
    assert [each.trials for each in sent if isinstance(each, Extend)] == [40]
    said = _post(ask, f"sweeps/{run_id}/extend", {"trials": 24}, status=400)["message"]
    assert "24 in all already" in said
    assert "no such limit" in _post(ask, f"sweeps/{run_id}/extend", {"cost": 1}, status=400)["message"]
    _post(ask, f"sweeps/{run_id}/extend", {}, status=400)


def test_nobody_is_asked_to_stop_what_nobody_runs(ask: Asking) -> None:
    """A request that waits would end the sweep at once when it is resumed."""
    run_id = _begin(ask, mixed())
    assert "nothing to stop" in _post(ask, f"sweeps/{run_id}/stop", {})["sentence"]
    assert Requests(ask.desk.tracker.store, run_id).after(0) == []


def test_a_run_that_is_no_sweep_is_not_found(ask: Asking) -> None:
    """The answer says how to find one."""
    answer = ask.client.request("GET", f"{API}/sweeps/{ask.run()}")
    assert answer.status_code == 404
    assert "mlff sweep list" in answer.json()["message"]
