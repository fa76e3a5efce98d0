"""An MLproject file as one frozen `ProjectSpec`; every problem of the file is reported at once.

The file is MLflow's: `name`, one of the environment keys, and `entry_points` mean what they mean
there, and keys that nobody knows are left alone. What is ours (`resources`, `sweeps`, `gates`,
`pipelines`) is read only under the marker ``spec: mlflowflow/v1``, at the top level or nested under ``mlflowflow:``,
and strictly: an unknown key in it is a mistake. Nothing is read when the marker is missing, and
sections without it are a mistake too, so nothing is left out silently.

`load_project` is the edge that touches the disk, `parse_project` is pure.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from mlflowflow.errors import InvalidProject, NotFound, Problem
from mlflowflow.projects.document import MapNode, Place, ScalarNode, Unreadable, read
from mlflowflow.projects.grammar import Problems, Section, found
from mlflowflow.projects.grammar_gates import read_gates
from mlflowflow.projects.grammar_parameters import read_entry_points
from mlflowflow.projects.grammar_pipelines import read_pipelines
from mlflowflow.projects.grammar_resources import read_resources
from mlflowflow.projects.grammar_steps import Scope
from mlflowflow.projects.grammar_sweeps import read_sweeps
from mlflowflow.projects.parameter import EntryPoint, Parameter, ParameterType
from mlflowflow.projects.sections import (
    Decide,
    EntryPointStep,
    GateStep,
    PipelineSpec,
    RegisterStep,
    Retries,
    Step,
    SweepStep,
)
from mlflowflow.projects.space import Choice, Dimension, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import Objective, Sampler, SamplerName, SweepSpec
from mlflowflow.projects.value import fact_digest, frozen
from mlflowflow.projects.wording import nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlflowflow.gates.policy import GatePolicy
    from mlflowflow.projects.document import Node
    from mlflowflow.projects.sweep_spec import Resources

__all__ = [
    "MARKER",
    "Choice",
    "Decide",
    "Dimension",
    "EntryPoint",
    "EntryPointStep",
    "FloatRange",
    "GateStep",
    "IntRange",
    "Objective",
    "Parameter",
    "ParameterType",
    "PipelineSpec",
    "ProjectSpec",
    "RegisterStep",
    "Retries",
    "Sampler",
    "SamplerName",
    "Step",
    "SweepSpec",
    "SweepStep",
    "load_project",
    "parse_project",
    "script_entry_point",
]

_Fact = TypeVar("_Fact")

#: Says that a file's `resources`, `sweeps`, `gates` and `pipelines` are ours, in this version of the format.
MARKER: Final = "mlflowflow/v1"

_SECTIONS: Final = ("resources", "sweeps", "gates", "pipelines")
#: A word that other tools may use too: without the marker it is left alone unless ours stand beside it.
_COMMON_WORD: Final = "resources"
_NEST: Final = "mlflowflow"
_ENVIRONMENTS: Final = ("python_env", "conda_env", "docker_env")
_TOP_LEVEL: Final = (*_SECTIONS, *_ENVIRONMENTS, "name", "entry_points", "spec", _NEST)
#: How alike a top-level key must be to one of ours to be taken for a slip and not for somebody else's.
_SLIP: Final = 0.8
_RUNNERS: Final = {".py": "python", ".sh": "bash"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSpec:
    """What a project declares. `root` is its folder; relative paths in commands start there.

    `scripts` are the files that can be run by name without being declared. All mappings are
    read-only and in the file's order.
    """

    name: str
    root: Path
    entry_points: Mapping[str, EntryPoint] = field(default_factory=lambda: frozen({}))
    resources: Mapping[str, Resources] = field(default_factory=lambda: frozen({}))
    sweeps: Mapping[str, SweepSpec] = field(default_factory=lambda: frozen({}))
    gates: Mapping[str, GatePolicy] = field(default_factory=lambda: frozen({}))
    pipelines: Mapping[str, PipelineSpec] = field(default_factory=lambda: frozen({}))
    scripts: Mapping[str, EntryPoint] = field(default_factory=lambda: frozen({}))

    @property
    def programs(self) -> Mapping[str, EntryPoint]:
        """Everything a step can run by name: declared entry points go before scripts."""
        return frozen({**self.scripts, **self.entry_points})

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of all that is declared.

        It depends neither on the place of the project, nor on the order of keys, nor on which of
        the two spellings of our sections the file uses.
        """
        declared = (self.entry_points, self.sweeps, self.gates, self.pipelines)
        added = (self.resources,) if self.resources else ()  # projects without them keep their digests
        return fact_digest((MARKER, self.name, *declared, *added))


def load_project(path: str | Path) -> ProjectSpec:
    """Read the project in the folder `path`, or the MLproject file `path`.

    Raises:
        NotFound: there is no such folder or file, or no MLproject file in the folder.
        InvalidProject: the file has problems; the error lists all of them with their places.
    """
    file = _find(Path(path))
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8 text (byte {error.start} cannot be read); save it as UTF-8."
        raise InvalidProject(str(file), [Problem(message=message)]) from error
    root = file.parent.resolve()
    names = sorted(each.name for each in root.iterdir() if each.suffix in _RUNNERS and each.is_file())
    return parse_project(text, path=str(file), root=root, scripts=names)


def _find(path: Path) -> Path:
    if path.is_file():
        return path
    if not path.is_dir():
        raise NotFound("project", str(path), hint="Give the folder of an MLproject file, or the file.")
    files = sorted(each for each in path.iterdir() if each.name.lower() == "mlproject" and each.is_file())
    if not files:
        raise NotFound("MLproject file", str(path / "MLproject"), hint="Create it, or give another folder.")
    return files[0]


def script_entry_point(name: str) -> EntryPoint | None:
    """Return the entry point that runs the file `name`, or None if it is not a kind that can be run.

    >>> script_entry_point("my train.py").command
    "python 'my train.py'"
    """
    runner = _RUNNERS.get(Path(name).suffix)
    if runner is None:
        return None
    braced = name.replace("{", "{{").replace("}", "}}")  # the command is a template
    return EntryPoint(name=name, command=f"{runner} {shlex.quote(braced)}", declared=False)


def parse_project(text: str, *, path: str, root: Path, scripts: Iterable[str] = ()) -> ProjectSpec:
    """Read the `text` of an MLproject file; `path` is what errors call it. Touches nothing.

    Raises:
        InvalidProject: all problems of the text.
    """
    problems = Problems()
    try:
        document = read(text)
        problems.extend(document.problems)
        spec = _project(_top(document.root), problems, root=root, scripts=scripts)
    except Unreadable as stop:
        problems.extend([stop.problem])
        raise InvalidProject(path, problems.in_file_order()) from stop
    if problems:
        raise InvalidProject(path, problems.in_file_order())
    return spec


def _top(node: Node) -> MapNode:
    if isinstance(node, MapNode):
        return node
    message = f"The file is {found(node)}; expected a mapping with keys such as 'name' and 'entry_points'."
    raise Unreadable(Problem(message=message, line=node.place.line, column=node.place.column))


def _project(top: MapNode, problems: Problems, *, root: Path, scripts: Iterable[str]) -> ProjectSpec:
    file = Section(top, owner="", place=Place(), problems=problems, known=None)
    _demand_one_environment(file)
    ours = _our_sections(file)
    entry_points = read_entry_points(file)
    found_scripts = {name: made for name in scripts if (made := script_entry_point(name))}
    programs = {**found_scripts, **entry_points}
    resources = read_resources(ours)
    sweeps = read_sweeps(ours, programs, resources)
    gates = read_gates(ours)
    pipelines = read_pipelines(ours, Scope(entry_points=programs, sweeps=sweeps, gates=gates, steps={}))
    _demand_one_meaning(file, ours)
    return ProjectSpec(
        name=_name(file) or root.name,
        root=root,
        entry_points=_sound(entry_points),
        resources=_sound(resources),
        sweeps=_sound(sweeps),
        gates=_sound(gates),
        pipelines=_sound(pipelines),
        scripts=frozen(found_scripts),
    )


def _name(file: Section) -> str:
    node = file.node("name")
    return node.text if isinstance(node, ScalarNode) and node.value is not None else ""


def _sound(table: Mapping[str, _Fact | None]) -> Mapping[str, _Fact]:
    """Leave out what has problems: there is none left when a `ProjectSpec` is handed out."""
    return frozen({name: fact for name, fact in table.items() if fact is not None})


def _demand_one_environment(file: Section) -> None:
    given = [key for key in _ENVIRONMENTS if key in file]
    if len(given) > 1:
        file.complain(
            f"A project has one environment, but this one has {quoted(given)}; keep one.", key=given[1]
        )


def _demand_one_meaning(file: Section, ours: Section) -> None:
    """Note names that stand for two things: 'mlff run NAME' must know which one is meant."""
    meaning = dict.fromkeys(file.children("entry_points"), "entry point")
    for key, noun in (("sweeps", "sweep"), ("pipelines", "pipeline")):
        for name, section in ours.sections(key, noun=noun, known=None):
            if name in meaning and section is not None:
                section.complain(
                    f"The {noun} '{name}' has the name of the {meaning[name]} '{name}'; rename one."
                )
            meaning.setdefault(name, noun)


def _our_sections(file: Section) -> Section:
    """Return our sections from wherever the file has them; empty, and noted, if the marker is missing."""
    nest = file.section(_NEST, known=(*_SECTIONS, "spec")) if _NEST in file else None
    inside = {} if nest is None else {key: nest.root for key in _SECTIONS if key in nest}
    outside = {key: file.root for key in _SECTIONS if key in file}
    for key in sorted(inside.keys() & outside.keys()):
        file.complain(f"'{key}' is written both at the top level and under '{_NEST}'; keep one.", key=key)
    homes = {**outside, **inside}
    marked = _is_marked(file, nest, tuple(homes))
    if marked:
        _demand_no_slips(file)
    else:
        homes = {}
    root = MapNode(
        place=Place(),
        items=frozen({key: home.items[key] for key, home in homes.items()}),
        places=frozen({key: home.places[key] for key, home in homes.items()}),
    )
    return Section(root, owner="", place=Place(), problems=file.problems, known=None)


def _is_marked(file: Section, nest: Section | None, present: tuple[str, ...]) -> bool:
    home = nest if nest is not None and "spec" in nest else file
    node = home.node("spec")
    marker = node.text if isinstance(node, ScalarNode) else ""
    if marker == MARKER:
        return True
    if marker.startswith(f"{_NEST}/"):
        home.complain(f"The file says 'spec: {marker}'; this release reads 'spec: {MARKER}'.", key="spec")
    elif set(present) - {_COMMON_WORD}:
        holder = nest if nest is not None and present[0] in nest else file
        holder.complain(
            f"{quoted(present)} would not be read, because the file does not say that they are meant for "
            f"mlflowflow; add the line 'spec: {MARKER}'.",
            key=present[0],
        )
    return False


def _demand_no_slips(file: Section) -> None:
    for key in file.root.items:
        guess = None if key in _TOP_LEVEL else nearest(key, _TOP_LEVEL, alike=_SLIP)
        if guess is not None:
            file.complain(f"The key '{key}' means nothing here; did you mean '{guess}'?", key=key)
