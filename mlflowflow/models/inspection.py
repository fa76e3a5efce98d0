"""What the files of a model can do to the process that loads them, judged by their bytes.

A model is of the highest class that any of its files has. Each file is looked at by the recognisers of
one table, the first that knows the bytes decides, and what none knows is code. What the MLmodel file
says only ever makes the class higher: a module or a file it names as the model's loader is code, and a
class that is noted in it is for readers of listings and is never believed.
"""

from __future__ import annotations

import io
import json
import pickletools
import re
import struct
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import MissingExtra
from mlflowflow.models.flavors.keras import class_of_archive
from mlflowflow.models.manifest import MLMODEL, PYFUNC
from mlflowflow.models.safety import FormatClass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """The class of a model's format and of each of its files, by their paths in the folder."""

    format_class: FormatClass
    files: Mapping[str, FormatClass]

    @property
    def runs_code(self) -> bool:
        """Whether ``load_model(…, allow_code=False)`` refuses the model."""
        return self.format_class is FormatClass.CODE


#: Files that describe a model and that no loader runs.
_DESCRIPTIONS: Final = frozenset(
    {
        MLMODEL,
        "conda.yaml",
        "constraints.txt",
        "digests.json",
        "input_example.json",
        "python_env.yaml",
        "registered_model_meta",
        "requirements.txt",
        "serving_input_example.json",
    }
)
#: Modules that load data only, or that look at the bytes themselves.
_FRAMEWORKS: Final = "mlflow."
_PYTHON_MODEL: Final = ("mlflow.pyfunc.model", "mlflow.pyfunc.loaders.")
_HEAD: Final = 1 << 16
_RANK: Final = (FormatClass.DATA, FormatClass.RESTRICTED, FormatClass.CODE)


def classes_of(files: Mapping[str, Path], manifest: Manifest) -> Safety:
    """Return what loading the model of `manifest` can do, `files` being its folder."""
    found = {name: class_of_file(path) for name, path in files.items() if name not in _DESCRIPTIONS}
    loader = f"{MLMODEL}: {PYFUNC}"
    if _runs_a_loader(manifest.flavors.get(PYFUNC, {})):
        found[loader] = FormatClass.CODE
    return Safety(format_class=_highest(found.values()), files=dict(sorted(found.items())))


def section_of(safety: Safety) -> dict[str, Any]:
    """Return the section that an MLmodel file keeps of it."""
    return {
        "format_class": safety.format_class.value,
        "files": {name: one.value for name, one in safety.files.items()},
    }


def class_of_file(path: Path) -> FormatClass:
    """Return the class of one file, by its bytes and, for Python's own files, its name."""
    if path.suffix in _CODE_SUFFIXES:
        return FormatClass.CODE
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for knows, classify in _RECOGNISERS:
        if knows(head):
            return classify(path, head)
    return FormatClass.CODE


def _highest(classes: Iterable[FormatClass]) -> FormatClass:
    return max(classes, key=_RANK.index, default=FormatClass.DATA)


def _runs_a_loader(section: Mapping[str, Any]) -> bool:
    loader = str(section.get("loader_module", ""))
    return (
        "model_code_path" in section
        or loader.startswith(_PYTHON_MODEL)
        or (bool(loader) and not loader.startswith(_FRAMEWORKS))
    )


_CODE_SUFFIXES: Final = frozenset({".py", ".pyc", ".pyd", ".so", ".dll", ".sh", ".ipynb", ".exe"})


def _archive(path: Path, _: bytes) -> FormatClass:
    """Look into an archive: skops, Keras and PyTorch's programs say in it what they consist of; others are code."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "schema.json" in names:
                return _skops(path)
            if {"config.json", "metadata.json"} <= names:
                return class_of_archive(path)
            if any(name.endswith("/archive_format") for name in names):
                return _program(path)
    except (zipfile.BadZipFile, OSError, KeyError):
        return FormatClass.CODE
    return FormatClass.CODE


def _skops(path: Path) -> FormatClass:
    try:
        import skops.io
    except ModuleNotFoundError:
        return FormatClass.RESTRICTED
    try:
        unknown = skops.io.get_untrusted_types(file=path)
    except Exception:  # noqa: BLE001 - whatever skops cannot read, it will not load either
        return FormatClass.CODE
    return FormatClass.RESTRICTED if unknown else FormatClass.DATA


def _program(path: Path) -> FormatClass:
    """Ask PyTorch's restricted unpickler; where there is none, nobody knows."""
    from mlflowflow.models.flavors.exported_program import class_of_program  # late: they import this
    from mlflowflow.models.flavors.library import library

    try:
        torch = library("torch", extra="torch")
    except MissingExtra:
        return FormatClass.CODE
    return class_of_program(path.read_bytes(), torch)


def _data(_path: Path, _: bytes) -> FormatClass:
    return FormatClass.DATA


def _array(path: Path, head: bytes) -> FormatClass:
    """An array of Python objects is a pickle behind NumPy's header."""
    import numpy as np

    try:
        np.lib.format.read_magic(io.BytesIO(head))
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return FormatClass.CODE
    return FormatClass.CODE if array.dtype.hasobject else FormatClass.DATA


def _is_text(head: bytes) -> bool:
    """Answer whether this is text that is no pickle: the oldest pickles are text too."""
    if b"\0" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < _HEAD:
            return False
    return not _could_be_pickle(head)


def _could_be_pickle(head: bytes) -> bool:
    """Answer whether a pickle machine that is given this would come to an end, or to an import on its way."""
    try:
        for opcode, argument, _ in pickletools.genops(head):
            if opcode.name == "STOP" or opcode.name in {"REDUCE", "BUILD", "OBJ", "NEWOBJ", "STACK_GLOBAL"}:
                return True
            if opcode.name in {"GLOBAL", "INST"}:
                return all(part.isidentifier() for part in str(argument).replace(" ", ".").split("."))
    except (ValueError, IndexError, KeyError, struct.error):
        return False
    return False


#: An empty JSON object, and more names than any file has.
_SMALLEST, _LARGEST = 2, 1 << 27


def _is_safetensors(head: bytes) -> bool:
    size = int.from_bytes(head[:8], "little")
    if not _SMALLEST <= size < _LARGEST or head[8:9] != b"{":
        return False
    if size + 8 > len(head):
        return True
    try:
        return isinstance(json.loads(head[8 : 8 + size]), dict)
    except ValueError:
        return False


def _is_onnx(head: bytes) -> bool:
    """Answer whether this is an ONNX graph: its version, then the name of what produced it."""
    return re.match(rb"\x08[\x01-\x3f][\x12\x1a\x3a]..", head, re.DOTALL) is not None


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(marks)


#: Who knows which bytes, and what they can do; in this order.
_RECOGNISERS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[Path, bytes], FormatClass]], ...]] = (
    (_starts(b"PK\x03\x04"), _archive),
    (_starts(b"\x93NUMPY"), _array),
    (_starts(b"PAR1", b"ARROW1", b"Obj\x01"), _data),
    (_starts(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF"), _data),
    (_starts(b"{L\x00", b"{l\x00", b"{L\x01", b"{i", b"{U"), _data),  # UBJSON, XGBoost's binary form
    (_is_safetensors, _data),
    (_is_onnx, _data),
    (_is_text, _data),
)
