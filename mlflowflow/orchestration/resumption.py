"""Go on with an execution from what the store keeps of it, without the project's folder.

A run that the orchestrator made knows what it is a part of (`mlff.root`), and the root knows which
packed files it ran, under which name and with which parameters. A sweep that was begun with another
budget than the file's goes on with that one: its log holds the whole spec.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidState
from mlflowflow.orchestration.cluster import ClusterSpec, LocalCluster
from mlflowflow.orchestration.launch import Order
from mlflowflow.orchestration.progress import Listener, nobody
from mlflowflow.orchestration.source import DIGEST_TAG, Source, unpack_source
from mlflowflow.projects.plan import parameters_of
from mlflowflow.projects.spec import load_project
from mlflowflow.projects.value import frozen

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mlflowflow.config import Settings
    from mlflowflow.projects.spec import ProjectSpec
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker

_ROOT_TAG: Final = "mlff.root"
_NAME_TAG: Final = "mlflow.project.entryPoint"
_FOLDER_TAG: Final = "mlflow.source.name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a resumed execution is given anew: what it runs on, and who listens."""

    settings: Settings
    cluster: ClusterSpec = field(default_factory=LocalCluster)
    listener: Listener = nobody


@contextmanager
def kept_order(tracker: Tracker, run_id: str, sweep: SweepSpec, means: Means) -> Generator[Order]:
    """Yield the order that goes on with the execution of which the sweep `run_id` is a part.

    Its files are there as long as the block lasts. Raises `InvalidState` for a run that was not made
    from a project, `NotFound` if the store does not have the project's files any more.
    """
    run = tracker.get_run(run_id)
    root = tracker.get_run(run.data.tags.get(_ROOT_TAG, run_id))
    tags = {**run.data.tags, **root.data.tags}
    if DIGEST_TAG not in tags or _NAME_TAG not in tags:
        raise InvalidState(
            f"The run '{run_id}' was not made from the files of a project, so it can be resumed only where its "
            "function is: call resume() of the sweep in Python, with this run's id."
        )
    with tempfile.TemporaryDirectory(prefix="mlff-resume-") as folder:
        unpack_source(tracker.store, Source(digest=tags[DIGEST_TAG], root=folder), Path(folder))
        project = _with_sweep(load_project(folder), sweep)
        before = tags.get(_FOLDER_TAG, "")
        yield Order(
            project=project,
            name=tags[_NAME_TAG],
            given=_given(project, tags[_NAME_TAG], root),
            settings=means.settings,
            experiment=tracker.get_experiment(root.info.experiment_id).name,
            root_run_id=root.info.run_id,
            cluster=means.cluster,
            listener=means.listener,
            # what is too large to be packed, such as data, is still where it was, if this is the machine
            source=Source(digest=tags[DIGEST_TAG], root=before if Path(before).is_dir() else folder),
        )


def _with_sweep(project: ProjectSpec, sweep: SweepSpec) -> ProjectSpec:
    return replace(project, sweeps=frozen({**project.sweeps, sweep.name: sweep}))


def _given(project: ProjectSpec, name: str, root: Run) -> Mapping[str, str]:
    """Return the parameters that the root was begun with; what else it logged is the sweep's."""
    known = parameters_of(project, name)
    sweep = project.sweeps.get(name)
    # a script that is not declared takes any parameter
    takes_any = sweep is not None and not project.programs[sweep.entry_point].declared
    return {key: value for key, value in root.data.params.items() if takes_any or key in known}
