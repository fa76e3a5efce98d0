"""The packages a model is said to need: MLflow's ways of saying it, brought into one form.

A caller lists requirements, names a requirements file, hands over a whole conda environment, or says
nothing, and then the packages found in the model are written down. A line ``-r file`` is replaced by the
lines of that file, and what ``-c file`` names becomes ``constraints.txt`` in the model's folder: a folder
that named files of the machine it was made on would not work on another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.models.manifest import dump_yaml, load_yaml
from mlflowflow.models.requirements import CONDA, CONSTRAINTS, environment_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Requirements as MLflow takes them: a list with one package each, or the path of a requirements file.
Requirements: TypeAlias = "Sequence[str] | str | Path"
#: A conda environment as MLflow takes it: the tree, or the path of its YAML file.
CondaEnv: TypeAlias = "Mapping[str, Any] | str | Path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a caller said about packages.

    `requirements` replaces the packages found in the model, `extra` adds to them; `constraints` are the
    lines of ``constraints.txt``. `conda` is a whole environment, which settles everything.
    """

    requirements: tuple[str, ...] | None = None
    extra: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    conda: Mapping[str, Any] | None = None

    def lines(self, found: Iterable[str]) -> tuple[str, ...]:
        """Return what ``requirements.txt`` lists, `found` being the packages that the model shows it needs."""
        listed = found if self.requirements is None else self.requirements
        return tuple(dict.fromkeys((*listed, *self.extra)))

    def files(self, found: Iterable[str], *, python: str) -> dict[str, str]:
        """Return the environment files of a model folder by their names."""
        conda = self.conda
        lines = self.lines(found if conda is None else _pip_of(conda))
        if self.constraints:
            lines = (*lines, f"-c {CONSTRAINTS}")
        files = environment_files(lines, python=python if conda is None else _python_of(conda) or python)
        if conda is not None:
            files[CONDA] = dump_yaml(conda)
        if self.constraints:
            files[CONSTRAINTS] = "".join(f"{line}\n" for line in self.constraints)
        return files


def read_environment(
    *,
    conda_env: CondaEnv | None = None,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
) -> Environment:
    """Bring the three arguments that every flavor takes into one form.

    Raises `InvalidInput` for two that exclude one another or a value of another kind, `NotFound` for a
    file that is not there.

    >>> read_environment(pip_requirements=["numpy==2.0"]).requirements
    ('numpy==2.0',)
    """
    given = {
        "conda_env": conda_env,
        "pip_requirements": pip_requirements,
        "extra_pip_requirements": extra_pip_requirements,
    }
    if conda_env is not None and (pip_requirements is not None or extra_pip_requirements is not None):
        named = ", ".join(name for name, value in given.items() if value is not None)
        raise InvalidInput(f"A conda environment lists all packages itself; of {named} give only one.")
    if pip_requirements is not None and extra_pip_requirements is not None:
        raise InvalidInput(
            "pip_requirements replaces the packages found in the model and extra_pip_requirements adds to "
            "them; give one of the two."
        )
    if conda_env is not None:
        return Environment(conda=_conda(conda_env))
    wanted = None if pip_requirements is None else _read(pip_requirements)
    extra = _read(() if extra_pip_requirements is None else extra_pip_requirements)
    return Environment(
        requirements=None if wanted is None else wanted.packages,
        extra=extra.packages,
        constraints=(*(wanted.constraints if wanted else ()), *extra.constraints),
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    packages: tuple[str, ...]
    constraints: tuple[str, ...]


_DEPTH: Final = 8


def _read(requirements: Requirements) -> _Lines:
    if isinstance(requirements, str | Path):
        return _read_file(Path(requirements), depth=0)
    lines: tuple[Any, ...] = tuple(requirements)
    if not all(isinstance(line, str) for line in lines) or any("\n" in line for line in lines):
        raise InvalidInput(f"Requirements are a list with one package each, not {requirements!r}.")
    return _resolved(lines, Path(), depth=0)


def _read_file(path: Path, *, depth: int) -> _Lines:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(
            "requirements file", str(path), hint="Requirements are the path of a file, or a list of packages."
        ) from error
    if depth > _DEPTH:
        raise InvalidInput(f"The requirements file '{path}' is read again by those that it names.")
    joined = text.replace("\\\n", "")
    lines = [line.partition(" #")[0].strip() for line in joined.splitlines()]
    return _resolved([line for line in lines if line and not line.startswith("#")], path.parent, depth=depth)


def _resolved(lines: Sequence[str], folder: Path, *, depth: int) -> _Lines:
    packages: list[str] = []
    constraints: list[str] = []
    for line in lines:
        option, _, name = line.strip().replace("=", " ", line.startswith("--")).partition(" ")
        if option in {"-r", "--requirement"}:
            found = _read_file(folder / name.strip(), depth=depth + 1)
            packages += found.packages
            constraints += found.constraints
        elif option in {"-c", "--constraint"}:
            constraints += _read_file(folder / name.strip(), depth=depth + 1).packages
        else:
            packages.append(line.strip())
    return _Lines(tuple(packages), tuple(constraints))


def _conda(given: CondaEnv) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    path = Path(given)
    if not path.is_file():
        raise NotFound("conda environment file", str(path))
    return load_yaml(path.read_bytes(), key=str(path))


def _pip_of(conda: Mapping[str, Any]) -> tuple[str, ...]:
    for one in conda.get("dependencies") or ():
        if isinstance(one, Mapping) and isinstance(one.get("pip"), list):
            return tuple(str(line) for line in one["pip"])
    return ()


def _python_of(conda: Mapping[str, Any]) -> str | None:
    for one in conda.get("dependencies") or ():
        name, _, version = str(one).partition("=")
        if name == "python":
            return version.lstrip("=") or None
    return None
