"""Logged models over HTTP, in MLflow's documented shapes."""

from __future__ import annotations

import pytest

from tests.server.asking import Asking, refusal


def test_a_logged_model_lives_its_life(ask: Asking) -> None:
    """Begun, described, measured, finished, found and deleted."""
    run_id = ask.run()
    made = ask.done(
        "logged-models",
        {
            "experiment_id": "0",
            "name": "wine",
            "source_run_id": run_id,
            "model_type": "tree",
            "params": [{"key": "a", "value": "1"}],
            "tags": [{"key": "t", "value": "x"}],
        },
    )["model"]
    model_id = made["info"]["model_id"]
    assert made["info"] == {
        "model_id": model_id,
        "experiment_id": "0",
        "name": "wine",
        "creation_timestamp_ms": made["info"]["creation_timestamp_ms"],
        "last_updated_timestamp_ms": made["info"]["last_updated_timestamp_ms"],
        "artifact_uri": f"mlflow-artifacts:/0/models/{model_id}/artifacts",
        "status": "LOGGED_MODEL_PENDING",
        "model_type": "tree",
        "source_run_id": run_id,
        "tags": [{"key": "t", "value": "x"}],
    }
    ask.done(f"logged-models/{model_id}/params", {"params": [{"key": "b", "value": "2"}]})
    ask.done(f"logged-models/{model_id}/tags", {"tags": [{"key": "u/v", "value": "y"}]}, verb="PATCH")
    ask.done(f"logged-models/{model_id}/tags/t", verb="DELETE")
    point = {"key": "acc", "value": 0.9, "timestamp": 5, "model_id": model_id}
    ask.done("runs/log-metric", {"run_id": run_id, **point, "dataset_name": "d", "dataset_digest": "1"})
    ended = ask.done(f"logged-models/{model_id}", {"status": "LOGGED_MODEL_READY"}, verb="PATCH")
    assert ended["model"]["info"]["status"] == "LOGGED_MODEL_READY"
    found = ask.found(f"logged-models/{model_id}")["model"]
    assert found["info"]["tags"] == [{"key": "u/v", "value": "y"}]
    assert found["data"]["params"] == [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    (measured,) = found["data"]["metrics"]
    assert measured["value"] == 0.9
    assert (measured["dataset_name"], measured["model_id"], measured["run_id"]) == ("d", model_id, run_id)
    ask.done(f"logged-models/{model_id}/tags/u/v", verb="DELETE")
    asked = {
        "experiment_ids": ["0"],
        "filter": "metrics.acc > 0.5",
        "datasets": [{"dataset_name": "d"}],
        "order_by": [{"field_name": "metrics.acc", "ascending": False}],
    }
    assert [each["info"]["name"] for each in ask.done("logged-models/search", asked)["models"]] == ["wine"]
    ask.done(f"logged-models/{model_id}", verb="DELETE")
    assert refusal(ask.get(f"logged-models/{model_id}"))[0] == 404
    assert ask.found(f"logged-models/{model_id}", allow_deleted="true")["model"]["info"]["name"] == "wine"
    assert ask.done("logged-models/search", asked) == {}


@pytest.mark.parametrize(("status", "shown"), [(2, "LOGGED_MODEL_READY"), (3, "LOGGED_MODEL_UPLOAD_FAILED")])
def test_a_status_may_be_a_number(ask: Asking, status: int, shown: str) -> None:
    """As protocol buffers allow."""
    ended = ask.done(f"logged-models/{ask.model()}", {"status": status}, verb="PATCH")
    assert ended["model"]["info"]["status"] == shown


@pytest.mark.parametrize("status", [1, "LOGGED_MODEL_PENDING", "READY", None])
def test_a_model_ends_in_a_final_status_only(ask: Asking, status: object) -> None:
    """Anything else is refused."""
    response = ask.send("PATCH", f"logged-models/{ask.model()}", {"status": status})
    assert refusal(response) == (400, "INVALID_PARAMETER_VALUE")


def test_bad_requests_are_refused(ask: Asking) -> None:
    """A name that would be an address, a param with another value, no experiment."""
    model_id = ask.model()
    assert refusal(ask.post("logged-models", {"experiment_id": "0", "name": "a/b"}))[0] == 400
    assert refusal(ask.post("logged-models", {"experiment_id": "77", "name": "a"}))[0] == 404
    ask.done(f"logged-models/{model_id}/params", {"params": [{"key": "b", "value": "2"}]})
    other = ask.post(f"logged-models/{model_id}/params", {"params": [{"key": "b", "value": "3"}]})
    assert refusal(other) == (400, "INVALID_PARAMETER_VALUE")
    assert refusal(ask.post("logged-models/search", {"experiment_ids": []}))[0] == 400


def test_the_files_of_a_logged_model_are_listed(ask: Asking) -> None:
    """Folder by folder, within the model."""
    model_id = ask.model()
    ask.desk.tracker.model_artifacts(model_id).put_bytes(b"x", "data/a.txt")
    answer = ask.found(f"logged-models/{model_id}/artifacts/directories", artifact_directory_path="data")
    assert answer["files"] == [{"path": "data/a.txt", "is_dir": False, "file_size": 1}]
    outside = ask.get(f"logged-models/{model_id}/artifacts/directories", artifact_directory_path="..")
    assert refusal(outside)[0] == 400
