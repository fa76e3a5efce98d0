"""Projects are told as their files are; starting one names it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.server.app import make_app
from mlflowflow.server.desk import Desk
from mlflowflow.server.guard import Access
from mlflowflow.server.projects import Projects
from tests.server.asking import Asking, Client, desk_in, refusal
from tests.server.test_projects import Beginnings, made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_URL = "/api/mlff/1/projects"


@pytest.fixture(name="begun")
def _begun() -> Beginnings:
    return Beginnings()


@pytest.fixture(name="asking")
def _asking(tmp_path: Path, begun: Beginnings) -> Iterator[Asking]:
    """Give a server that may run one project."""
    with desk_in(tmp_path / "store") as plain:
        named = Projects.of([made(tmp_path / "tiny")], store="here")
        projects = Projects(store=named.store, folders=named.folders, begin=begun)
        desk = Desk(plain.tracker, plain.catalog, projects=projects)
        app = make_app(lambda: nullcontext(desk), Access.of("127.0.0.1", 5000))
        app.state.desk = desk
        client = Client(app)
        yield Asking(client, desk)
        client.close()


def _get(ask: Asking, **headers: str) -> Any:
    return ask.client.request("GET", _URL, headers=headers)


def test_no_project_is_named(ask: Asking) -> None:
    """So none can be run."""
    assert _get(ask).json() == {"projects": []}
    answer = ask.client.request("POST", f"{_URL}/start", json={"project": "tiny", "plan": "main"})
    assert refusal(answer) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_project_says_what_can_be_run(asking: Asking, tmp_path: Path) -> None:
    """With every parameter and its default; a changed file is another version of the answer."""
    answer = _get(asking)
    (project,) = answer.json()["projects"]
    assert (project["name"], project["folder"], project["problem"]) == ("tiny", str(tmp_path / "tiny"), "")
    assert project["plans"] == [
        {
            "name": "main",
            "kind": "entry_point",
            "parameters": [
                {"name": "rows", "type": "int", "default": "3", "choices": []},
                {"name": "note", "type": "string", "default": "none", "choices": []},
            ],
        }
    ]
    known = {"If-None-Match": answer.headers["etag"]}
    assert _get(asking, **known).status_code == 304
    (tmp_path / "tiny" / "MLproject").write_text("entry_points: 3")
    (project,) = _get(asking, **known).json()["projects"]
    assert project["plans"] == []
    assert "entry_points" in project["problem"]


def test_a_plan_is_started(asking: Asking, begun: Beginnings) -> None:
    """And what does not fit is refused."""
    said = {"project": "tiny", "plan": "main", "params": {"rows": "5"}}
    answer = asking.client.request("POST", f"{_URL}/start", json=said)
    assert answer.status_code == 200, answer.text
    assert "'main' of 'tiny' was started" in answer.json()["sentence"]
    assert begun[0][2:] == ["--entry-point=main", "--param=rows=5", "--store=here"]
    wrong = {**said, "params": {"rows": "many"}}
    status, _ = refusal(asking.client.request("POST", f"{_URL}/start", json=wrong))
    assert (status, len(begun)) == (400, 1)
