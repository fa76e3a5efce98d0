"""Changing what is said about a model that is kept, and taking one away as files.

A changed folder gets new digests. A registered version keeps the digest it was registered with: a model
that is changed afterwards is refused when the version is loaded, and has to be registered anew. So
addresses of registered versions are not accepted here.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from mlflowflow.errors import AlreadyExists, InvalidInput, InvalidState
from mlflowflow.models.environment import read_environment
from mlflowflow.models.manifest import MLMODEL, dump_yaml, load_yaml
from mlflowflow.models.package import DIGESTS, read_manifest, seal
from mlflowflow.models.requirements import CONDA, REQUIREMENTS
from mlflowflow.models.signature import ModelSignature
from mlflowflow.models.source import Stores, fetched
from mlflowflow.registry.logged import locate
from mlflowflow.registry.uri import LoggedModelUri, PlaceUri, RegisteredUri, RunUri, parse_model_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlflowflow.registry.uri import FilesUri
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository


def set_signature(model_uri: str, signature: ModelSignature) -> None:
    """Give the model at `model_uri` (a logged model, a run's, or a folder) the `signature`.

    Raises `InvalidInput` for what is no signature, `InvalidState` for a registered version.

    >>> from mlflowflow import pyfunc
    >>> from mlflowflow.models import get_model_info, infer_signature
    >>> info = pyfunc.log_model(name="echo", python_model=lambda model_input: model_input)
    >>> set_signature(info.model_uri, infer_signature([1.0]))
    >>> get_model_info(info.model_uri).signature == infer_signature([1.0])
    True
    """
    given: Any = signature
    if not isinstance(given, ModelSignature):
        raise InvalidInput(f"A signature is what infer_signature() returns, not a '{type(given).__name__}'.")

    def change(folder: Path) -> list[str]:
        told = replace(read_manifest(folder), signature=signature)
        (folder / MLMODEL).write_text(told.to_yaml(), encoding="utf-8")
        return [MLMODEL]

    _change(model_uri, change)


def update_model_requirements(
    model_uri: str, operation: Literal["add", "remove"], requirement_list: Sequence[str]
) -> None:
    """Add packages to those that the model at `model_uri` lists, or remove them.

    An added package replaces a line about the same one. Raises `InvalidInput` for another operation and
    `InvalidState` for a registered version.

    >>> from mlflowflow import pyfunc
    >>> info = pyfunc.log_model(name="echo", python_model=lambda model_input: model_input)
    >>> update_model_requirements(info.model_uri, "add", ["numpy==2.0"])
    >>> from pathlib import Path
    >>> Path(pyfunc.get_model_dependencies(info.model_uri)).read_text().splitlines()[-1]
    'numpy==2.0'
    """
    if operation not in {"add", "remove"}:
        raise InvalidInput(f"The operation '{operation}' is unknown; expected 'add' or 'remove'.")
    wanted = read_environment(pip_requirements=requirement_list).requirements or ()

    def change(folder: Path) -> list[str]:
        path = folder / REQUIREMENTS
        present = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        named = {_package(line) for line in wanted}
        kept = [line for line in present if line and _package(line) not in named]
        lines = [*kept, *wanted] if operation == "add" else kept
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return [REQUIREMENTS, *_conda(folder, lines)]

    _change(model_uri, change)


def unpack(
    model_uri: str | Path,
    folder: str | Path,
    *,
    progress: Callable[[str, int, int], None] | None = None,
    stores: Stores | None = None,
) -> Path:
    """Copy the verified files of the model at `model_uri` into the new or empty `folder`, and return it.

    `progress` is called after each file with its name, how many are done and how many there are. The
    folder is filled when all files are proved, so a failure leaves it as it was.

    Raises `AlreadyExists` for a folder with something in it, `NotFound`, `CorruptData` naming a file.

    >>> import tempfile
    >>> from mlflowflow import pyfunc
    >>> info = pyfunc.log_model(name="echo", python_model=lambda model_input: model_input)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     (unpack(info.model_uri, place) / "MLmodel").is_file()
    True
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise AlreadyExists("folder", str(target), hint="Unpack into a new or empty one.")
    with fetched(model_uri, stores or Stores()) as source:
        names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
        for done, name in enumerate(names, start=1):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target / name)
            if progress is not None:
                progress(name.as_posix(), done, len(names))
    return target


def _change(model_uri: str, change: Callable[[Path], list[str]]) -> None:
    """Change a model's files in a private copy, and put back those that `change` names."""
    uri = parse_model_uri(str(model_uri))
    if isinstance(uri, RegisteredUri):
        raise InvalidState(
            f"'{model_uri}' is a registered version, which stays what was registered. "
            "Change the model that it was registered from, and register that anew."
        )
    with TemporaryDirectory(prefix="mlflowflow-model-") as private:
        stores = Stores()
        with fetched(model_uri, stores) as source:
            folder = Path(shutil.copytree(source, Path(private) / "model"))
        sealed = (folder / DIGESTS).is_file()
        changed = change(folder)
        if sealed:
            seal(folder)
            changed.append(DIGESTS)
        _put_back(uri, folder, [name for name in changed if (folder / name).is_file()], stores)


def _put_back(uri: FilesUri, folder: Path, names: Sequence[str], stores: Stores) -> None:
    if isinstance(uri, PlaceUri):
        place = Path(uri.url.removeprefix("file://"))
        if not place.is_dir():
            raise InvalidState(
                f"'{uri.url}' is no folder on this machine; unpack the model, and change that."
            )
        for name in names:
            shutil.copyfile(folder / name, place / name)
        return
    repository, prefix = _repository(uri, stores)
    for name in names:
        repository.put_bytes((folder / name).read_bytes(), f"{prefix}{name}")


def _repository(uri: LoggedModelUri | RunUri, stores: Stores) -> tuple[ArtifactRepository, str]:
    """Return where the model's files are kept, and what their names begin with."""
    tracker = stores.open_tracker()
    model_id = locate(uri, tracker).model_id
    if model_id is not None:
        return tracker.model_artifacts(model_id), ""
    assert isinstance(uri, RunUri)
    return tracker.artifacts(uri.run_id), f"{uri.path}/"


def _conda(folder: Path, lines: Sequence[str]) -> list[str]:
    path = folder / CONDA
    if not path.is_file():
        return []
    tree: dict[str, Any] = load_yaml(path.read_bytes(), key=CONDA)
    tree["dependencies"] = [
        {**one, "pip": list(lines)} if isinstance(one, dict) and "pip" in one else one
        for one in tree.get("dependencies") or ()
    ]
    path.write_text(dump_yaml(tree), encoding="utf-8")
    return [CONDA]


def _package(line: str) -> str:
    """Return the package that a line is about, as packages are compared.

    >>> _package("Scikit_Learn[x] >= 1.5; python_version > '3'")
    'scikit-learn'
    """
    name = line.strip()
    for mark in "[;=<>!~ @":
        name = name.partition(mark)[0]
    return name.lower().replace("_", "-").replace(".", "-")
