"""What a user gave for parameters, made good for a command that runs somewhere else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlflowflow.projects.parameter import ParameterType
from mlflowflow.projects.plan import parameters_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.spec import ProjectSpec


def from_here(spec: ProjectSpec, name: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the values for `name` of the project; a path is meant from where the user stands, if it is there.

    Raises `NotFound` if the project has no such name.
    """
    known = parameters_of(spec, name)
    paths = {key for key, parameter in known.items() if parameter.type is ParameterType.PATH}
    return {
        key: str(Path(value).resolve()) if key in paths and Path(value).exists() else value
        for key, value in given.items()
    }
