"""A model folder: how it is written, and how its bytes are proved to be those that were written.

::

    MLmodel              what the model is: flavors, signature, origin
    model.pkl            the model, by its flavor
    requirements.txt     exact versions; conda.yaml and python_env.yaml say the same
    input_example.json   optional
    digests.json         the SHA-256 of every other file

The digests have a file of their own, written last: so MLmodel is covered too, and a folder whose
writer died has none. They prove integrity, not origin; a registered version keeps a digest of the
whole folder outside it. A folder of MLflow's has no digests and is loaded without that proof.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.clock import iso
from mlflowflow.errors import AlreadyExists, CorruptData, NotFound
from mlflowflow.models.example import EXAMPLE, write_example
from mlflowflow.models.manifest import MLMODEL, PYFUNC, Manifest
from mlflowflow.models.requirements import CONDA, PYTHON_ENV, environment_files, pinned, python_version
from mlflowflow.models.schema import ColumnSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.models.flavors import Flavor, Written
    from mlflowflow.models.signature import ModelSignature

DIGESTS: Final = "digests.json"


def _no_options() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is said about a model beside the model itself.

    `requirements` replaces the packages found by the flavor, `extra_requirements` adds to them.
    """

    signature: ModelSignature | None = None
    input_example: Any = None
    requirements: tuple[str, ...] | None = None
    extra_requirements: tuple[str, ...] = ()
    metadata: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=_no_options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a model comes from: its own id, the time (microseconds), and the run that logged it."""

    model_uuid: str
    created_us: int
    run_id: str | None = None
    artifact_path: str | None = None


def write_package(
    flavor: Flavor, model: Any, folder: Path, *, description: Description, origin: Origin
) -> Manifest:
    """Write `model` and all that belongs to it into `folder`, which must be new or empty.

    Raises `AlreadyExists` for a folder with something in it.
    """
    import mlflowflow

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AlreadyExists("folder", str(folder), hint="Save into a new or empty one.")
    folder.mkdir(parents=True, exist_ok=True)
    written = flavor.write(model, folder, description.options)
    _write_environment(folder, written, description)
    example = write_example(description.input_example)
    if example is not None:
        (folder / EXAMPLE).write_text(example.text, encoding="utf-8")
    manifest = Manifest(
        flavors={**_pyfunc(written), flavor.name: written.configuration},
        signature=description.signature,
        model_uuid=origin.model_uuid,
        run_id=origin.run_id,
        artifact_path=origin.artifact_path,
        utc_time_created=iso(origin.created_us).replace("T", " ").removesuffix("Z"),
        mlflowflow_version=mlflowflow.__version__,
        model_size_bytes=sum(path.stat().st_size for path in _files(folder).values()),
        saved_input_example_info=None if example is None else example.place,
        metadata=description.metadata,
    )
    (folder / MLMODEL).write_text(manifest.to_yaml(), encoding="utf-8")
    seal(folder)
    return manifest


def seal(folder: Path) -> None:
    """Write the digests of all files in `folder`; it is complete from then on."""
    digests = {name: _digest(path) for name, path in sorted(_files(folder).items())}
    text = json.dumps({"algorithm": "sha256", "files": digests}, indent=1) + "\n"
    (folder / DIGESTS).write_text(text, encoding="utf-8")


def verify(folder: Path) -> None:
    """Prove that the files of `folder` are those that were written, if it has digests.

    Raises `CorruptData` naming the first file that is missing or different.
    """
    try:
        text = (folder / DIGESTS).read_bytes()
    except FileNotFoundError:
        return
    for name, expected in _digests(text).items():
        path = inside(folder, name)
        found = _digest(path) if path.is_file() else None
        if found is None:
            raise CorruptData(name, "it is missing from the model's folder")
        if found != expected:
            raise CorruptData(name, f"its SHA-256 is {found}, and {expected} was written")


def read_manifest(folder: Path) -> Manifest:
    """Read the MLmodel file of `folder`. Raises `NotFound` if there is none."""
    try:
        text = (folder / MLMODEL).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("model", str(folder), hint="A model is a folder with a file 'MLmodel'.") from error
    return Manifest.from_yaml(text, key=str(folder / MLMODEL))


def read_inside(folder: Path, name: str) -> bytes:
    """Return the bytes of the file `name`, a path that a manifest gives, inside `folder`.

    Raises `CorruptData` for a file that is missing or a path that leads out.
    """
    path = inside(folder, name)
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorruptData(name, f"it cannot be read from the model's folder ({error.strerror})") from error


def inside(folder: Path, name: str) -> Path:
    """Return the path of `name` in `folder`, following links. Raises `CorruptData` if it leads out."""
    path = (folder / PurePosixPath(name)).resolve()
    if not path.is_relative_to(folder.resolve()) or "\0" in name:
        raise CorruptData(name, "the path leads out of the model's folder")
    return path


def _write_environment(folder: Path, written: Written, description: Description) -> None:
    found = description.requirements
    if found is None:
        found = pinned((*written.distributions, *_to_predict(description)))
    lines = tuple(dict.fromkeys((*found, *description.extra_requirements)))
    for name, text in environment_files(lines, python=python_version()).items():
        (folder / name).write_text(text, encoding="utf-8")


def _to_predict(description: Description) -> tuple[str, ...]:
    """Columns reach the model as a table."""
    inputs = description.signature.inputs if description.signature else None
    return ("pandas",) if isinstance(inputs, ColumnSchema) else ()


def _pyfunc(written: Written) -> dict[str, Mapping[str, Any]]:
    if written.pyfunc is None:
        return {}
    environment = {"conda": CONDA, "virtualenv": PYTHON_ENV}
    return {PYFUNC: {**written.pyfunc, "env": environment, "python_version": python_version()}}


def _files(folder: Path) -> dict[str, Path]:
    """Return every file but the digests by its POSIX path within `folder`."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path for name, path in paths.items() if name != DIGESTS}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(text: bytes) -> dict[str, str]:
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise CorruptData(DIGESTS, f"it is not JSON ({error})") from error
    match tree:
        case {"algorithm": "sha256", "files": dict() as files} if all(
            isinstance(one, str) for one in files.values()
        ):
            return files
        case _:
            raise CorruptData(DIGESTS, "it does not list SHA-256 digests of files")
