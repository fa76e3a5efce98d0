"""What is said about the server, and what it does not have."""

from __future__ import annotations

import pytest

from mlflowflow import __version__
from tests.server.asking import Asking, refusal


def test_the_server_says_what_it_is(ask: Asking) -> None:
    """Clients ask before they send files."""
    assert ask.client.request("GET", "/health").text == "OK"
    assert ask.client.request("GET", "/version").text == __version__
    for prefix in ("api", "ajax-api"):
        info = ask.client.request("GET", f"/{prefix}/3.0/mlflow/server-info").json()
        assert (info["multipart_uploads_enabled"], info["artifact_serving_enabled"]) == (False, True)


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "3.0/mlflow/traces/search"),
        ("POST", "3.0/mlflow/datasets/search"),
        ("GET", "3.0/mlflow/scorers/list"),
        ("GET", "2.0/mlflow/webhooks"),
        ("GET", "2.0/mlflow/users/current"),
    ],
)
def test_the_web_client_gets_empty_pages(ask: Asking, verb: str, path: str) -> None:
    """Errors would be shown on pages about runs."""
    answer = ask.client.request(verb, f"/ajax-api/{path}", json={} if verb == "POST" else None)
    assert (answer.status_code, answer.json()) == (200, {})


def test_webhooks_are_refused(ask: Asking) -> None:
    """Rather than taken and never called."""
    assert refusal(ask.post("webhooks")) == (501, "NOT_IMPLEMENTED")
