"""The tracker: experiments, runs, metrics, params, tags and artifacts of one store.

It joins the parts of this package: a *stream* acknowledges records locally and uploads them in the
background, a *reader* folds what everybody wrote, *experiments* and *artifacts* are plain objects.
No server, no database, no lock between processes.

What a returned call promises:

* ``log_…``, ``delete_tag``: the record survives the end of this process, however sudden, and within
  a second a power failure (with ``durability="disk"`` at once, with ``"store"`` even the loss of the
  machine, with ``"memory"`` nothing). This process sees it at once, and so do others if the store is
  a directory; elsewhere a second later, in a long run within ten.
* Everything else that changes something: all see it, in the store or (runs in a directory) in its spool.
* With the store away, logging goes on undisturbed; `flush` says what is still waiting.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, Unpack

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.errors import NotFound
from mlflowflow.ids import Ids, RandomIds
from mlflowflow.storage.format import prepare
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.adoption import Adoption
from mlflowflow.tracking.attempts import Attempts, present_attempt
from mlflowflow.tracking.begin import PARENT_TAG, Wishes, beginning, resumption, run_made_of
from mlflowflow.tracking.directory import RunDirectory
from mlflowflow.tracking.experiment_calls import ExperimentCalls
from mlflowflow.tracking.experiments import Experiments
from mlflowflow.tracking.homes import files_of, uri_of
from mlflowflow.tracking.layout import experiment_of_shard
from mlflowflow.tracking.lifetime import spool_folder, watch
from mlflowflow.tracking.logged.models import LoggedModels, Means
from mlflowflow.tracking.openness import Openness
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import (
    LifecycleStage,
    Metric,
    Run,
    RunStatus,
)
from mlflowflow.tracking.run_log import RunLog
from mlflowflow.tracking.searching import Question, search_datasets, search_runs
from mlflowflow.tracking.table.links import input_records, output_records
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.upkeep import COMPACT_AT, Upkeep
from mlflowflow.tracking.writing.neighbours import unsent
from mlflowflow.tracking.writing.policy import Writing
from mlflowflow.tracking.writing.recovery import recover_at_start
from mlflowflow.tracking.writing.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    from mlflowflow.tracking.paging import PagedList
    from mlflowflow.tracking.run import (
        DatasetInput,
        DatasetSummary,
        LoggedModelInput,
        LoggedModelOutput,
    )
    from mlflowflow.tracking.writing.policy import Changes, Standing

_NOTHING: Final[Mapping[str, str]] = {}


class Tracker(ExperimentCalls):
    """Read and write the runs of one store; thread-safe, and usable after a fork.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> with Tracker(MemoryBlobStore()) as tracker:
    ...     run = tracker.create_run("0", run_name="first")
    ...     tracker.log_metric(run.info.run_id, "loss", 0.5, step=1)
    ...     dict(tracker.get_run(run.info.run_id).data.metrics)
    {'loss': 0.5}
    """

    def __init__(
        self,
        store: BlobStore,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        user: str = "unknown",
        compact_at: int = COMPACT_AT,
        writing: Writing | None = None,
        **changes: Unpack[Changes],
    ) -> None:
        """Open `store`, and send what earlier processes of this machine left in the spool.

        `writing`, whose fields may be given one by one, says how records are kept until they are stored:
        in `spool_dir`, by default a folder in the store itself or, for a remote store, in the user's
        state directory. `user` is the author of runs. `compact_at` segments cause a compaction.

        Raises `StoreTooNew`, `StoreUnavailable`.
        """
        self.store = store
        self._clock = clock or SystemClock()
        self._ids = ids or RandomIds(self._clock)
        wished = (writing or Writing()).changed(**changes)
        self._writing = wished.changed(spool_dir=wished.spool_dir or spool_folder(store))
        self._user = user
        self._compact_at = compact_at
        self._joined: dict[str, int] = {}
        self._found: dict[str, int] = {}  # attempts of runs, as they were found
        self._info = prepare(store, clock=self._clock, ids=self._ids)
        recover_at_start(store, self._writing.spool_dir)
        self._open()
        watch(self)

    def _open(self) -> None:
        self._stream = Stream(
            self.store,
            clock=self._clock,
            ids=self._ids,
            writing=self._writing,
            flushed=lambda: self._upkeep.work(),  # noqa: PLW0108 - it is made below
        )
        self._reader = Reader(
            self.store,
            pending=unsent(self._stream, self.store, self._writing.spool_dir),
            artifact_uri=lambda shard, owner: uri_of(self.store, self._place_of(shard), shard, owner),
        )
        self._upkeep = Upkeep(
            self.store,
            reader=self._reader,
            stream=self._stream,
            clock=self._clock,
            ids=self._ids,
            compact_at=self._compact_at if self._info.conditional_create else None,
        )
        self._experiments = Experiments(
            self.store, clock=self._clock, ids=self._ids, store_created_us=self._info.created_us
        )
        self._directory = RunDirectory(self.store)
        self._openness = Openness(self.store, self._experiments, self._reader)
        present = partial(present_attempt, self._directory, self._reader)
        self._run_log = RunLog(
            self._stream,
            self._directory,
            params_of=lambda run: self.get_run(run).data.params,
            attempts=Attempts(self._joined, found=self._found, look_up=present),
            owns_runs=self._writing.owns_runs,
        )
        #: The logged models of the store.
        self.logged_models = LoggedModels(
            Means(
                directory=self._directory,
                reader=self._reader,
                run_log=self._run_log,
                stream=self._stream,
                clock=self._clock,
                ids=self._ids,
                user=self._user,
                check_open=self._openness.check,
                artifact_uri=lambda model: self.artifacts(model).uri(),
            )
        )

        #: How experiments, runs and models come in that were made elsewhere.
        self.adoption = Adoption(self._experiments, self._directory, self._run_log)

    @property
    def uri(self) -> str:
        """The address of the store, as a child process is given it."""
        return self.store.url

    @property
    def reader(self) -> Reader:
        """What reads the store, for those who read all of it."""
        return self._reader

    def create_run(
        self,
        experiment_id: str,
        *,
        run_id: str | None = None,
        run_name: str | None = None,
        parent_run_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        start_time: int | None = None,
        user: str | None = None,
        attempt: int | None = None,
    ) -> Run:
        """Begin a run, or resume the run `run_id`; either way it is RUNNING afterwards, for all to see.

        Beginning the same `run_id` again keeps its start, name, params and metrics and adds the
        `tags`; that makes a repeated step harmless. `start_time` is in milliseconds. A new run is the
        tracker's user's unless a `user` is given. An `attempt` is joined, see `join_attempt`.

        Raises `NotFound` for an unknown experiment, `InvalidState` for a deleted one,
        `AlreadyExists` if the run belongs to another experiment.
        """
        self._openness.check(experiment_id)
        wanted, is_new = self._directory.admit(run_id, experiment_id, ids=self._ids)
        wishes = Wishes(run_name=run_name or "", parent_run_id=parent_run_id or "", tags=tags or {})
        if attempt is not None:
            self.join_attempt(wanted, attempt)
        known = None if is_new else self._reader.states(experiment_id, [wanted]).get(wanted)
        if known is not None and known.exists:
            unnamed = Wishes(parent_run_id=wishes.parent_run_id, tags=wishes.tags)  # it has its name
            present = self._run_log.resume(wanted, known.attempt)
            self._run_log.note(wanted, resumption(wanted, unnamed, present), attempt=present)
            self._stream.settle()
            return self.get_run(wanted)
        start_ms = self._clock.now_us() // 1000 if start_time is None else start_time
        records = beginning(wanted, wishes, user=self._user if user is None else user, start_ms=start_ms)
        self._run_log.note(wanted, records, attempt=self._run_log.begin(wanted))
        self._stream.settle()
        return run_made_of(records, experiment_id=experiment_id, artifact_uri=self.artifacts(wanted).uri())

    def join_attempt(self, run_id: str, attempt: int) -> None:
        """Say that this process logs for an attempt of a run, the first being 1.

        A run's metrics and status are those of the greatest attempt that anybody has logged for, so what
        earlier ones still log changes nothing. Raises `InvalidInput` for a number that is no attempt.
        """
        self._run_log.join(run_id, attempt)

    def get_run(self, run_id: str) -> Run:
        """Return a run as it stands now. Raises `NotFound`."""
        found = self._reader.run(self._directory.experiment_of(run_id), run_id)
        if found is None:
            raise NotFound("run", run_id, hint=f"Its beginning was not stored in '{self.uri}'.")
        return found

    def log_metric(
        self, run_id: str, key: str, value: float, *, step: int = 0, timestamp: int | None = None
    ) -> None:
        """Log one point; `timestamp` is in milliseconds, by default now.

        Raises `NotFound` for an unknown run, `InvalidInput` for what is no number, `SpoolFull`.
        """
        self._run_log.metric(run_id, key, value, step=step, timestamp=timestamp)

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Iterable[Metric] = (),
        params: Mapping[str, str] = _NOTHING,
        tags: Mapping[str, str] = _NOTHING,
        attempt: int | None = None,
    ) -> None:
        """Log all of `metrics`, `params` and `tags`, or nothing of them.

        A param keeps its first value: the same again is no change, another one raises
        `InvalidState`. Points that are linked to a logged model are logged to it as well, after the run's.
        They are of the `attempt` that this process logs for, unless another is given.
        Raises `NotFound` for an unknown run or model.
        """
        points = tuple(metrics)
        linked = self.logged_models.check_linked(points, run_id=run_id)
        self._run_log.batch(run_id, metrics=points, params=params, tags=tags, attempt=attempt)
        self.logged_models.log_linked(linked)

    def log_inputs(
        self, run_id: str, *, datasets: Iterable[DatasetInput] = (), models: Iterable[LoggedModelInput] = ()
    ) -> None:
        """Say what a run used; the same dataset or model twice is one input. Raises `NotFound`."""
        self._run_log.note(run_id, input_records(run_id, datasets, models))

    def log_outputs(self, run_id: str, models: Iterable[LoggedModelOutput]) -> None:
        """Say which logged models a run made; of one model the last step counts. Raises `NotFound`."""
        self._run_log.note(run_id, output_records(run_id, models))

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag. Raises `NotFound` if the run has no such tag."""
        if key not in self.get_run(run_id).data.tags:
            raise NotFound("tag", key, hint=f"The run '{run_id}' does not have it.")
        self._run_log.note(run_id, [Record(run_id=run_id, kind=Kind.TAG_DELETED, key=key, at=0)])

    def end_run(
        self,
        run_id: str,
        status: RunStatus = RunStatus.FINISHED,
        *,
        end_time: int | None = None,
        attempt: int | None = None,
    ) -> None:
        """Set a run's status, for all to see; `end_time` is in milliseconds, by default now.

        It is the status of the `attempt` that this process logs for, unless another is given.
        If the store is away the records wait in the spool and a warning says so; `flush` raises.
        """
        now_ms = self._clock.now_us() // 1000
        ended = (now_ms if end_time is None else end_time) if status.is_terminal else 0
        fact = Record(run_id=run_id, kind=Kind.STATUS, text=status, timestamp=ended, at=0)
        self._run_log.note(run_id, [fact], attempt=attempt)
        self._run_log.forget(run_id)
        self._stream.settle_or_warn(f"The end of the run '{run_id}'")

    def delete_run(self, run_id: str) -> None:
        """Put a run out of use; nothing is removed."""
        self._set_stage(run_id, LifecycleStage.DELETED)

    def restore_run(self, run_id: str) -> None:
        """Put a deleted run back into use."""
        self._set_stage(run_id, LifecycleStage.ACTIVE)

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        *,
        filter_string: str = "",
        order_by: Sequence[str] = (),
        view: str = "active",
        max_results: int = 1000,
        page_token: str | None = None,
        at_us: int | None = None,
        gone: Sequence[str] = (),
    ) -> PagedList[Run]:
        """Return the runs that match a filter such as ``metrics.loss < 0.1``, in order, a page at a time.

        The page's `token`, given as `page_token` of the same question, asks for the next page. `at_us`
        asks how things stood at a time (microseconds), as of the last compaction before it. Every run of the
        experiments in `gone` counts as deleted.

        Raises `InvalidFilter` with the place of a mistake, and `NotFound` for a time too long ago. An
        unknown experiment has no runs.
        """
        asked = Question(filter_string, tuple(order_by), view, max_results, page_token, at_us, tuple(gone))
        return search_runs(
            self._reader, experiment_ids, asked, tags_of=lambda each: self.get_experiment(each).tags
        )

    def search_datasets(self, experiment_ids: Sequence[str]) -> list[DatasetSummary]:
        """Return each dataset that runs of the experiments used, once for each context."""
        return search_datasets(self._reader, experiment_ids)

    def metric_history(self, run_id: str, key: str, *, at_us: int | None = None) -> list[Metric]:
        """Return every point of a metric, sorted by step, then timestamp, then as logged."""
        return self._reader.metric_history(self._directory.experiment_of(run_id), run_id, key, at_us=at_us)

    def children(self, run_id: str) -> list[Run]:
        """Return the runs of the same experiment whose parent is `run_id`, the newest first."""
        experiment_id = self._directory.experiment_of(run_id)
        parent = run_id.replace("'", "")
        return self.search_runs([experiment_id], filter_string=f"tags.`{PARENT_TAG}` = '{parent}'")

    def artifacts(self, run_id: str) -> ArtifactRepository:
        """Return the files of a run. Raises `NotFound` for an unknown run."""
        shard = self._directory.experiment_of(run_id)
        return files_of(self.store, self._place_of(shard), shard, run_id)

    def model_artifacts(self, model_id: str) -> ArtifactRepository:
        """Return the files of a logged model. Raises `NotFound` for an unknown one."""
        return self.artifacts(self.logged_models.get(model_id).model_id)

    def flush(self) -> None:
        """Return when every acknowledged record is in the store. Raises `NotStored` if that fails."""
        self._stream.flush()

    def durability(self) -> Standing:
        """Return how many of this process's records have come how far, and what a returned call promises."""
        return self._stream.standing()

    def close(self) -> None:
        """Flush and end the background work; using the tracker again starts it again."""
        self._stream.close()
        self._upkeep.tend()

    def __enter__(self) -> Self:
        """Return the tracker itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the address and the settings; a worker that unpickles them writes a stream of its own."""
        again = partial(Tracker, user=self._user, compact_at=self._compact_at, writing=self._writing)
        return again, (self.store,), dict(self._joined)

    def __setstate__(self, joined: dict[str, int]) -> None:
        """Log for the attempts that the sender has joined."""
        self._joined.update(joined)

    def renew_after_fork(self) -> None:
        """Let go of what the parent process owns; called in a forked child."""
        self._stream.abandon()
        self.store = open_store(self.store.url)
        self._open()

    def _place_of(self, shard: str) -> str | None:
        return self._experiments.own_location(experiment_of_shard(shard))

    def _set_stage(self, run_id: str, stage: LifecycleStage) -> None:
        self.get_run(run_id)
        self._run_log.note(run_id, [Record(run_id=run_id, kind=Kind.LIFECYCLE, text=stage, at=0)])
        self.flush()
