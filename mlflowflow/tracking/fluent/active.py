"""The active run: started, made the target of every `log_` call in this context, and ended.

Each thread and each asyncio task has its own stack of active runs. A run is ended by its ``with`` block,
by `end_run`, or when the process exits: FINISHED, FAILED after an exception, KILLED after Ctrl-C.

**Hand-over.** A launcher that starts a program for a run sets ``MLFLOWFLOW_RUN_ID`` in its environment (or
calls a function inside `handed_over`). The first `start_run`, or `log_` call without one, then resumes
*that* run. Its end stays with the launcher, who sees how the program ended even if it was killed: ``with``
blocks and `end_run` of the program only store everything. So it is in a process forked from an active run.
"""

from __future__ import annotations

import atexit
import importlib
import logging
import os
import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Self

from mlflowflow.config import forget_switches, system_metrics_wanted
from mlflowflow.errors import InvalidInput, InvalidState, MlflowflowError, NotStored, StoreError
from mlflowflow.tracking.begin import NAME_TAG
from mlflowflow.tracking.fluent import operations
from mlflowflow.tracking.fluent.session import (
    HANDED_OVER,
    Handover,
    current_experiment_id,
    current_session,
    current_tracker,
)
from mlflowflow.tracking.fluent.source_tags import source_tags
from mlflowflow.tracking.run import LifecycleStage, Run, RunStatus
from mlflowflow.tracking.validation import check_key, tag_value

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from types import TracebackType

    from mlflowflow.tracking.tracker import Tracker
    from mlflowflow.tracking.writing.policy import Standing

_LOG: Final = logging.getLogger(__name__)
_NOTE_TAG: Final = "mlflow.note.content"


class ActiveRun(Run):
    """A run that is being logged to: MLflow's `Run`, and a context manager that ends it.

    `info`, `data`, `inputs` and `outputs` are the run as it stood when it was started; ask `get_run`
    for news. Unlike a `Run` that was read, it is equal to nothing but itself, and can be a key.
    """

    __setattr__ = object.__setattr__  # a fact is frozen; this one also has what belongs to its life

    def __init__(self, run: Run, tracker: Tracker, *, owned: bool) -> None:
        """Log to `run` in `tracker`; only if it is `owned` does this process decide how it ends."""
        super().__init__(run.info, run.data, run.inputs, run.outputs)
        #: The run's id; no property, for every `log_metric` asks for it.
        self.run_id: str = run.info.run_id
        self.tracker = tracker
        self._owner_pid = os.getpid() if owned else None
        self._at_end: list[Callable[[], None]] = []

    def __eq__(self, other: object) -> bool:
        """Be equal to nothing but itself."""
        return self is other

    def __hash__(self) -> int:
        """Be a key, unlike what holds dicts."""
        return id(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as the run that was read: what logs and ends stays in this process."""
        return (Run, (self.info, self.data, self.inputs, self.outputs))

    def at_end(self, action: Callable[[], None]) -> None:
        """Call `action` before the run ends here; it must not raise."""
        self._at_end.append(action)

    def durability(self) -> Standing:
        """Return how safe what this process has logged is: how many records have come how far.

        All runs of the process together, because they share one stream.
        """
        return self.tracker.durability()

    def finish(self, status: RunStatus) -> None:
        """Store everything, and set the `status` if that is this process's to set.

        If the store is away, the records wait on this machine and a warning says so.
        """
        for action in self._at_end:
            action()
        operations.settle()
        if self._owner_pid == os.getpid():
            self.tracker.end_run(self.run_id, status)
            return
        try:
            if _handover().run is None:
                self.tracker.flush()
        except NotStored as error:
            _LOG.warning("What the run '%s' logged is not in the store yet: %s", self.run_id, error)

    def __enter__(self) -> Self:
        """Return the run itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the run by how its block ended; an exception of the block is never replaced by ours."""
        if not _open_runs.close(self):
            return  # end_run() was called inside the block
        try:
            self.finish(status_after(error))
        except StoreError as trouble:
            if error is None:
                raise
            _LOG.error("%s", trouble)

    def __repr__(self) -> str:
        """Show the id and the name."""
        return f"<ActiveRun {self.run_id} '{self.info.run_name}'>"


class _OpenRuns:
    """Every open run of the process, for its exit, and the one that ended last."""

    def __init__(self) -> None:
        self.last_ended: ActiveRun | None = None
        self._open: dict[int, ActiveRun] = {}
        self._watched = False
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._renew_lock)

    def open(self, run: ActiveRun) -> None:
        _STACK.set((*_STACK.get(), run))
        with self._lock:
            self._open[id(run)] = run
            if not self._watched:
                # not before there is a tracker: what is registered later is called earlier at the
                # exit, and runs must be ended before their tracker is closed
                atexit.register(_end_open_runs)
                self._watched = True

    def close(self, run: ActiveRun) -> bool:
        """Forget `run`; answer whether it was open."""
        _STACK.set(tuple(each for each in _STACK.get() if each is not run))
        with self._lock:
            if self._open.pop(id(run), None) is None:
                return False
            self.last_ended = run
            return True

    def innermost_first(self) -> list[ActiveRun]:
        with self._lock:
            return list(reversed(self._open.values()))

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()


_STACK: Final[ContextVar[tuple[ActiveRun, ...]]] = ContextVar("mlflowflow_active_runs", default=())
_open_runs: Final = _OpenRuns()


def status_after(error: BaseException | None) -> RunStatus:
    """Return how a run ends whose code ended with `error`.

    >>> status_after(None), status_after(ValueError()), status_after(SystemExit(0))
    (<RunStatus.FINISHED: 'FINISHED'>, <RunStatus.FAILED: 'FAILED'>, <RunStatus.FINISHED: 'FINISHED'>)
    """
    match error:
        case None | SystemExit(code=None | 0):
            return RunStatus.FINISHED
        case KeyboardInterrupt():
            return RunStatus.KILLED
        case _:
            return RunStatus.FAILED


def start_run(
    run_id: str | None = None,
    experiment_id: str | int | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, object] | None = None,
    description: str | None = None,
    log_system_metrics: bool | None = None,
) -> ActiveRun:
    """Start a run, or resume the run `run_id`, and make it the active one.

    A run started while another is active must be `nested` and becomes its child. The run that a launcher
    handed over is resumed by the first call that names no `run_id`; it keeps its name and experiment,
    whatever is asked for here. `log_system_metrics` says whether this machine's load is logged with the run,
    by default what ``enable_system_metrics_logging`` or the environment said.

    Raises `InvalidState` if a run is active and `nested` is False or the parent is deleted, `InvalidInput`
    for a description given twice or a parent that is not the active run, and `NotFound` for unknown ids.

    >>> with start_run(run_name="baseline", tags={"team": "a"}) as run:
    ...     run.info.run_name, run.info.status
    ('baseline', <RunStatus.RUNNING: 'RUNNING'>)
    """
    parent = active_run()
    if parent is not None and not nested:
        raise InvalidState(
            f"The run '{parent.run_id}' is active already. End it with end_run(), or start this one "
            "inside it with start_run(nested=True)."
        )
    tracker = parent.tracker if parent else current_tracker()
    all_tags = _run_tags(tags, description)
    if run_id is not None:
        run = _resume(tracker, run_id, _named(all_tags, run_name))
    else:
        handed = None if parent or parent_run_id else _resume_handed_over(tracker, all_tags)
        run = handed or tracker.create_run(
            _experiment(experiment_id) or (parent.info.experiment_id if parent else current_experiment_id()),
            run_name=run_name,
            parent_run_id=_parent(tracker, parent, parent_run_id),
            tags={**source_tags(), **all_tags},
        )
    started = made_active(ActiveRun(run, tracker, owned=not _is_handed_over(run.info.run_id)))
    _watch_system(started, wanted=log_system_metrics)
    return started


def made_active(run: ActiveRun) -> ActiveRun:
    """Put `run` on this context's stack, so that it is the one logged to, and return it."""
    forget_switches()
    _open_runs.open(run)
    return run


def end_run(status: RunStatus | str = RunStatus.FINISHED) -> None:
    """End the active run, if there is one, and store everything it logged.

    If the store is away, the records wait on this machine and a warning says so. Raises `InvalidInput`
    for an unknown `status`.

    >>> run = start_run()
    >>> end_run("KILLED")
    >>> active_run() is None
    True
    """
    if status not in RunStatus.__members__:
        raise InvalidInput(f"'{status}' is not a run status; expected one of {', '.join(RunStatus)}.")
    run = active_run()
    if run is not None:
        _open_runs.close(run)
        run.finish(RunStatus(status))


def active_run() -> ActiveRun | None:
    """Return the innermost active run of this thread or task, None if there is none.

    >>> with start_run() as run:
    ...     active_run() is run
    True
    """
    return stack[-1] if (stack := _STACK.get()) else None


def active_or_new_run() -> ActiveRun:
    """Return the active run, starting (or resuming a handed over) one if there is none."""
    return active_run() or start_run()


def last_active_run() -> Run | None:
    """Return the active run as it stands now, else the one that ended last; None if there was none.

    >>> with start_run(run_name="latest"):
    ...     pass
    >>> last_active_run().info.run_name
    'latest'
    """
    run = active_run() or _open_runs.last_ended
    return run.tracker.get_run(run.run_id) if run else None


@contextmanager
def handed_over(run_id: str, *, tracker: Tracker | None = None, run: Run | None = None) -> Generator[None]:
    """Give `run_id` to the code called inside, as ``MLFLOWFLOW_RUN_ID`` gives one to a program.

    Inside, `tracker` is the current one, and the first `start_run` or `log_` call resumes the run, or raises
    `NotFound`. What is active at the end is stored (not if `run` is given as begun), the caller ends the run.

    >>> with handed_over(current_tracker().create_run("0", run_name="launched").info.run_id):
    ...     start_run().info.run_name
    'launched'
    """
    scope = HANDED_OVER.set(Handover(run_id, tracker=tracker, run=run))
    stack = _STACK.set(())
    try:
        yield
    except BaseException as error:
        _release_all(status_after(error))
        raise
    else:
        _release_all(RunStatus.FINISHED)
    finally:
        _STACK.reset(stack)
        HANDED_OVER.reset(scope)


def _release_all(status: RunStatus) -> None:
    for run in reversed(_STACK.get()):
        _open_runs.close(run)
        run.finish(status)


def _handover() -> Handover:
    return HANDED_OVER.get() or current_session().handover


def _is_handed_over(run_id: str) -> bool:
    return run_id == _handover().run_id


def _resume(tracker: Tracker, run_id: str, tags: Mapping[str, str]) -> Run:
    info = tracker.get_run(run_id).info
    if info.lifecycle_stage is LifecycleStage.DELETED:
        raise InvalidState(f"The run '{run_id}' is deleted; restore it with restore_run() to resume it.")
    return tracker.create_run(info.experiment_id, run_id=run_id, tags=tags)


def _resume_handed_over(tracker: Tracker, tags: Mapping[str, str]) -> Run | None:
    handover = _handover()
    run_id = handover.take()
    if run_id is None:
        return None
    try:
        return handover.begun(tags) or _resume(tracker, run_id, tags)
    except MlflowflowError:
        handover.give_back()  # whoever tries again must not get another run
        raise


def _run_tags(tags: Mapping[str, object] | None, description: str | None) -> dict[str, str]:
    named = {check_key("tag", key): tag_value(key, value) for key, value in (tags or {}).items()}
    if not description:
        return named
    if _NOTE_TAG in named:
        raise InvalidInput(f"The description is given twice, as such and as the tag '{_NOTE_TAG}'; give one.")
    return {**named, _NOTE_TAG: tag_value(_NOTE_TAG, description)}


def _named(tags: dict[str, str], run_name: str | None) -> dict[str, str]:
    return {**tags, NAME_TAG: tag_value(NAME_TAG, run_name)} if run_name else tags


def _experiment(experiment_id: object) -> str | None:
    if experiment_id is None or isinstance(experiment_id, str):
        return experiment_id
    if isinstance(experiment_id, int):
        return str(experiment_id)
    raise InvalidInput(
        f"The experiment_id is {experiment_id!r}, a {type(experiment_id).__name__}; expected a text."
    )


def _parent(tracker: Tracker, active: ActiveRun | None, wanted: str | None) -> str | None:
    """Return the id of the run to nest in; one that is asked for must exist and be the active one, if any."""
    if wanted is None or (active and wanted == active.run_id):
        return active.run_id if active else None
    if active:
        raise InvalidInput(
            f"The parent '{wanted}' was asked for while the run '{active.run_id}' is active; "
            "end that one with end_run(), or leave parent_run_id out."
        )
    if tracker.get_run(wanted).info.lifecycle_stage is LifecycleStage.DELETED:
        raise InvalidState(
            f"The run '{wanted}' is deleted; restore it with restore_run() to nest runs in it."
        )
    return wanted


def _watch_system(run: ActiveRun, *, wanted: bool | None) -> None:
    """Log this machine's load with `run`, if that is wanted; what does it lies above this package."""
    if wanted if wanted is not None else system_metrics_wanted():
        importlib.import_module("mlflowflow.system_metrics").watch(run)


def _exit_status() -> RunStatus:
    """Say how the process ends: Python keeps what ended it, but at a prompt also older mistakes."""
    return RunStatus.FINISHED if hasattr(sys, "ps1") else status_after(getattr(sys, "last_value", None))


def _end_open_runs() -> None:
    for run in _open_runs.innermost_first():
        _open_runs.close(run)
        try:
            run.finish(_exit_status())
        except MlflowflowError as error:
            _LOG.error("%s", error)
