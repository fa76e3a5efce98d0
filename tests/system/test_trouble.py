"""What goes wrong says what, and what to do; and what had been logged is kept."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from tests.system.conftest import free_port

if TYPE_CHECKING:
    from tests.system.programs import Bench, Ended

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

PROJECT = """
name: trouble
entry_points:
  raises: {command: "python raises.py"}
  exits: {command: "python logs.py && exit 3"}
  reads: {parameters: {data: {type: path}}, command: "ls {data}"}
  forgets: {command: "true"}
spec: mlflowflow/v1
pipelines:
  chain:
    params: {word: {type: string, default: hello}}
    steps:
      - {id: first, entry_point: exits}
      - {id: second, entry_point: forgets, needs: [first]}
  lacks:
    steps:
      - {id: make, entry_point: forgets, outputs: {model: {artifact: model}}}
"""
SCRIPTS = {
    "logs.py": """
        import mlflowflow as mlflow
        mlflow.log_metric("progress", 0.5)
        mlflow.log_param("seen", "yes")
        """,
    "raises.py": """
        import mlflowflow as mlflow
        mlflow.log_metric("progress", 0.25)
        raise ValueError("the answer was 43")
        """,
}


@pytest.fixture
def place(bench: Bench) -> Bench:
    """Give a bench with the project of this page."""
    folder = bench.folder / "trouble"
    folder.mkdir()
    (folder / "MLproject").write_text(PROJECT)
    for name, script in SCRIPTS.items():
        (folder / name).write_text(textwrap.dedent(script))
    return bench


def failed_run(place: Bench, name: str, status: str = "FAILED") -> dict[str, Any]:
    """Return the one run of that name, which must have ended badly."""
    runs = place.mlff("runs", "list", "--json", "--filter", f"status = '{status}'").json
    (run,) = [run for run in runs if run["run_name"] == name]
    shown: dict[str, Any] = run
    return shown


def no_traceback(ended: Ended) -> str:
    """Return what was said on standard error, which must be sentences."""
    assert "Traceback (most recent call last)" not in ended.err.replace("  | Traceback", "")
    return ended.err


def test_a_step_that_raises_shows_its_last_lines_and_keeps_its_metrics(place: Bench) -> None:
    """The reason is on the screen and in the run, beside what the script had logged."""
    ended = place.mlff("run", "trouble", "-e", "raises")
    said = no_traceback(ended)
    assert ended.code == 1
    assert "Step 'raises' exited with code 1." in said
    assert "  | ValueError: the answer was 43" in said
    assert failed_run(place, "raises")["metrics"] == {"progress": 0.25}


def test_a_failing_command_fails_its_pipeline_and_starts_nothing_after_it(place: Bench) -> None:
    """The code is named, the root run is FAILED, the next step never was a run."""
    ended = place.mlff("run", "trouble", "-e", "chain")
    assert ended.code == 1
    assert "Step 'first' exited with code 3." in no_traceback(ended)
    assert "--resume" in ended.err
    step = failed_run(place, "chain/first")
    assert (step["metrics"], step["params"]) == ({"progress": 0.5}, {"seen": "yes"})
    root = place.mlff("runs", "show", failed_run(place, "chain")["run_id"], "--json").json
    assert root["children"] == [step["run_id"]]


def test_an_output_that_was_not_logged_is_named(place: Bench) -> None:
    """A step keeps what it declares, or fails."""
    ended = place.mlff("run", "trouble", "-e", "lacks")
    assert ended.code == 1
    assert "without logging the artifact 'model'" in no_traceback(ended)


def test_a_missing_data_file_is_named_with_its_path(place: Bench) -> None:
    """The run is FAILED with the sentence as its reason."""
    ended = place.mlff("run", "trouble", "-e", "reads", "-P", "data=nowhere.csv")
    assert ended.code != 0
    assert "there is no file or folder" in no_traceback(ended)
    assert "nowhere.csv" in failed_run(place, "reads")["tags"]["mlff.failure"]


def test_an_unreachable_cluster_is_named_with_the_next_step(place: Bench) -> None:
    """So are the commands that would start one."""
    address = f"tcp://127.0.0.1:{free_port()}"
    ended = place.mlff("run", "trouble", "-e", "forgets", "--cluster", address)
    assert ended.code == 1
    assert f"No Dask scheduler answers at '{address}'" in no_traceback(ended)
    assert "dask scheduler" in ended.err
    assert address in failed_run(place, "forgets")["tags"]["mlff.failure"]


def test_an_unreachable_prefect_server_is_named_with_the_next_step(place: Bench) -> None:
    """Nothing waits for a server that is not there."""
    place.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{free_port()}/api"
    ended = place.mlff("run", "trouble", "-e", "forgets")
    assert ended.code == 1
    assert "No Prefect API answers" in no_traceback(ended)
    assert "prefect server start" in ended.err
    assert failed_run(place, "forgets")["status"] == "FAILED"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-e", "chian"), "There is no entry point, sweep or pipeline 'chian'. Did you mean 'chain'?"),
        (("-e", "chain", "-P", "wrod=x"), "'wrod' is not a parameter"),
        (("-e", "chain", "-P", "word"), "'-P word' is no parameter; expected -P KEY=VALUE"),
        (("-e", "chain", "--cluster", "nowhere.yaml"), "'nowhere.yaml' is no cluster"),
    ],
    ids=["name", "parameter", "form", "cluster"],
)
def test_bad_input_starts_and_changes_nothing(
    place: Bench, arguments: tuple[str, ...], sentence: str
) -> None:
    """One sentence, exit code 2, and not even a store."""
    ended = place.mlff("run", "trouble", *arguments)
    assert ended.code == 2
    assert sentence in no_traceback(ended)
    assert not (place.folder / "mlff-data").exists()


def test_a_typo_in_the_project_is_shown_with_its_place(place: Bench) -> None:
    """Line, column and a suggestion; nothing is started."""
    file = place.folder / "trouble" / "MLproject"
    file.write_text(file.read_text().replace("entry_point: exits", "entrypoint: exits"))
    ended = place.mlff("run", "trouble", "-e", "chain")
    assert ended.code == 2
    assert "line 13, column" in no_traceback(ended)
    assert "entry_point" in ended.err
    assert not (place.folder / "mlff-data").exists()


def test_a_failed_run_is_continued_where_it_stopped(place: Bench) -> None:
    """Finished steps are kept; the failed one runs again as the same run."""
    folder = place.folder / "trouble"
    place.mlff("run", "trouble", "-e", "chain")
    root = failed_run(place, "chain")["run_id"]
    first = failed_run(place, "chain/first")["run_id"]
    (folder / "MLproject").write_text(PROJECT.replace(" && exit 3", ""))
    ended = place.mlff("run", "trouble", "-e", "chain", "--resume", root, "--json")
    assert ended.code == 0, ended.err
    assert [(step["step"], step["state"]) for step in ended.json["steps"]] == [
        ("first", "COMPLETED"),
        ("second", "COMPLETED"),
    ]
    assert ended.json["steps"][0]["run_id"] == first
    again = place.mlff("run", "trouble", "-e", "chain", "--resume", root, "--json")
    assert {step["state"] for step in again.json["steps"]} == {"REUSED"}
