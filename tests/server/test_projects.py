"""Pages may run the projects that were named when the server was started, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.server.projects import Projects, begin

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """
name: tiny
entry_points:
  main: {parameters: {rows: {type: int, default: 3}, note: {type: string, default: none}}, command: "echo {rows}"}
"""


def made(folder: Path) -> Path:
    """Make a project."""
    folder.mkdir(parents=True)
    (folder / "MLproject").write_text(PROJECT)
    return folder


class Beginnings(list[Sequence[str]]):
    """What was begun, without beginning it."""

    def __call__(self, arguments: Sequence[str]) -> None:
        """Keep the command."""
        self.append(arguments)


def _projects(folder: Path, begun: Beginnings) -> Projects:
    named = Projects.of([folder], store="s3://bucket/ml")
    return Projects(store=named.store, folders=named.folders, begin=begun)


def test_a_plan_is_begun_as_the_command_does_it(tmp_path: Path) -> None:
    """With the folder, the store and the values that were given; a value is never an option."""
    begun = Beginnings()
    given = {"rows": "5", "note": "--store=elsewhere"}
    _projects(made(tmp_path / "tiny"), begun).start("tiny", "main", given, experiment="night")
    assert begun == [
        [
            "run",
            str(tmp_path / "tiny"),
            "--entry-point=main",
            "--experiment=night",
            "--param=rows=5",
            "--param=note=--store=elsewhere",
            "--store=s3://bucket/ml",
        ]
    ]


@pytest.mark.parametrize(
    ("project", "plan", "given", "error"),
    [
        ("other", "main", {}, NotFound),
        ("..", "main", {}, NotFound),
        ("tiny", "gone", {}, NotFound),
        ("tiny", "main", {"rows": "many"}, InvalidInput),
        ("tiny", "main", {"unknown": "1"}, InvalidInput),
    ],
)
def test_what_the_command_would_refuse_is_not_begun(
    tmp_path: Path, *, project: str, plan: str, given: dict[str, str], error: type[Exception]
) -> None:
    """The project must be one that was named, whatever the request says."""
    begun = Beginnings()
    projects = _projects(made(tmp_path / "tiny"), begun)
    with pytest.raises(error):
        projects.start(project, plan, given)
    assert begun == []


def test_a_folder_without_a_project_is_refused_at_once(tmp_path: Path) -> None:
    """So that whoever starts the server hears of it."""
    with pytest.raises(NotFound):
        Projects.of([tmp_path], store="")


def test_two_projects_of_a_name_are_refused(tmp_path: Path) -> None:
    """Pages could not tell them apart; the same one twice is one."""
    one, other = made(tmp_path / "a" / "tiny"), made(tmp_path / "b" / "tiny")
    with pytest.raises(InvalidInput, match="'tiny'"):
        Projects.of([one, other], store="")
    assert list(Projects.of([one, one], store="").folders) == ["tiny"]


def test_a_command_is_begun_as_a_process(tmp_path: Path) -> None:
    """Which goes on by itself."""
    store, clock = tmp_path / "store", SystemClock()
    begin(["experiments", "create", "begun", "--store", str(store)])
    until = clock.monotonic_s() + 60
    while not store.exists() and clock.monotonic_s() < until:
        clock.sleep(0.05)
    assert store.exists()
