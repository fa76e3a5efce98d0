"""The Keras flavor: models as ``.keras`` archives, on whichever backend this process uses.

An archive is a configuration and numbers. The configuration names the classes to make, and three
kinds of them are code: a Lambda layer carries bytecode, a wrapped PyTorch module is a pickle, and
anything outside Keras itself is found by importing what the file says. So the configuration is read
here before Keras reads it.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput, UnsafeModel
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.flavors.library import library
from mlflowflow.models.inference import is_array, is_frame
from mlflowflow.models.inside import inside
from mlflowflow.models.requirements import distributions_of
from mlflowflow.models.safety import FormatClass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

NAME: Final = "keras"

_FOLDER: Final = "data"
_STEM: Final = "model"
_MODULE_FILE: Final = "keras_module.txt"
_BUILT_IN: Final = ("keras", "builtins")
#: Classes of Keras that hold code of their own, or that fetch something when they are made.
_CODE_CLASSES: Final = frozenset(
    {"Lambda", "__lambda__", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "TFSMLayer", "SavedModel"}
)


class KerasFlavor:
    """Write and read Keras 3 models; the options are ``save_exported_model`` and ``save_arguments``."""

    name = NAME

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
        """Put `model` into ``data/model.keras``."""
        keras = library("keras", extra=NAME)
        if options.get("save_exported_model"):
            raise InvalidInput(
                "An exported Keras model is TensorFlow's format, which is not written here; "
                "leave save_exported_model False."
            )
        if not isinstance(model, keras.Model):
            raise InvalidInput(f"A '{type(model).__name__}' is not a Keras model; expected a keras.Model.")
        data = folder / _FOLDER
        data.mkdir()
        (data / _MODULE_FILE).write_text("keras", encoding="utf-8")
        model.save(data / f"{_STEM}.keras", **options.get("save_arguments", {}))
        backend = str(keras.backend.backend())
        return Written(
            configuration={
                "data": _FOLDER,
                "keras_backend": backend,
                "keras_version": keras.__version__,
                "save_exported_model": False,
            },
            pyfunc={"loader_module": "mlflow.keras"},
            distributions=("numpy", *distributions_of([NAME, backend])),
        )

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Load the model that `manifest` describes."""
        model = read_model(folder, manifest, allow_code=allow_code)
        return Loaded(native=model, predict=_Predictor(model))


FLAVOR: Final = KerasFlavor()


def read_model(
    folder: Path,
    manifest: Manifest,
    *,
    allow_code: bool,
    custom_objects: Mapping[str, Any] | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Any:
    """Return the Keras model itself; `arguments` are those of ``keras.saving.load_model``."""
    configuration = manifest.flavors[NAME]
    if configuration.get("save_exported_model"):
        raise InvalidInput(
            "The model was exported for TensorFlow, which is not read here; save it as '.keras'."
        )
    name = f"{configuration.get('data', _FOLDER)}/{_STEM}.keras"
    path = inside(folder, name)
    if not path.is_file():
        raise CorruptData(name, "it is missing from the model's folder")
    if not allow_code and class_of_archive(path) is FormatClass.CODE:
        raise UnsafeModel(
            f"'{name}' holds a Lambda layer or other code of its author, and allow_code is False. "
            "Load it with allow_code=True if you trust whoever wrote it, or save the model with layers "
            "of Keras's own."
        )
    keras = library("keras", extra=NAME)
    wanted = {"safe_mode": not allow_code, **(arguments or {})}
    try:
        return keras.saving.load_model(path, custom_objects=custom_objects, **wanted)
    except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise CorruptData(
            name, f"Keras cannot read it ({str(error).strip().partition(chr(10))[0]})"
        ) from error


def class_of_archive(path: Path) -> FormatClass:
    """Say what loading the archive `path` can do, by the classes its configuration names.

    What is no archive is code: an HDF5 file of older releases may hold anything.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            tree = json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError, OSError):
        return FormatClass.CODE
    return FormatClass.RESTRICTED if _harmless(tree) else FormatClass.CODE


def _harmless(tree: Any) -> bool:
    if isinstance(tree, dict):
        return _harmless_class(tree) and all(_harmless(one) for one in tree.values())
    if isinstance(tree, list):
        return all(_harmless(one) for one in tree)
    return True


def _harmless_class(tree: Mapping[str, Any]) -> bool:
    """Judge one entry; Keras looks a class up by its module, or by a name registered in this process."""
    if "class_name" not in tree:
        return True
    module = tree.get("module")
    known = module is None or (isinstance(module, str) and module.partition(".")[0] in _BUILT_IN)
    return known and str(tree["class_name"]) not in _CODE_CLASSES


@dataclass(frozen=True, slots=True)
class _Predictor:
    """Call the model without its progress bar. A class, so that it can be pickled."""

    model: Any

    def __call__(self, data: Any, _: Mapping[str, Any]) -> Any:
        if is_frame(data):
            import pandas as pd

            return pd.DataFrame(self.model.predict(data.to_numpy(), verbose=0), index=data.index)
        if not (is_array(data) or isinstance(data, list | tuple | dict)):
            raise InvalidInput(f"A Keras model takes a DataFrame or arrays, not a '{type(data).__name__}'.")
        return self.model.predict(data, verbose=0)
