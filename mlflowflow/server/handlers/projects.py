"""The projects that pages may run: what can be run of them, with which parameters, and the beginning of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlflowflow.errors import MlflowflowError
from mlflowflow.ids import digest
from mlflowflow.projects.plan import PlanKind, parameters_of

if TYPE_CHECKING:
    from mlflowflow.projects.parameter import Parameter
    from mlflowflow.projects.spec import ProjectSpec
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.message import Message
    from mlflowflow.server.project_sheets import (
        PlanParameter,
        PlanSheet,
        PlanStarted,
        ProjectsAnswer,
        ProjectSheet,
        StartPlan,
    )


def version(desk: Desk, asked: Message) -> str:
    """Return what changes with the files of the projects."""
    return digest(json.dumps(projects(desk, asked)).encode())


def projects(desk: Desk, _asked: Message) -> ProjectsAnswer:
    """Return the projects as their files are now."""
    return {"projects": [_project(desk, name) for name in desk.projects.folders]}


def start(desk: Desk, asked: StartPlan) -> PlanStarted:
    """Begin a plan. Raises `NotFound`, and `InvalidInput` for values that do not fit."""
    desk.projects.start(asked.project, asked.plan, asked.params, experiment=asked.experiment)
    return {"sentence": f"'{asked.plan}' of '{asked.project}' was started; it is listed once it has begun."}


def _project(desk: Desk, name: str) -> ProjectSheet:
    folder = str(desk.projects.folders[name])
    try:
        spec = desk.projects.spec(name)
    except MlflowflowError as error:
        return {"name": name, "folder": folder, "problem": str(error), "plans": []}
    kinds = (
        (PlanKind.PIPELINE, spec.pipelines),
        (PlanKind.SWEEP, spec.sweeps),
        (PlanKind.ENTRY_POINT, spec.entry_points),
    )
    plans = [_plan(spec, plan, kind) for kind, named in kinds for plan in named]
    return {"name": name, "folder": folder, "problem": "", "plans": plans}


def _plan(spec: ProjectSpec, name: str, kind: PlanKind) -> PlanSheet:
    found = parameters_of(spec, name).values()
    return {"name": name, "kind": kind.value, "parameters": [_parameter(each) for each in found]}


def _parameter(each: Parameter) -> PlanParameter:
    return {
        "name": each.name,
        "type": each.type.value,
        "default": None if each.default is None else str(each.default),
        "choices": [str(choice) for choice in each.choices],
    }
