"""The application: permissions at its start, errors as JSON, limits."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, cast

import pytest

from mlflowflow.errors import CorruptData, InvalidState, MlflowflowError, NotFound, StoreTooNew
from mlflowflow.server import app as app_module
from mlflowflow.server.app import demand_permissions, error_response, make_app
from mlflowflow.server.guard import Access
from mlflowflow.server.pages import pages
from mlflowflow.server.route import Permission
from mlflowflow.server.routes import routes
from tests.server.asking import API, Asking, refusal

if TYPE_CHECKING:
    from mlflowflow.server.desk import Desk

ACCESS = Access.of("127.0.0.1", 5000)


def nothing() -> AbstractContextManager[Desk]:
    """Open no store."""
    return cast("AbstractContextManager[Desk]", nullcontext())


def test_a_route_without_a_permission_stops_the_start() -> None:
    """What is served is exactly what the table names."""
    app = make_app(nothing, ACCESS)
    declared = {(route.verb, route.path): route.permission for route in (*routes(), *pages())}
    declared["GET", "/openapi.json"] = Permission.READ
    demand_permissions(app, declared)
    served = {
        (verb, getattr(route, "path", "")) for route in app.routes for verb in getattr(route, "methods", ())
    }
    assert served == set(declared)

    async def open_door() -> dict[str, str]:
        return {}

    app.add_api_route("/door", open_door)
    with pytest.raises(InvalidState, match="GET /door has no declared permission"):
        demand_permissions(app, declared)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidState("x"), 400, "INVALID_PARAMETER_VALUE"),
        (InvalidState("x", error_code="INVALID_PARAMETER_VALUE"), 400, "INVALID_PARAMETER_VALUE"),
        (StoreTooNew("u", found=9, supported=1), 500, "INVALID_STATE"),
        (NotFound("run", "r"), 404, "RESOURCE_DOES_NOT_EXIST"),
        (CorruptData("k", "r"), 500, "DATA_LOSS"),
        (MlflowflowError("x"), 500, "INTERNAL_ERROR"),
    ],
)
def test_errors_have_the_status_that_clients_decide_by(
    error: MlflowflowError, status: int, code: str
) -> None:
    """They send again what failed with 500, and nothing that was refused."""
    response = error_response(error, "")
    assert response.status_code == status
    assert f'"{code}"'.encode() in bytes(response.body)


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE", "PUT", "PATCH"])
def test_an_unknown_address_is_told_in_json(ask: Asking, verb: str) -> None:
    """Clients of MLflow read the code."""
    assert refusal(ask.client.request(verb, "/none")) == (404, "ENDPOINT_NOT_FOUND")
    assert refusal(ask.client.request(verb, "/health/")) == (404, "ENDPOINT_NOT_FOUND")
    assert refusal(ask.client.request("PUT", f"{API}/runs/create"))[0] == 405


def test_a_body_has_a_bound(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request fills the memory."""
    monkeypatch.setattr(app_module, "BODY_BYTES", 100)
    assert refusal(ask.post("experiments/create", {"name": "x" * 200})) == (400, "BAD_REQUEST")
    assert ask.post("experiments/create", {"name": "x"}).status_code == 200


@pytest.mark.parametrize("body", ["{", "", "[]", "null"])
def test_a_malformed_body_is_no_empty_request(ask: Asking, body: str) -> None:
    """Where no field is needed it would have been a silent success."""
    headers = {"Content-Type": "application/json"}
    answer = ask.client.request("POST", f"{API}/runs/create", content=body, headers=headers)
    if body:
        assert refusal(answer) == (400, "BAD_REQUEST")
    bare = ask.client.request("POST", f"{API}/runs/create", content='{"experiment_id": "0"}')
    assert refusal(bare) == (400, "BAD_REQUEST")


def test_what_goes_wrong_inside_is_told_to_the_log_alone(
    ask: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    """A client learns nothing of the inside, and its answer is JSON."""

    def broken(*_: Any) -> None:
        raise ZeroDivisionError("the inside")

    ask.desk.tracker.get_run = broken  # type: ignore[method-assign, assignment]
    answer = ask.get("runs/get", run_id="r")
    assert refusal(answer) == (500, "INTERNAL_ERROR")
    assert "inside" not in answer.text
    assert "the inside" in caplog.text
