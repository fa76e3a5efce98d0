"""From a project to a Prefect flow: one flow per entry point, sweep or pipeline.

The flow's parameters are the project's, with types, defaults, choices and descriptions, so Prefect
shows a form and refuses wrong values before a run starts. Its version is the digest of what the
project declares. When it runs, it opens the store, makes or continues its root run, and executes
the plan on the Dask cluster of its task runner.
"""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from prefect import Flow
from prefect.context import FlowRunContext
from prefect_dask.task_runners import DaskTaskRunner

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.config import Settings
from mlflowflow.errors import InvalidInput, InvalidState, MlflowflowError, NotFound, TakenOver
from mlflowflow.ids import derived
from mlflowflow.orchestration.cluster import ClusterSpec, LocalCluster, OpenCluster, task_runner
from mlflowflow.orchestration.execution import Execution
from mlflowflow.orchestration.failure import FAILURE_TAG, reason, status_after
from mlflowflow.orchestration.progress import Listener, nobody
from mlflowflow.orchestration.session import Session
from mlflowflow.orchestration.source import DIGEST_TAG, Source, keep_source
from mlflowflow.orchestration.summary import Summary, publish, summarize
from mlflowflow.orchestration.workplace import Workplace
from mlflowflow.projects.parameter import Parameter, ParameterType
from mlflowflow.projects.plan import make_plan, parameters_of
from mlflowflow.projects.value import as_text
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from mlflowflow.projects.plan import Plan
    from mlflowflow.projects.spec import ProjectSpec

_PYTHON_TYPES: dict[ParameterType, type] = {
    ParameterType.FLOAT: float,
    ParameterType.INT: int,
    ParameterType.BOOL: bool,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How a compiled flow runs: where it records, under which root run, and who listens.

    Without a `root_run_id` the root is derived from Prefect's flow run, so that a flow run which
    Prefect retries continues the same runs. Without a `source`, the project's folder is packed.
    """

    settings: Settings
    experiment: str
    root_run_id: str | None = None
    source: Source | None = None
    listener: Listener = nobody
    clock: Clock = field(default_factory=SystemClock)

    @classmethod
    def from_environ(cls, project: ProjectSpec) -> Launch:
        """Take everything from the environment; the experiment is named after the project by default."""
        settings = Settings.from_environ()
        return cls(settings=settings, experiment=settings.experiment_name or project.name)

    def workplace(self) -> Workplace:
        """Open the store and return where the flow's parts meet; the experiment is made if need be.

        Raises `InvalidInput` for a store that other processes cannot see.
        """
        place = Workplace.of(self.settings)
        if not place.tracker().store.shared:
            raise InvalidInput(
                f"The store '{place.tracking_uri}' is visible to this process only, and steps run in processes of "
                "their own. Use a directory or a bucket: MLFLOWFLOW_TRACKING_URI=./mlff-data."
            )
        experiment = place.tracker().ensure_experiment(self.experiment)
        return place.in_experiment(experiment.experiment_id)


class _StaysHere:
    """Hold what a flow's body needs only where it runs.

    Prefect pickles the flow with every task that it sends to a worker, and what listens to a
    launch, such as a live view of a terminal, cannot and need not travel.
    """

    def __init__(self, launch: Callable[[], Launch]) -> None:
        self.launch = launch

    def __reduce__(self) -> tuple[Callable[..., _StaysHere], tuple[object, ...]]:
        return (_StaysHere, (_nowhere,))


class _AsTheEnvironmentSays:
    """What a flow is given that nobody launched: it may be run in any process, as `serve` does."""

    def __init__(self, project: ProjectSpec) -> None:
        self._project = project

    def launch(self) -> Launch:
        return Launch.from_environ(self._project)


def _nowhere() -> Launch:
    raise InvalidState("A flow is run where it was compiled; only its tasks travel to workers.")


def compile_flow(
    project: ProjectSpec,
    name: str,
    *,
    launch: Callable[[], Launch] | None = None,
    cluster: ClusterSpec | OpenCluster | None = None,
) -> Flow[..., dict[str, Any]]:
    """Return the Prefect flow that runs `name` of `project`; calling it returns the summary as JSON values.

    `launch` is asked when the flow runs; by default everything comes from the environment. Without
    a `cluster` the flow makes a local one for itself. Raises `NotFound` if the project has no such name.
    """
    parameters = parameters_of(project, name)
    held = _StaysHere(launch) if launch is not None else _AsTheEnvironmentSays(project)

    def body(**values: Any) -> dict[str, Any]:
        plan = make_plan(
            project, name, {key: as_text(value) for key, value in values.items() if value is not None}
        )
        return run_plan(project, plan, held.launch()).to_json()

    signature = _signature(parameters)
    body.__name__ = body.__qualname__ = name.replace("-", "_")
    body.__doc__ = _docstring(project, name, parameters)
    body.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
    body.__signature__ = signature  # type: ignore[attr-defined] # a function takes any attribute; inspect reads this one
    return Flow(
        body,
        name=f"{project.name}.{name}",
        version=project.digest[:12],
        task_runner=task_runner(cluster or LocalCluster()),
        # Values are checked and typed by the plan; pydantic would turn a Path-like text into something else.
        validate_parameters=True,
        persist_result=False,
    )


def _signature(parameters: Mapping[str, Parameter]) -> inspect.Signature:
    required = [each for each in parameters.values() if each.required]
    optional = [each for each in parameters.values() if not each.required]
    return inspect.Signature(
        [
            inspect.Parameter(
                each.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if each.required else each.default,
                annotation=_annotation(each),
            )
            for each in (*required, *optional)
        ]
    )


def _annotation(parameter: Parameter) -> Any:
    if parameter.choices:
        return Literal[parameter.choices]
    return _PYTHON_TYPES.get(parameter.type, str)


def _docstring(project: ProjectSpec, name: str, parameters: Mapping[str, Parameter]) -> str:
    lines = [f"{name} of project {project.name}.", "", "Args:"]
    lines += [f"    {each.name}: A {each.type.value}." for each in parameters.values()]
    return "\n".join(lines if parameters else lines[:1])


def run_plan(project: ProjectSpec, plan: Plan, launch: Launch) -> Summary:
    """Execute `plan` inside the running flow, from the root run's start to its end."""
    context = FlowRunContext.get()
    assert context is not None
    assert context.flow_run is not None
    assert isinstance(context.task_runner, DaskTaskRunner)
    flow_run_id = str(context.flow_run.id)
    place = launch.workplace()
    session = Session(
        workplace=place,
        project=project,
        plan=plan,
        source=launch.source or keep_source(place.tracker().store, Path(project.root)),
        root_run_id=launch.root_run_id or derived(flow_run_id.replace("-", ""), "root"),
        flow_run_id=flow_run_id,
        client=context.task_runner.client,
        listener=launch.listener,
        clock=launch.clock,
    )
    execution = Execution(session)
    with _root_run(session, execution):
        outcomes = execution.run()
    summary = summarize(session, outcomes)
    publish(session, summary)
    return summary


@contextmanager
def _root_run(session: Session, execution: Execution) -> Generator[None]:
    """Hold a pipeline's own run open around its steps, and leave no step's run open behind an error."""
    tracker, run_id = session.workplace.tracker(), session.root_run_id
    if session.is_pipeline:
        open_root(session.workplace, plan=session.plan, run_id=run_id)
        tracker.log_batch(run_id, tags={**session.tags(), DIGEST_TAG: session.source.digest})
    try:
        yield
    except TakenOver:  # whoever has the sweep has the whole execution
        raise
    except BaseException as error:
        status = status_after(error)
        for step_run_id in execution.unfinished_run_ids:
            end_if_open(session.workplace, step_run_id, status)
        if session.is_pipeline:
            tracker.log_batch(run_id, tags={FAILURE_TAG: reason(error)})
            tracker.end_run(run_id, status)
        raise
    if session.is_pipeline:
        tracker.end_run(run_id, RunStatus.FINISHED)


def open_root(place: Workplace, *, plan: Plan, run_id: str) -> None:
    """Make (or continue) the run of a whole plan, with its parameters.

    Raises `InvalidInput`, and leaves the run as it is, if it was begun with other parameters.
    """
    tracker = place.tracker()
    params = {name: as_text(value) for name, value in plan.params.items()}
    _demand_same(place, run_id, params)
    tracker.create_run(place.experiment_id, run_id=run_id, run_name=plan.name)
    tracker.log_batch(
        run_id,
        params=params,
        tags={
            "mlff.plan": plan.kind.value,
            "mlflow.source.type": "PROJECT",
            "mlflow.project.entryPoint": plan.name,
            "mlflow.project.backend": "prefect",
        },
    )


def _demand_same(place: Workplace, run_id: str, params: Mapping[str, str]) -> None:
    try:
        begun = place.tracker().get_run(run_id).data.params
    except NotFound:
        return
    changed = [name for name, value in params.items() if begun.get(name, value) != value]
    if changed:
        then, now = (", ".join(f"{name}={each[name]}" for name in changed) for each in (begun, params))
        raise InvalidInput(
            f"Run '{run_id}' was begun with {then}, so it cannot be continued with {now}. Give the same "
            "parameters, or start a new run."
        )


def end_if_open(place: Workplace, run_id: str, status: RunStatus) -> None:
    """Give a run that has not ended the terminal `status`; an unknown run is left unknown."""
    tracker = place.tracker()
    try:
        run = tracker.get_run(run_id)
    except MlflowflowError:
        return
    if not run.info.status.is_terminal:
        tracker.end_run(run_id, status)
