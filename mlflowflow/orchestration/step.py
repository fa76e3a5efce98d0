"""Run one entry point as one run: the function that a Dask worker calls.

A step is an attempt of a run whose id its caller chose, so doing it twice continues the same run.
The worker logs what it knows (parameters, output, end), the command logs the rest: it finds the
run in ``MLFLOWFLOW_RUN_ID`` and the attempt in ``MLFLOWFLOW_ATTEMPT``, so that what a command says
that was left behind does not count. The command is ended when its step is cancelled, when the
worker dies and when the flow goes away.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.config import child_environ
from mlflowflow.errors import InvalidInput, MlflowflowError, NotFound, StepFailed, TrialPruned
from mlflowflow.models.source import Stores, fetched
from mlflowflow.orchestration.failure import FAILURE_TAG, PRUNED_MARK, reason, status_after
from mlflowflow.orchestration.process import CANCELLED, Exit, run_command
from mlflowflow.orchestration.signals import PRUNED, Signals
from mlflowflow.orchestration.source import Source, unpack_source
from mlflowflow.projects.command import render
from mlflowflow.projects.parameter import EntryPoint, ParameterType
from mlflowflow.projects.value import as_text, fact_digest
from mlflowflow.storage.address import for_mlflow
from mlflowflow.tracking.artifacts.places import all_in, fetch_first, places_of_run
from mlflowflow.tracking.run import Run, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from mlflowflow.orchestration.workplace import Workplace
    from mlflowflow.projects.value import Scalar
    from mlflowflow.tracking.tracker import Tracker

_LOG: Final = logging.getLogger(__name__)

#: Where a run keeps what its command printed.
OUTPUT_ARTIFACT: Final = "logs/attempt-{attempt}.txt"
#: What a finished step yielded and from what, as JSON: how a continued flow knows that it is done.
RESULT_TAG: Final = "mlff.step.result"


def _no_text() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCall:
    """Everything a worker must know to run an entry point; small, and picklable.

    `params` are complete and typed; `outputs` names artifact paths that must exist in the end;
    `timeout_s` bounds the command's seconds.
    """

    workplace: Workplace
    source: Source
    step: str
    run_id: str
    run_name: str
    parent_run_id: str | None
    entry_point: EntryPoint
    params: Mapping[str, Scalar]
    tags: Mapping[str, str] = field(default_factory=_no_text)
    outputs: Mapping[str, str] = field(default_factory=_no_text)
    timeout_s: float | None = None

    @property
    def work_digest(self) -> str:
        """Name what is to be done: equal digests mean the same files, command and parameters."""
        return fact_digest(
            {
                "source": self.source.digest,
                "command": self.entry_point.command,
                "params": self.params,
                "outputs": self.outputs,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How a step ended well: its run, the latest metrics, and the URI of each declared output."""

    run_id: str
    metrics: Mapping[str, float]
    outputs: Mapping[str, str]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What goes along with the command of a trial: by default nothing.

    `signals` are made in a folder that only this attempt has; `counts` answers whether the end is
    still anybody's business; for reasons in `kill_for` the command is given no time to end.
    """

    signals: Callable[[Path], Signals] | None = None
    counts: Callable[[], bool] = _always
    kill_for: frozenset[str] = frozenset()


def run_step(
    call: StepCall,
    *,
    attempt: int = 1,
    on_line: Callable[[str], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    company: Company | None = None,
    clock: Clock | None = None,
) -> StepResult:
    """Run the entry point of `call` to its end, recording everything in its run.

    `company` goes along with a command that is a trial. Raises `StepFailed` if the command fails,
    takes too long, is cancelled or does not log a declared output. The run is then FAILED (KILLED
    if it was cancelled or pruned) with a tag that says why; nothing is recorded of an end that
    does not count any more.
    """
    tracker = call.workplace.tracker()
    if company is None:
        company, attempt = Company(), max(attempt, _next_attempt(tracker, call))
    run = _open_run(tracker, call, attempt)
    with _recorded_failure(tracker, call, company, attempt):
        command_exit = _run_entry_point(
            tracker,
            run,
            call,
            attempt=attempt,
            on_line=on_line,
            is_cancelled=is_cancelled,
            company=company,
            clock=clock or SystemClock(),
        )
        _demand_success(call, command_exit)
        outputs = {name: _output_uri(tracker, call, name, path) for name, path in call.outputs.items()}
    result = json.dumps({"digest": call.work_digest, "outputs": outputs}, sort_keys=True)
    if company.counts():
        tracker.log_batch(call.run_id, tags={RESULT_TAG: result})
        tracker.end_run(call.run_id, RunStatus.FINISHED, attempt=attempt)
    return StepResult(run_id=call.run_id, metrics=tracker.get_run(call.run_id).data.metrics, outputs=outputs)


def earlier_result(call: StepCall) -> StepResult | None:
    """Return what `call` yielded when it was done before, the same of the same; None if it was not."""
    try:
        run = call.workplace.tracker().get_run(call.run_id)
    except NotFound:
        return None
    kept = run.data.tags.get(RESULT_TAG)
    if run.info.status is not RunStatus.FINISHED or kept is None:
        return None
    result = cast("dict[str, Any]", json.loads(kept))
    if result["digest"] != call.work_digest:
        return None
    return StepResult(run_id=call.run_id, metrics=run.data.metrics, outputs=result["outputs"])


def _next_attempt(tracker: Tracker, call: StepCall) -> int:
    """Return which attempt of its run comes next: a flow that is continued counts its own from 1 again."""
    known = tracker.reader.states(call.workplace.experiment_id, [call.run_id]).get(call.run_id)
    return 1 if known is None else known.attempt + 1


def _open_run(tracker: Tracker, call: StepCall, attempt: int) -> Run:
    run = tracker.create_run(
        call.workplace.experiment_id,
        run_id=call.run_id,
        run_name=call.run_name,
        parent_run_id=call.parent_run_id,
        attempt=attempt,
    )
    tracker.log_batch(
        call.run_id,
        params={name: as_text(value) for name, value in call.params.items()},
        tags={
            "mlflow.source.type": "PROJECT",
            "mlflow.source.name": call.source.root,
            "mlflow.project.entryPoint": call.entry_point.name,
            "mlflow.project.backend": "prefect",
            "mlff.project.digest": call.source.digest,
            "mlff.step": call.step,
            "mlff.attempt": str(attempt),
            **call.tags,
        },
    )
    return run


@contextmanager
def _recorded_failure(tracker: Tracker, call: StepCall, company: Company, attempt: int) -> Generator[None]:
    """End the run as FAILED or KILLED, with the reason, when the block raises."""
    try:
        yield
    except BaseException as error:
        if company.counts():
            _end_badly(tracker, call.run_id, error, attempt=attempt)
        raise


def _end_badly(tracker: Tracker, run_id: str, error: BaseException, *, attempt: int) -> None:
    stop = error.reason if isinstance(error, StepFailed) else ""
    status = RunStatus.KILLED if stop in {CANCELLED, PRUNED} else status_after(error)
    mark = PRUNED_MARK if stop == PRUNED else {}
    try:
        tracker.log_batch(run_id, tags={FAILURE_TAG: reason(error), **mark})
        tracker.end_run(run_id, status, attempt=attempt)
    except MlflowflowError as echo:  # the first error is the one to report
        _LOG.warning("Run '%s' could not be marked %s: %s", run_id, status, echo)


def _run_entry_point(
    tracker: Tracker,
    run: Run,
    call: StepCall,
    *,
    attempt: int,
    on_line: Callable[[str], None] | None,
    is_cancelled: Callable[[], bool],
    company: Company,
    clock: Clock,
) -> Exit:
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="mlff-step-"))
        signals = None if company.signals is None else company.signals(Path(scratch))
        folder, printed = Path(scratch, "project"), Path(scratch, "output.txt")
        folder.mkdir()
        unpack_source(tracker.store, call.source, folder)
        command = render(call.entry_point, _localized(tracker, call, Path(scratch, "inputs"), stack))
        with printed.open("w", encoding="utf-8") as output:

            def keep(line: str) -> None:
                output.write(f"{line}\n")
                if on_line is not None:
                    on_line(line)

            command_exit = run_command(
                ["/bin/sh", "-c", command],
                cwd=folder,
                env={**_environment(tracker, run, call, attempt), **(signals.environ if signals else {})},
                on_line=keep,
                timeout_s=call.timeout_s,
                check=lambda: CANCELLED if is_cancelled() else signals.check() if signals else "",
                kill_for=company.kill_for,
                clock=clock,
            )
        if signals is not None:
            command_exit = _seen_to_the_end(signals, command_exit)
        if command_exit.code != 0:
            call.workplace.recover()  # what it logged and could not store
        tracker.artifacts(call.run_id).put_bytes(
            printed.read_bytes(), OUTPUT_ARTIFACT.format(attempt=attempt)
        )
    return command_exit


def _seen_to_the_end(signals: Signals, command_exit: Exit) -> Exit:
    """Pass on the last points; a command that ended as it was asked to is pruned, however it did so."""
    signals.close()
    obeyed = signals.was_seen or error_class_in(command_exit.tail) == TrialPruned.__name__
    return replace(command_exit, stopped=PRUNED) if obeyed and not command_exit.stopped else command_exit


def error_class_in(printed: str) -> str:
    r"""Return the class of the exception whose traceback ends the output of a Python program, or "".

    >>> error_class_in('Traceback (most recent call last):\n  File "a.py", line 1\nmy.ShapeError: 3, not 4\nsee the docs')
    'ShapeError'
    """
    lines = printed.splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    after = lines[frames[-1] + 1 :] if frames else []
    found = next((line for line in after if line and not line[0].isspace()), "")
    name = found.partition(":")[0].rpartition(".")[2]
    return name if name.isidentifier() else ""


def _environment(tracker: Tracker, run: Run, call: StepCall, attempt: int) -> dict[str, str]:
    # `python` in a command means this worker's Python, as with MLflow's local environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), child_environ({}).get("PATH", os.defpath)])
    extra = {
        "PATH": path,
        "PYTHONUNBUFFERED": "1",
        "MLFLOWFLOW_TRACKING_URI": tracker.uri,
        "MLFLOWFLOW_EXPERIMENT_ID": run.info.experiment_id,
        "MLFLOWFLOW_RUN_ID": call.run_id,
        "MLFLOWFLOW_ATTEMPT": str(attempt),
        "MLFLOWFLOW_USER": call.workplace.user,
        # a script that imports MLflow itself finds its run through the plugin
        "MLFLOW_TRACKING_URI": for_mlflow(tracker.uri),
        "MLFLOW_EXPERIMENT_ID": run.info.experiment_id,
        "MLFLOW_RUN_ID": call.run_id,
    }
    if call.workplace.registry_uri:
        extra["MLFLOWFLOW_REGISTRY_URI"] = call.workplace.registry_uri
    if call.workplace.spool_dir:
        extra["MLFLOWFLOW_SPOOL_DIR"] = str(call.workplace.spool_dir)
    return child_environ(extra)


def _localized(tracker: Tracker, call: StepCall, folder: Path, stack: ExitStack) -> dict[str, Scalar]:
    """Return the parameters with every `path` pointing to a file or folder on this machine."""
    values = dict(call.params)
    for name, parameter in call.entry_point.parameters.items():
        if parameter.type is ParameterType.PATH and name in values:
            values[name] = str(
                _local_path(tracker, call, str(values[name]), folder=folder / name, stack=stack)
            )
    return values


def _local_path(tracker: Tracker, call: StepCall, value: str, *, folder: Path, stack: ExitStack) -> Path:
    if value.startswith("runs:/"):
        run_id, _, path = value.removeprefix("runs:/").partition("/")
        folder.mkdir(parents=True)
        return fetch_first(places_of_run(tracker, run_id, path), folder)
    if value.startswith("models:/"):
        return stack.enter_context(fetched(value, Stores(tracker=tracker, catalog=call.workplace.catalog())))
    local = Path(call.source.root, value)
    if not local.exists():
        raise InvalidInput(
            f"Step '{call.step}' cannot read its data: there is no file or folder '{local}' on the machine it runs on. "
            "Give an existing path, or the output of an earlier step such as 'runs:/<run_id>/data'."
        )
    return local


def _demand_success(call: StepCall, command_exit: Exit) -> None:
    if command_exit.stopped:
        raise StepFailed(call.step, command_exit.stopped, exit_code=command_exit.code, tail=command_exit.tail)
    if command_exit.code != 0:
        raise StepFailed(
            call.step,
            f"exited with code {command_exit.code}",
            exit_code=command_exit.code,
            tail=command_exit.tail,
        )


def _output_uri(tracker: Tracker, call: StepCall, name: str, path: str) -> str:
    places = places_of_run(tracker, call.run_id, path)
    if not any(place.exists() for place in places):
        folder, _, file = path.rpartition("/")
        listed = all_in(places_of_run(tracker, call.run_id, folder))
        found = ", ".join(item.path for item in listed) or "none"
        raise StepFailed(
            call.step,
            f"ended without logging the artifact '{path}', which it declares as its output '{name}' "
            f"(artifacts there: {found}); log it with log_artifact or log_artifacts, as '{file}'",
        )
    return f"runs:/{call.run_id}/{path}"
