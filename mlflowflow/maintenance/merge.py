"""Bringing all that is in one store into another: experiments, runs, artifacts, models, events.

An experiment comes over under its own id. If the target has another experiment of the same name, its
runs join that one, because a name is what people mean by an experiment. The source is never changed,
repeating a merge adds only what is new, and an interrupted one is finished by repeating it.

What does not come over: unsent records in spools, signs of life, and time travel to the source's
earlier manifests.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import AlreadyExists, InvalidInput, NotFound
from mlflowflow.maintenance.copying import Copier, ReadOnly
from mlflowflow.maintenance.merge_registry import ModelMerge, has_any, merge_models, merge_objects
from mlflowflow.storage.format import KEY, decode_info, prepare
from mlflowflow.storage.key import check_key
from mlflowflow.tracking.directory import RunDirectory, entry_json
from mlflowflow.tracking.experiments import Experiments
from mlflowflow.tracking.layout import experiment_key, models_shard, run_key
from mlflowflow.tracking.run import DEFAULT_EXPERIMENT_ID
from mlflowflow.tracking.table.reader import Reader

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.run import Experiment


#: So many runs are looked up at a time.
_LOOKUPS: Final = 8


class How(StrEnum):
    """Where an experiment of the source goes."""

    NEW = "new"
    #: the target has it already, from an earlier merge
    SAME = "continued"
    #: into another experiment of the same name
    JOINED = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentMerge:
    """What became of one experiment.

    `runs` and `points` are what the source has; `parts` and `segments` what was brought over. `refused`
    says why nothing was; `lacking` counts runs that the target does not have in full afterwards.
    """

    name: str
    source_id: str
    target_id: str
    how: How
    runs: int = 0
    points: int = 0
    parts: int = 0
    segments: int = 0
    refused: str = ""
    lacking: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What a merge did, or in a dry run would do; `kept` are keys where the target has something else."""

    experiments: tuple[ExperimentMerge, ...] = ()
    models: tuple[ModelMerge, ...] = ()
    objects: int = 0
    bytes: int = 0
    kept: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def is_complete(self) -> bool:
        """Whether everything came over, and was found again."""
        experiments = any(each.refused or each.lacking for each in self.experiments)
        models = any(each.refused for each in self.models)
        return not (experiments or models or self.kept or self.warnings)


def merge(
    source: BlobStore,
    target: BlobStore,
    *,
    clock: Clock,
    ids: Ids,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Merge:
    """Bring everything in `source` into `target`; `progress` is told how many objects were written.

    Raises `NotFound` if there is no store at `source`, `InvalidInput` for a store and itself,
    `StoreTooNew` if a later release wrote either, `CorruptData` for what cannot be read.
    """
    if source.url == target.url:
        raise InvalidInput(f"'{source.url}' cannot be merged into itself; name another store.")
    _demand_store(source)
    able = _ability(target) if dry_run else prepare(target, clock=clock, ids=ids).conditional_create
    copier = Copier(source=ReadOnly(source), target=target, dry_run=dry_run, progress=progress)
    experiments = tuple(_Experiments(copier, clock=clock, ids=ids).merged())
    warnings: tuple[str, ...] = ()
    models: tuple[ModelMerge, ...] = ()
    if able:
        models = tuple(merge_models(copier))
        merge_objects(copier)
    elif has_any(source):
        warnings = (f"'{target.url}' ignores conditional writes, so no models and events are brought over.",)
    return Merge(
        experiments=experiments,
        models=models,
        objects=copier.objects,
        bytes=copier.size,
        kept=tuple(copier.kept),
        warnings=warnings,
    )


def _demand_store(store: BlobStore) -> None:
    body = store.get(KEY)
    if body is None:
        raise NotFound("store", store.url, hint="Check the address; a store has an object 'store.json'.")
    decode_info(body, url=store.url)


def _ability(target: BlobStore) -> bool:
    """Return what a store says of its conditional writes; of a place that is none yet the best is hoped."""
    body = target.get(KEY)
    return body is None or decode_info(body, url=target.url).conditional_create


class _Experiments:
    """Bring over the experiments one by one."""

    def __init__(self, copier: Copier, *, clock: Clock, ids: Ids) -> None:
        self._copier = copier
        self._clock = clock
        self._ids = ids
        target = ReadOnly(copier.target) if copier.dry_run else copier.target
        self._theirs = self._experiments(target)
        self._directory = RunDirectory(target)
        self._entries = copier.listed("runs/")

    def _experiments(self, store: BlobStore) -> Experiments:
        return Experiments(store, clock=self._clock, ids=self._ids, store_created_us=0)

    def merged(self) -> Iterator[ExperimentMerge]:
        reader = Reader(self._copier.source)
        for began in self._experiments(self._copier.source).all():
            yield self._experiment(reader.experiment(began))

    def _experiment(self, experiment: Experiment) -> ExperimentMerge:
        from mlflowflow.maintenance.contents import Contents
        from mlflowflow.maintenance.merge_table import merge_table

        target_id, how = self._home(experiment)
        plan = ExperimentMerge(
            name=experiment.name, source_id=experiment.experiment_id, target_id=target_id, how=how
        )
        counts = Contents.read(self._copier.source, experiment.experiment_id).counts()
        plan = replace(plan, runs=len(counts), points=counts.total())
        stranger = self._elsewhere(counts, target_id)
        if stranger:
            why = (
                f"run '{stranger}' is in experiment '{self._directory.experiment_of(stranger)}' of the target"
            )
            return replace(plan, refused=why)
        if how is How.NEW:
            self._begin(experiment)
        self._enter(counts, target_id)
        same = how is not How.JOINED
        done = merge_table(
            self._copier, experiment.experiment_id, target_id, same=same, clock=self._clock, ids=self._ids
        )
        lacking = self._models(experiment.experiment_id, target_id)
        self._artifacts(experiment.experiment_id, target_id)
        if same and not self._copier.dry_run:
            self._name(experiment)
        return replace(
            plan, parts=done.parts, segments=done.segments, lacking=self._lacking(counts, target_id) + lacking
        )

    def _home(self, experiment: Experiment) -> tuple[str, How]:
        experiment_id = experiment.experiment_id
        if experiment_id == DEFAULT_EXPERIMENT_ID:
            return experiment_id, How.JOINED
        if self._copier.target.get(experiment_key(experiment_id)) is not None:
            return experiment_id, How.SAME
        owner = self._theirs.find(experiment.name)
        return (experiment_id, How.NEW) if owner is None else (owner.experiment_id, How.JOINED)

    def _elsewhere(self, counts: Counter[str], target_id: str) -> str:
        """Return a run that the target has in another experiment, or nothing."""
        known = [run_id for run_id in counts if run_key(run_id) in self._entries]
        with ThreadPoolExecutor(_LOOKUPS) as pool:
            homes = pool.map(self._directory.experiment_of, known)
            return next((run for run, home in zip(known, homes, strict=True) if home != target_id), "")

    def _begin(self, experiment: Experiment) -> None:
        key = experiment_key(experiment.experiment_id)
        body = self._copier.source.get(key)
        if body is not None:
            self._copier.write(key, body)

    def _name(self, experiment: Experiment) -> None:
        """Let the experiment be found by its name, unless another has taken that meanwhile."""
        try:
            self._theirs.claim_for(experiment.experiment_id, experiment.name)
        except AlreadyExists:
            return

    def _enter(self, counts: Counter[str], target_id: str) -> None:
        keys = {run_key(run_id): run_id for run_id in sorted(counts)}
        news = {
            key: entry_json(run_id, target_id) for key, run_id in keys.items() if key not in self._entries
        }
        self._copier.write_all(news)

    def _artifacts(self, source_id: str, target_id: str) -> None:
        source, target = f"artifacts/{source_id}/", f"artifacts/{target_id}/"
        blobs = (
            (blob, check_key(f"{target}{blob.key.removeprefix(source)}"))
            for blob in self._copier.source.list(source)
        )
        self._copier.copy_all(blobs, there=self._copier.listed(target))

    def _models(self, source_id: str, target_id: str) -> int:
        """Bring over the logged models of an experiment; return how many the target lacks afterwards."""
        from mlflowflow.maintenance.contents import Contents
        from mlflowflow.maintenance.merge_table import merge_table

        source, target = models_shard(source_id), models_shard(target_id)
        counts = Contents.read(self._copier.source, source).counts()
        if not counts:
            return 0
        self._enter(counts, target)
        merge_table(self._copier, source, target, same=True, clock=self._clock, ids=self._ids)
        return self._lacking(counts, target)

    def _lacking(self, counts: Counter[str], target_id: str) -> int:
        from mlflowflow.maintenance.contents import Contents

        if self._copier.dry_run:
            return 0
        found = Contents.read(self._copier.target, target_id).counts()
        return sum(1 for run_id, count in counts.items() if run_id not in found or found[run_id] < count)
