"""How a run ends with what it tracks, and why something failed, in the words that the run keeps."""

from __future__ import annotations

from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError, TakenOver
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mlflowflow.tracking.tracker import Tracker

#: The tag of a failed run that says why.
FAILURE_TAG: Final = "mlff.failure"
#: The tag of a run that is a pruned trial, written before its end; for MLflow's clients such a run is KILLED.
PRUNED_MARK: Final[Mapping[str, str]] = MappingProxyType({"mlff.trial.state": "PRUNED"})


def reason(error: BaseException) -> str:
    r"""Return why `error` ended a run, for its tags.

    What is no Unicode, such as the name of a file from a strange disk, is written as its codes: it could
    not be recorded otherwise, and the reason would be lost.

    >>> reason(KeyboardInterrupt())
    'It was interrupted.'
    >>> reason(ValueError("no rows"))
    'ValueError: no rows'
    >>> reason(OSError("no file 'caf\udce9'"))
    "OSError: no file 'caf\\udce9'"
    """
    return _sentence(error).encode("utf-8", "backslashreplace").decode()


def _sentence(error: BaseException) -> str:
    if isinstance(error, MlflowflowError):
        return str(error)
    if not isinstance(error, Exception):  # Ctrl-C, SIGTERM, Prefect's cancellation
        return "It was interrupted."
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def status_after(error: BaseException) -> RunStatus:
    """Return how a run ends that `error` ended: KILLED if somebody stopped it, else FAILED."""
    return RunStatus.FAILED if isinstance(error, Exception) else RunStatus.KILLED


@contextmanager
def ended_with(tracker: Tracker, run_id: str) -> Generator[None]:
    """End the run `run_id` with the block: FINISHED, or FAILED or KILLED by what it raises, which goes on.

    A run that another process has taken over is that one's to end.
    """
    try:
        yield
    except TakenOver:
        raise
    except BaseException as error:
        tracker.log_batch(run_id, tags={FAILURE_TAG: reason(error)})
        tracker.end_run(run_id, status_after(error))
        raise
    tracker.end_run(run_id, RunStatus.FINISHED)
