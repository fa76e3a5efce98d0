"""A folder with a tiny project and a store, and what running the project there comes to."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlflowflow.clock import SystemClock
from mlflowflow.config import Settings
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.compile import Launch, compile_flow
from mlflowflow.orchestration.session import Session
from mlflowflow.orchestration.source import Source, keep_source
from mlflowflow.orchestration.step import StepCall
from mlflowflow.projects.parameter import EntryPoint
from mlflowflow.projects.plan import make_plan
from mlflowflow.projects.spec import load_project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import distributed

    from mlflowflow.orchestration.cluster import OpenCluster
    from mlflowflow.orchestration.progress import Progress
    from mlflowflow.orchestration.workplace import Workplace
    from mlflowflow.projects.spec import ProjectSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.tracking.run import Run

#: A script that logs its last argument as the metric "loss".
LOSS = "import sys, mlflowflow\nmlflowflow.log_metric('loss', float(sys.argv[-1]))\n"


def _no_facts() -> list[Progress]:
    return []


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder: the project is in `project/`, the store in `store/`; `heard` is what listeners were told."""

    folder: Path
    cluster: OpenCluster | None = None
    heard: list[Progress] = field(default_factory=_no_facts)

    def on(self, cluster: OpenCluster) -> Place:
        """Return the same place with a cluster."""
        return replace(self, cluster=cluster)

    @property
    def settings(self) -> Settings:
        """Settings that name this place's store."""
        return Settings(
            tracking_uri=str(self.folder / "store"), spool_dir=self.folder / "spool", user="tester"
        )

    @property
    def launch(self) -> Launch:
        """How flows run here, under a root run that Prefect's flow run gives."""
        return Launch(settings=self.settings, experiment="tiny", listener=self.heard.append)

    def workplace(self) -> Workplace:
        """Open the store, in the experiment of flows."""
        return self.launch.workplace()

    def run(self, run_id: str) -> Run:
        """Read a run."""
        return self.workplace().tracker().get_run(run_id)

    def write(self, files: Mapping[str, str]) -> Path:
        """Write files of the project and return its folder."""
        root = self.folder / "project"
        root.mkdir(exist_ok=True)
        for name, text in files.items():
            (root / name).write_text(textwrap.dedent(text))
        return root

    def project(self, text: str, **scripts: str) -> ProjectSpec:
        """Write an MLproject file, with each of `scripts` as a Python file of that name, and load it."""
        head = "name: tiny\nspec: mlflowflow/v1\n"
        files = {f"{name}.py": script for name, script in scripts.items()}
        return load_project(self.write({"MLproject": head + textwrap.dedent(text), **files}))

    def flow(self, project: ProjectSpec, name: str, *, root: str | None = None, **params: Scalar) -> Any:
        """Run `name` of the project as a flow and return its steps by id, or for a known `root` again."""
        launch = replace(self.launch, root_run_id=root)
        flow = compile_flow(project, name, launch=lambda: launch, cluster=self.cluster)
        summary = flow(**params)
        return {**summary, "steps": {step["step"]: step for step in summary["steps"]}}

    def source(self) -> Source:
        """Pack the project as it is now."""
        return keep_source(self.workplace().tracker().store, self.write({}))

    def call(self, command: str, **changes: Any) -> StepCall:
        """Return the call of a step that runs `command`."""
        known: dict[str, Any] = {
            "workplace": self.workplace(),
            "source": self.source(),
            "step": "tiny",
            "run_id": RandomIds().run_id(),
            "run_name": "tiny",
            "parent_run_id": None,
            "entry_point": EntryPoint(name="tiny", command=command),
            "params": {},
        }
        return StepCall(**{**known, **changes})

    def session(self, project: ProjectSpec, name: str, client: distributed.Client) -> Session:
        """Return what the steps of an execution of `name` share, outside of any flow."""
        return Session(
            workplace=self.workplace(),
            project=project,
            plan=make_plan(project, name, {}),
            source=self.source(),
            root_run_id=RandomIds().run_id(),
            flow_run_id="a-flow-run",
            client=client,
            listener=self.heard.append,
            clock=SystemClock(),
        )

    def model(self) -> str:
        """Log a model in a run of its own and return its address."""
        place = self.workplace()
        tracker = place.tracker()
        run_id = tracker.create_run(place.experiment_id, run_name="train").info.run_id
        tracker.artifacts(run_id).put_bytes(b"flavors: {}\n", "model/MLmodel")
        tracker.end_run(run_id)
        return f"runs:/{run_id}/model"

    def evaluation(self, model_uri: str, **metrics: float) -> str:
        """Make a finished run that evaluated a model version, and return its id."""
        place = self.workplace()
        tracker = place.tracker()
        run_id = tracker.create_run(place.experiment_id, tags={"mlff.model": model_uri}).info.run_id
        for key, value in metrics.items():
            tracker.log_metric(run_id, key, value)
        tracker.end_run(run_id)
        return run_id
