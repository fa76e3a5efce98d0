"""A small registry with evaluation runs, for the tests of promotions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotFound
from mlflowflow.events.journal import Journal
from mlflowflow.gates.archive import VerdictArchive
from mlflowflow.gates.promotion import Promotion, promote
from mlflowflow.ids import SequentialIds
from mlflowflow.registry.catalog import Catalog
from mlflowflow.tracking.run import Run, RunData, RunInfo, RunStatus
from tests.gates.examples import policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.gates.outcomes import Outcomes
    from mlflowflow.gates.policy import GatePolicy
    from mlflowflow.storage.blob import BlobStore


@dataclass(frozen=True)
class FilesInMemory:
    """The files of one run, by path."""

    files: Mapping[str, bytes]

    def read(self, path: str) -> bytes:
        """Return a file that was added."""
        if path not in self.files:
            raise NotFound("artifact", path)
        return self.files[path]


@dataclass
class RunsInMemory:
    """Evaluation runs without a tracker; `reads` counts how often one was asked for."""

    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    files: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])
    reads: int = 0

    def get_run(self, run_id: str) -> Run:
        """Return a run that was added."""
        self.reads += 1
        if run_id not in self.runs:
            raise NotFound("run", run_id)
        return self.runs[run_id]

    def artifacts(self, run_id: str) -> FilesInMemory:
        """Return the files that were added."""
        return FilesInMemory(self.files.get(run_id, {}))

    def add(
        self,
        run_id: str,
        *,
        metrics: Mapping[str, float] | None = None,
        tags: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        status: RunStatus = RunStatus.FINISHED,
        rows: Outcomes | None = None,
    ) -> str:
        """Add a run and return its id."""
        info = RunInfo(
            run_id=run_id, experiment_id="0", run_name=run_id, user_id="ada", status=status, start_time=0
        )
        data = RunData(metrics=metrics or {}, tags=tags or {}, params=params or {})
        self.runs[run_id] = Run(info=info, data=data)
        if rows is not None:
            self.files[run_id] = {"outcomes.parquet": rows.to_parquet()}
        return run_id


class Registry:
    """The model 'digits' in `store`, decided about by ada; every version can be evaluated."""

    def __init__(self, store: BlobStore) -> None:
        """Begin without any version."""
        self.store = store
        self.clock = ManualClock()
        self.catalog = Catalog(store, clock=self.clock, ids=SequentialIds(), actor="ada")
        self.journal = Journal(store, clock=self.clock, ids=SequentialIds())
        self.archive = VerdictArchive(store, "digits")
        self.runs = RunsInMemory()

    def version(self, *, signature: str | None = None) -> int:
        """Register the next version."""
        return self.catalog.create_version("digits", source="runs:/a/model", signature=signature).version

    def evaluated(self, version: int, *, accuracy: float = 0.95, rows: Outcomes | None = None) -> str:
        """Add an evaluation run of `version` and return its id."""
        return self.runs.add(
            f"evaluation-of-{version}",
            metrics={"accuracy": accuracy, "log_loss": 1 - accuracy},
            tags={"mlff.model": f"models:/digits/{version}"},
            rows=rows,
        )

    def promote(
        self, version: int, *evaluations: str, by: GatePolicy | None = None, idem: str | None = None
    ) -> Promotion:
        """Hold `version` against a policy, by default one threshold."""
        return promote(
            by or policy(),
            version=version,
            evaluations=evaluations,
            tracker=self.runs,
            catalog=self.catalog,
            journal=self.journal,
            idem=idem,
            cause="test",
        )

    def champion(self) -> int:
        """Return who is champion; raises `NotFound` while nobody is."""
        return self.catalog.get_version_by_alias("digits", "champion").version

    def events(self) -> list[str]:
        """Return the names of all events, in no particular order."""
        return sorted(event.name for event in self.journal.list())
