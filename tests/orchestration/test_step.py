"""One entry point as one run: real commands, a real store, no scheduler."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, StepFailed
from mlflowflow.orchestration.failure import FAILURE_TAG
from mlflowflow.orchestration.step import RESULT_TAG, run_step
from mlflowflow.projects.parameter import EntryPoint, Parameter, ParameterType
from mlflowflow.tracking.run import RunStatus
from tests.orchestration.places import LOSS

if TYPE_CHECKING:
    from tests.orchestration.places import Place

PATH = EntryPoint(
    name="read", command="cat {file}", parameters={"file": Parameter(name="file", type=ParameterType.PATH)}
)


def output(place: Place, run_id: str, attempt: int = 1) -> str:
    """Return what an attempt printed."""
    return place.workplace().tracker().artifacts(run_id).read(f"logs/attempt-{attempt}.txt").decode()


def test_a_command_logs_into_the_run_of_its_step(place: Place) -> None:
    """The script knows nothing of steps; its metric is the step's result."""
    place.write({"loss.py": LOSS})
    result = run_step(place.call("python loss.py 0.25"))
    assert result.metrics == {"loss": 0.25}
    assert place.run(result.run_id).info.status is RunStatus.FINISHED


def test_the_worker_records_parameters_output_and_where_it_came_from(place: Place) -> None:
    """A run says what was run, of which files, and what was printed."""
    entry_point = EntryPoint(name="tiny", command="echo {word}", parameters={"word": Parameter(name="word")})
    call = place.call("", entry_point=entry_point, params={"word": "two words"})
    lines: list[str] = []
    run_step(call, on_line=lines.append)
    run = place.run(call.run_id)
    assert (lines, output(place, call.run_id)) == (["two words"], "two words\n")
    assert run.data.params == {"word": "two words"}
    assert run.data.tags["mlff.project.digest"] == call.source.digest
    assert run.data.tags["mlflow.project.entryPoint"] == "tiny"


@pytest.mark.parametrize(
    ("command", "reason"),
    [("echo why; exit 3", "exited with code 3"), ("sleep 100", "ran longer than its timeout of 0.2 s")],
)
def test_a_command_that_fails_fails_its_run_with_the_reason(place: Place, command: str, reason: str) -> None:
    """The sentence is raised, and stands in the run."""
    call = place.call(command, timeout_s=0.2)
    with pytest.raises(StepFailed, match=reason) as caught:
        run_step(call)
    run = place.run(call.run_id)
    assert (run.info.status, run.data.tags[FAILURE_TAG]) == (RunStatus.FAILED, str(caught.value))
    assert RESULT_TAG not in run.data.tags


def test_a_cancelled_step_ends_its_command_and_is_killed(place: Place) -> None:
    """Being stopped is not having failed."""
    call = place.call("sleep 100")
    with pytest.raises(StepFailed, match="was cancelled"):
        run_step(call, is_cancelled=lambda: True)
    assert place.run(call.run_id).info.status is RunStatus.KILLED


def test_a_second_attempt_continues_the_same_run(place: Place) -> None:
    """Its output stands beside the first attempt's, which is kept."""
    call = place.call("test -e /dev/null && echo again")
    run_step(place.call("echo first; exit 0", run_id=call.run_id))
    run_step(call, attempt=2)
    assert (output(place, call.run_id), output(place, call.run_id, 2)) == ("first\n", "again\n")
    assert place.run(call.run_id).data.tags["mlff.attempt"] == "2"


_LOGS = """
import os
import sys
import mlflowflow

run = mlflowflow.get_run(os.environ["MLFLOWFLOW_RUN_ID"])
print(os.environ["MLFLOWFLOW_ATTEMPT"], run.info.status, dict(run.data.metrics))
mlflowflow.log_metric("loss", float(sys.argv[1]), step=1)
mlflowflow.log_metric(f"by {sys.argv[1]}", 1.0)
sys.exit(int(sys.argv[2]))
"""


def test_only_what_the_last_attempt_logged_counts(place: Place) -> None:
    """Its command is told which it is, and finds nothing of the one that failed; a metric's step is there once."""
    place.write({"log.py": _LOGS})
    first = place.call("python log.py 1 3")
    with pytest.raises(StepFailed):
        run_step(first)
    result = run_step(place.call("python log.py 2 0", run_id=first.run_id), attempt=2)
    assert dict(result.metrics) == {"loss": 2.0, "by 2": 1.0}
    assert output(place, first.run_id, 2) == "2 RUNNING {}\n"
    tracker = place.workplace().tracker()
    assert [(point.step, point.value) for point in tracker.metric_history(first.run_id, "loss")] == [(1, 2.0)]
    assert place.run(first.run_id).info.status is RunStatus.FINISHED


def test_a_continued_flow_counts_attempts_on(place: Place) -> None:
    """Its own count begins at 1 again, and what it logs must not count for less than what failed before."""
    place.write({"log.py": _LOGS})
    first = place.call("python log.py 1 3")
    for attempt in (1, 2):
        with pytest.raises(StepFailed):
            run_step(first, attempt=attempt)
    result = run_step(place.call("python log.py 3 0", run_id=first.run_id))
    assert dict(result.metrics) == {"loss": 3.0, "by 3": 1.0}
    assert place.run(first.run_id).data.tags["mlff.attempt"] == "3"


def test_declared_outputs_are_addresses_of_the_runs_artifacts(place: Place) -> None:
    """The step after finds them anywhere."""
    place.write({"keep.py": "import mlflowflow\nmlflowflow.log_text('7', 'made/rows.csv')\n"})
    result = run_step(place.call("python keep.py", outputs={"rows": "made/rows.csv"}))
    assert result.outputs == {"rows": f"runs:/{result.run_id}/made/rows.csv"}


def test_an_output_that_was_not_logged_fails_the_step(place: Place) -> None:
    """What is there instead is named."""
    call = place.call("true", outputs={"rows": "rows.csv"})
    with pytest.raises(StepFailed, match=r"without logging the artifact 'rows\.csv'.*there: logs"):
        run_step(call)
    assert place.run(call.run_id).info.status is RunStatus.FAILED


def test_a_path_may_be_another_runs_artifact(place: Place) -> None:
    """It is on the worker's disk when the command starts."""
    first = place.call("echo seven")
    run_step(first)
    file = f"runs:/{first.run_id}/logs/attempt-1.txt"
    second = place.call("", entry_point=PATH, params={"file": file})
    run_step(second)
    assert output(place, second.run_id) == "seven\n"
    assert place.run(second.run_id).data.params == {"file": file}


def test_a_path_may_be_a_file_of_the_project(place: Place) -> None:
    """Relative paths are meant from the project."""
    place.write({"rows.csv": "7"})
    call = place.call("", entry_point=PATH, params={"file": "rows.csv"})
    run_step(call)
    assert output(place, call.run_id) == "7\n"


def test_a_path_that_leads_nowhere_is_named_before_the_command_starts(place: Place) -> None:
    """The machine on which it was looked for is part of the sentence's sense."""
    call = place.call("", entry_point=PATH, params={"file": "rows.csv"})
    with pytest.raises(InvalidInput, match=r"there is no file or folder '.*rows\.csv' on the machine"):
        run_step(call)
    assert place.run(call.run_id).info.status is RunStatus.FAILED


def test_a_step_cannot_change_the_project_it_came_from(place: Place) -> None:
    """Every attempt starts from the files that were packed."""
    root = place.write({"rows.csv": "7"})
    run_step(place.call("echo 8 > rows.csv"))
    assert (root / "rows.csv").read_text() == "7"


def test_what_is_to_be_done_has_a_digest_that_changes_with_it(place: Place) -> None:
    """Files, command, parameters and outputs count; the run and the attempt do not."""
    call = place.call("true")
    place.write({"new.py": ""})
    others = [
        place.call("true"),
        place.call("false", source=call.source),
        place.call("true", source=call.source, params={"x": 1}),
        place.call("true", source=call.source, outputs={"a": "b"}),
    ]
    assert place.call("true", source=call.source).work_digest == call.work_digest
    assert len({call.work_digest, *(other.work_digest for other in others)}) == 5


def test_a_call_travels_to_a_worker(place: Place) -> None:
    """It is small, and the same on arrival."""
    call = place.call("true")
    packed = pickle.dumps(call)
    assert pickle.loads(packed) == call
    assert len(packed) < 4000


def test_the_commands_records_wait_where_the_settings_say(place: Place) -> None:
    """A step's command uses the same spool as the worker that started it."""
    call = place.call("echo $MLFLOWFLOW_SPOOL_DIR $MLFLOWFLOW_USER")
    run_step(call)
    assert output(place, call.run_id) == f"{place.folder / 'spool'} tester\n"
