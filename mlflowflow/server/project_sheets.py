"""What pages ask for and are answered about the projects that they may run."""

from __future__ import annotations

from pydantic import Field
from typing_extensions import TypedDict

from mlflowflow.server.message import Message, Word


class StartPlan(Message):
    """Run `plan` of `project`; a parameter that is not among `params` keeps its default."""

    project: Word
    plan: Word
    params: dict[str, str] = Field(default_factory=dict)
    experiment: str = ""


class PlanParameter(TypedDict):
    """One input: a value is required where there is no default. With choices it is one of them."""

    name: str
    type: str
    default: str | None
    choices: list[str]


class PlanSheet(TypedDict):
    """Something that can be run: ``pipeline``, ``sweep`` or ``entry_point``."""

    name: str
    kind: str
    parameters: list[PlanParameter]


class ProjectSheet(TypedDict):
    """A project with what can be run of it; `problem` says why nothing can."""

    name: str
    folder: str
    problem: str
    plans: list[PlanSheet]


class ProjectsAnswer(TypedDict):
    """The projects that pages may run; none unless whoever started the server named some."""

    projects: list[ProjectSheet]


class PlanStarted(TypedDict):
    """It was begun, and what comes of it."""

    sentence: str
