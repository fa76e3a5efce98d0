"""A model folder: how it is written, and how its bytes are proved to be those that were written.

::

    MLmodel              what the model is: flavors, signature, origin
    model.pkl            the model, by its flavor
    requirements.txt     exact versions; conda.yaml and python_env.yaml say the same
    input_example.json   optional, and the same as a request to a server
    code/  extra_files/  optional: Python files of the model's own, and any others
    digests.json         the SHA-256 of every other file

The digests have a file of their own, written last: so MLmodel is covered too, and a folder whose
writer died has none. They prove integrity, not origin; a registered version keeps a digest of the
whole folder outside it. A folder of MLflow's has no digests and is loaded without that proof.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.clock import iso
from mlflowflow.errors import AlreadyExists, CorruptData, InvalidInput, NotFound
from mlflowflow.models.code import CODE, OwnCode, copy_code
from mlflowflow.models.enforcement import enforce, enforce_params
from mlflowflow.models.environment import Environment
from mlflowflow.models.example import EXAMPLE, SERVING, split_example, write_example
from mlflowflow.models.inference import is_array
from mlflowflow.models.inside import inside
from mlflowflow.models.inspection import classes_of, section_of
from mlflowflow.models.manifest import MLMODEL, PYFUNC, Manifest
from mlflowflow.models.requirements import CONDA, PYTHON_ENV, pinned, python_version
from mlflowflow.models.safety import FormatClass, refuse_code
from mlflowflow.models.schema import ColumnSchema
from mlflowflow.models.signature import infer_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.models.flavors import Flavor, Loaded, Written
    from mlflowflow.models.signature import ModelSignature

DIGESTS: Final = "digests.json"
EXTRA_FILES: Final = "extra_files"

_LOG: Final = logging.getLogger(__name__)


def _no_options() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is said about a model beside the model itself.

    Without a `signature` one is read off the `input_example`, unless `infer` is False. `code_paths` are
    Python files the model imports, `extra_files` any others it should carry, `options` the flavor's own.
    """

    signature: ModelSignature | None = None
    infer: bool = True
    input_example: Any = None
    environment: Environment = field(default_factory=Environment)
    code_paths: tuple[str | Path, ...] = ()
    extra_files: tuple[str | Path, ...] = ()
    metadata: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=_no_options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a model comes from: its own id, the time (microseconds), and the run that logged it."""

    model_uuid: str
    created_us: int
    run_id: str | None = None
    artifact_path: str | None = None
    model_id: str | None = None


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
    example = write_example(description.input_example)
    written = flavor.write(model, folder, description.options)
    carried = _carried(folder, description)
    found = Manifest(
        flavors={**_pyfunc(written, carried), flavor.name: {**written.configuration, **carried}}
        if flavor.name != PYFUNC
        else _pyfunc(written, carried),
        signature=description.signature or written.signature,
        model_uuid=origin.model_uuid,
        model_id=origin.model_id,
        run_id=origin.run_id,
        artifact_path=origin.artifact_path,
        utc_time_created=iso(origin.created_us).replace("T", " ").removesuffix("Z"),
        mlflowflow_version=mlflowflow.__version__,
        saved_input_example_info=None if example is None else example.place,
        metadata=description.metadata,
        extra=written.facts,
    )
    manifest = _with_signature(flavor, folder, found, description)
    _write_environment(folder, written, manifest, description)
    if example is not None:
        (folder / EXAMPLE).write_text(example.text, encoding="utf-8")
        (folder / SERVING).write_text(example.serving, encoding="utf-8")
    manifest = replace(
        manifest,
        model_size_bytes=sum(path.stat().st_size for path in files_of(folder).values()),
        mlflowflow_safety=section_of(classes_of(files_of(folder), manifest)),
    )
    (folder / MLMODEL).write_text(manifest.to_yaml(), encoding="utf-8")
    seal(folder)
    return manifest


def _carried(folder: Path, description: Description) -> dict[str, Any]:
    """Copy what the model carries along and return what each flavor says of it."""
    code = copy_code(description.code_paths, folder)
    extra: list[dict[str, str]] = []
    for given in description.extra_files:
        source, place = Path(given), PurePosixPath(EXTRA_FILES, Path(given).name)
        if not source.is_file():
            raise NotFound("file", str(source), hint="'extra_files' lists files.")
        if (folder / place).exists():
            raise InvalidInput(f"'extra_files' lists '{source.name}' twice; rename one of the two.")
        (folder / place).parent.mkdir(exist_ok=True)
        shutil.copyfile(source, folder / place)
        extra.append({"path": str(place)})
    return {"code": code, **({"extra_files": extra} if extra else {})}


def _with_signature(flavor: Flavor, folder: Path, manifest: Manifest, description: Description) -> Manifest:
    """Read a signature off the example: what the saved model answers is what a loaded one will answer."""
    if not description.infer or manifest.signature is not None or description.input_example is None:
        return manifest
    data, params = split_example(description.input_example)
    inputs = infer_signature(data, params=params)
    if PYFUNC not in manifest.flavors:
        return replace(manifest, signature=inputs)
    try:
        loaded = read_with_code(
            folder, lambda: flavor.read(folder, manifest, allow_code=True), allow_code=True
        )
        answer = loaded.predict(enforce(inputs, data), enforce_params(inputs, params))
        signature = infer_signature(data, _as_column(answer, inputs), params)
    except Exception as error:  # noqa: BLE001 - the model is good without one, and training must not end here
        _LOG.warning(
            "The signature has no outputs: the saved model does not answer its input example (%s: %s).",
            type(error).__name__,
            error,
        )
        signature = inputs
    return replace(manifest, signature=signature)


def _as_column(answer: Any, inputs: ModelSignature) -> Any:
    """Take one number a row for a column where the inputs are columns, as MLflow does."""
    flat = is_array(answer) and len(answer.shape) == 1 and not hasattr(answer, "name")
    if not flat or not isinstance(inputs.inputs, ColumnSchema):
        return answer
    try:
        import pandas as pd
    except ModuleNotFoundError:
        return answer
    return pd.Series(answer)


def read_with_code(folder: Path, read: Callable[[], Loaded], *, allow_code: bool) -> Loaded:
    """Let `read` load the model in `folder` with the Python files of its own visible to it alone.

    Raises `UnsafeModel` if it has such files and `allow_code` is False.
    """
    code = inside(folder, CODE)
    if not code.is_dir():
        return read()
    if not allow_code:
        refuse_code(CODE, found=FormatClass.CODE, what="Python code, which is run when it is imported")
    own = OwnCode(code)
    with own.active():
        loaded = read()
    return replace(loaded, predict=own.wrapped(loaded.predict), needs_folder=True)


def seal(folder: Path) -> None:
    """Write the digests of all files in `folder`; it is complete from then on."""
    digests = {name: _digest(path) for name, path in sorted(files_of(folder).items())}
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


def _write_environment(folder: Path, written: Written, manifest: Manifest, description: Description) -> None:
    found = pinned((*written.distributions, *_to_predict(manifest)))
    for name, text in description.environment.files(found, python=python_version()).items():
        (folder / name).write_text(text, encoding="utf-8")


def _to_predict(manifest: Manifest) -> tuple[str, ...]:
    """Columns reach the model as a table."""
    inputs = manifest.signature.inputs if manifest.signature else None
    return ("pandas",) if isinstance(inputs, ColumnSchema) else ()


def _pyfunc(written: Written, carried: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    if written.pyfunc is None:
        return {}
    environment = {"conda": CONDA, "virtualenv": PYTHON_ENV}
    return {PYFUNC: {**carried, **written.pyfunc, "env": environment, "python_version": python_version()}}


def files_of(folder: Path) -> dict[str, Path]:
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
