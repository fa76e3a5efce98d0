"""Experiments over HTTP, in MLflow's documented shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.asking import Asking, refusal

if TYPE_CHECKING:
    from typing import Any


def test_an_experiment_is_made_found_renamed_tagged_and_deleted(ask: Asking) -> None:
    """Every call of its life answers as MLflow's server does."""
    made = ask.done("experiments/create", {"name": "wine", "tags": [{"key": "team", "value": "a"}]})
    identity = made["experiment_id"]
    assert isinstance(identity, str)
    ask.done("experiments/set-experiment-tag", {"experiment_id": identity, "key": "k", "value": "v"})
    ask.done("experiments/delete-experiment-tag", {"experiment_id": identity, "key": "team"})
    ask.done("experiments/update", {"experiment_id": identity, "new_name": "wines"})
    found = ask.found("experiments/get-by-name", experiment_name="wines")["experiment"]
    assert found == {
        "experiment_id": identity,
        "name": "wines",
        "artifact_location": f"mlflow-artifacts:/{identity}",
        "lifecycle_stage": "active",
        "creation_time": found["creation_time"],
        "last_update_time": found["last_update_time"],
        "tags": [{"key": "k", "value": "v"}],
        "workspace": "default",
    }
    assert ask.done("experiments/delete", {"experiment_id": identity}) == {}
    assert refusal(ask.post("experiments/delete", {"experiment_id": identity}))[0] == 404
    assert ask.found("experiments/get", experiment_id=identity)["experiment"]["lifecycle_stage"] == "deleted"
    assert refusal(ask.post("experiments/create", {"name": "wines"})) == (400, "RESOURCE_ALREADY_EXISTS")
    ask.done("experiments/restore", {"experiment_id": identity})
    assert ask.found("experiments/get", experiment_id=identity)["experiment"]["lifecycle_stage"] == "active"


def test_experiments_come_in_pages(ask: Asking) -> None:
    """The token of a page asks for the next one, with GET and POST alike."""
    for name in ("a", "b", "c"):
        ask.done("experiments/create", {"name": name})
    asked: dict[str, Any] = {"max_results": 2, "filter": "name != 'Default'", "order_by": ["name"]}
    page = ask.done("experiments/search", asked)
    rest = ask.found("experiments/search", **asked, page_token=page["next_page_token"])
    assert [each["name"] for each in [*page["experiments"], *rest["experiments"]]] == ["a", "b", "c"]
    assert "next_page_token" not in rest


@pytest.mark.parametrize("asked", [{}, {"max_results": 0}, {"max_results": 1, "page_token": "x"}])
def test_a_search_without_a_size_or_with_a_wrong_token_is_refused(ask: Asking, asked: Any) -> None:
    """As MLflow's server does."""
    assert refusal(ask.post("experiments/search", asked)) == (400, "INVALID_PARAMETER_VALUE")


def test_what_is_not_there_is_told_without_the_place_of_the_store(ask: Asking) -> None:
    """A client learns no path of the server."""
    response = ask.get("experiments/get", experiment_id="424242")
    assert refusal(response) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert ask.desk.tracker.uri not in response.text
    assert refusal(ask.get("experiments/get-by-name", experiment_name="none"))[0] == 404


def test_the_datasets_of_runs_are_listed(ask: Asking) -> None:
    """Once for each context."""
    dataset = {"name": "wine", "digest": "f9", "source_type": "local", "source": "{}"}
    tags = [{"key": "mlflow.data.context", "value": "training"}]
    ask.done("runs/log-inputs", {"run_id": ask.run(), "datasets": [{"dataset": dataset, "tags": tags}]})
    answer = ask.done("experiments/search-datasets", {"experiment_ids": ["0"]})
    assert answer["dataset_summaries"] == [
        {"experiment_id": "0", "name": "wine", "digest": "f9", "context": "training"}
    ]
    assert refusal(ask.post("experiments/search-datasets", {"experiment_ids": []}))[0] == 400
    assert refusal(ask.post("experiments/search-datasets", {"experiment_ids": ["0"] * 21}))[0] == 400
