"""What the module-level functions stand on: one process's trackers, addresses and experiment.

Everything is opened late: importing the library and setting an address touch no store. A tracker is
kept for each address until the process ends, so that a run which is open while the address changes
still logs to where it began.

`Handover` is how a launcher gives its run to the code it starts. Between processes it travels in
``MLFLOWFLOW_RUN_ID`` and ``MLFLOWFLOW_ATTEMPT``; within one (a function called on a Dask worker) in a context variable, so
that concurrent threads each have their own.
"""

from __future__ import annotations

import logging
import os
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import SystemClock
from mlflowflow.config import DEFAULT_TRACKING_URI, Settings
from mlflowflow.errors import InvalidState, MlflowflowError
from mlflowflow.storage.address import normalize
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.run import DEFAULT_EXPERIMENT_ID, LifecycleStage
from mlflowflow.tracking.validation import experiment_name as valid_experiment_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mlflowflow.clock import Clock
    from mlflowflow.tracking.run import Experiment, Run
    from mlflowflow.tracking.tracker import Tracker

_LOG: Final = logging.getLogger(__name__)


class Handover:
    """A run that the launcher of this code began and will end; the first who asks gets it."""

    def __init__(self, run_id: str | None, *, tracker: Tracker | None = None, run: Run | None = None) -> None:
        """Offer `run_id`, kept by `tracker` or, without one, in the session's store.

        A launcher in this process that has just begun the `run` gives it as it is, and stores with its own
        tracker what is logged: nothing needs to be read or stored here then.
        """
        self.run_id = run_id
        self.tracker = tracker
        self.run = run
        self._experiment_id: str | None = None
        self._lock = threading.Lock()
        self._offered = run_id is not None

    def take(self) -> str | None:
        """Return the run id once, and None ever after."""
        with self._lock:
            offered, self._offered = self._offered, False
        return self.run_id if offered else None

    def begun(self, tags: Mapping[str, str]) -> Run | None:
        """Return the run with `tags` added, if its launcher gave it as it was begun."""
        if self.run is not None and self.tracker is not None and tags:
            self.tracker.log_batch(self.run.info.run_id, tags=tags)
        return self.run

    def set_experiment(self, experiment: Experiment) -> None:
        """Make an experiment the one of later runs of the code that was given the run."""
        self._experiment_id = experiment.experiment_id

    def experiment_id(self, tracker: Tracker) -> str:
        """Return the experiment of further runs: the one that was set, or that of the given run."""
        if self._experiment_id is None and self.run_id is not None:
            self._experiment_id = (self.run or tracker.get_run(self.run_id)).info.experiment_id
        return self._experiment_id or DEFAULT_EXPERIMENT_ID

    def give_back(self) -> None:
        """Offer the run again, because it could not be resumed."""
        with self._lock:
            self._offered = self.run_id is not None


#: The hand-over within this process that is in force in this context, if any.
HANDED_OVER: Final[ContextVar[Handover | None]] = ContextVar("mlflowflow_handover", default=None)


def open_tracker(uri: str, settings: Settings, clock: Clock) -> Tracker:
    """Open the store at `uri` for tracking."""
    from mlflowflow.tracking.tracker import Tracker  # late: it brings Parquet's writers
    from mlflowflow.tracking.writing.policy import Writing

    tracker = Tracker(open_store(uri), clock=clock, writing=Writing.of(settings), user=settings.user)
    if settings.run_id is not None and settings.attempt is not None:
        tracker.join_attempt(settings.run_id, settings.attempt)
    return tracker


class Session:
    """The trackers, addresses and experiment of one process. All methods may be called from any thread."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        open_tracker: Callable[[str, Settings, Clock], Tracker] = open_tracker,
    ) -> None:
        """Begin with what `settings` say; nothing is opened yet."""
        self.settings = settings
        self.clock = clock or SystemClock()
        self.handover = Handover(settings.run_id)
        self._open_tracker = open_tracker
        self._tracking_uri = settings.tracking_uri
        self._registry_uri = settings.registry_uri
        self.is_tracking_uri_set = settings.tracking_uri != DEFAULT_TRACKING_URI
        self._experiment_id: str | None = None
        self._trackers: dict[str, Tracker] = {}
        self._lock = threading.RLock()

    @property
    def tracking_uri(self) -> str:
        """Where runs are stored, in canonical form."""
        return normalize(self._tracking_uri)

    @property
    def registry_uri(self) -> str:
        """Where models are registered: in the tracking store, unless another place was named."""
        return normalize(self._registry_uri or self._tracking_uri)

    def tracker(self, uri: str | Path | None = None) -> Tracker:
        """Return the tracker of the store at `uri`, by default the tracking store."""
        with self._lock:
            address = self.tracking_uri if uri is None else normalize(uri)
            if address not in self._trackers:
                self._trackers[address] = self._open_tracker(address, self.settings, self.clock)
            return self._trackers[address]

    @property
    def registers_elsewhere(self) -> bool:
        """Whether models are registered in a store of their own."""
        return self._registry_uri is not None

    def set_tracking_uri(self, uri: str | Path) -> None:
        """Store later runs at `uri`; the experiment is again the one of the settings."""
        address = normalize(uri)
        with self._lock:
            self._tracking_uri = address
            self.is_tracking_uri_set = True
            self._experiment_id = None

    def set_registry_uri(self, uri: str | Path | None) -> None:
        """Register models at `uri`; None means in the tracking store."""
        address = None if uri is None else normalize(uri)
        with self._lock:
            self._registry_uri = address

    def set_experiment(self, experiment: Experiment) -> None:
        """Make an experiment of the tracking store the one of later runs."""
        with self._lock:
            self._experiment_id = experiment.experiment_id

    def experiment_id(self) -> str:
        """Return the experiment of runs that name none: set, from the settings, or the default."""
        with self._lock:
            if self._experiment_id is None:
                self._experiment_id = self._experiment_of_settings()
            return self._experiment_id

    def close(self) -> None:
        """Bring every acknowledged record into its store; a store that does not answer is logged."""
        with self._lock:
            trackers, self._trackers = list(self._trackers.values()), {}
        for tracker in trackers:
            try:
                tracker.close()
            except MlflowflowError as error:
                _LOG.error("%s", error)

    def renew_lock(self) -> None:
        """Forget who held the lock: called in a forked child, where the holder may not exist."""
        self._lock = threading.RLock()

    def _experiment_of_settings(self) -> str:
        if self.settings.experiment_id is not None:
            return self.settings.experiment_id
        if self.settings.experiment_name is not None:
            return self.tracker().ensure_experiment(self.settings.experiment_name).experiment_id
        return DEFAULT_EXPERIMENT_ID


class _Process:
    """The one place that holds the process's session."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._renew_locks)

    def session(self) -> Session:
        found = self._session  # nearly always there, and a lock costs a tenth of a log call
        if found is not None:
            return found
        with self._lock:
            if self._session is None:
                self._session = Session(Settings.from_environ())
            return self._session

    def replace(self, session: Session) -> None:
        with self._lock:
            old, self._session = self._session, session
        if old is not None:
            old.close()

    def _renew_locks(self) -> None:
        self._lock = threading.Lock()
        if self._session is not None:
            self._session.renew_lock()


_PROCESS: Final = _Process()


def current_session() -> Session:
    """Return the process's session, made from the environment when it is first asked for."""
    return _PROCESS.session()


def configure(session: Session) -> None:
    """Put `session` in the place of the process's own, which is closed."""
    _PROCESS.replace(session)


def current_tracker() -> Tracker:
    """Return the tracker that module-level functions use here and now: the store, by explicit ids.

    Raises `InvalidUri` if the address of the store cannot be used.

    >>> current_tracker().get_experiment("0").name
    'Default'
    """
    handover = HANDED_OVER.get()
    return handover.tracker if handover and handover.tracker else current_session().tracker()


def current_experiment_id() -> str:
    """Return the experiment of runs that name none, here and now."""
    handover = HANDED_OVER.get()
    if handover and handover.tracker:
        return handover.experiment_id(handover.tracker)
    return current_session().experiment_id()


def set_current_experiment(name: str | None, *, experiment_id: str | None = None) -> Experiment:
    """Make an experiment the one of later runs here; one that is only named is created at need.

    Code that was handed a run with its tracker sets it for itself, not for the process.
    """
    tracker = current_tracker()
    if experiment_id is None:
        experiment = tracker.ensure_experiment(valid_experiment_name(name))
    else:
        experiment = tracker.get_experiment(experiment_id)
    if experiment.lifecycle_stage is LifecycleStage.DELETED:
        raise InvalidState(
            f"The experiment '{experiment.name}' is deleted; restore it with restore_experiment(), or "
            "choose another name.",
            error_code="INVALID_PARAMETER_VALUE",
        )
    handover = HANDED_OVER.get()
    (handover if handover and handover.tracker else current_session()).set_experiment(experiment)
    return experiment


def current_tracking_uri() -> str:
    """Return where module-level functions store runs here and now; nothing is opened to tell."""
    handover = HANDED_OVER.get()
    return handover.tracker.uri if handover and handover.tracker else current_session().tracking_uri


def current_registry_uri() -> str:
    """Return where module-level functions register models here and now."""
    session = current_session()
    return session.registry_uri if session.registers_elsewhere else current_tracking_uri()
