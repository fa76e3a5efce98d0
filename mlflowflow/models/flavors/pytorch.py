"""The PyTorch flavor: modules as exported programs or as pickles.

An exported program (``pt2``) is a traced graph and loads without the code of its author; it takes an
example to be traced with, an array or tensors. Without one the module is pickled, as all modules were
before: that loads wherever its classes can be imported, and it is code.
"""

from __future__ import annotations

import importlib
import io
import logging
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput, NotFound, UnsafeModel
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.flavors.exported_program import class_of_program
from mlflowflow.models.flavors.library import library
from mlflowflow.models.inference import is_array, is_frame
from mlflowflow.models.manifest import PYFUNC
from mlflowflow.models.package import read_inside
from mlflowflow.models.requirements import distributions_of
from mlflowflow.models.safety import FormatClass
from mlflowflow.models.schema import TensorSchema
from mlflowflow.models.signature import infer_signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.models.manifest import Manifest

NAME: Final = "pytorch"
EXTRA: Final = "torch"
FORMATS: Final = ("pt2", "pickle")

_FOLDER: Final = "data"
_PROGRAM: Final = "model.pt2"
_PICKLE: Final = "model.pth"
_STATE: Final = "state_dict.pth"
_PICKLED_BY: Final = "pickle_module_info.txt"
#: How MLflow calls its choice, which is cloudpickle; its loader imports what this file names.
_DEFAULT_MODULE: Final = "mlflow.pytorch.pickle_module"
#: Modules that read what they wrote with Python's own unpickler.
_ORDINARY: Final = frozenset({_DEFAULT_MODULE, "cloudpickle", "cloudpickle.cloudpickle", "pickle"})

_logger = logging.getLogger(__name__)


class PytorchFlavor:
    """Write and read PyTorch modules.

    The options are ``serialization_format`` (``pt2``, ``pickle`` or None to choose), ``example`` and
    ``signature`` for tracing, ``pickle_module`` and ``save_arguments``.
    """

    name = NAME

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
        """Put `model` into ``data/model.pt2`` or ``data/model.pth``."""
        torch = library("torch", extra=EXTRA)
        if not isinstance(model, torch.nn.Module):
            raise InvalidInput(
                f"A '{type(model).__name__}' is not a PyTorch model; expected a torch.nn.Module."
            )
        form = _form(torch, model, options)
        data = folder / _FOLDER
        data.mkdir()
        if form == "pt2":
            _write_program(torch, model, data, options)
        else:
            _write_pickle(torch, model, data, options)
        return Written(
            configuration={"code": None, "model_data": _FOLDER, "pytorch_version": str(torch.__version__)},
            pyfunc={
                "loader_module": "mlflow.pytorch",
                "data": _FOLDER,
                "pickle_module_name": _pickled_by(options),
                "config": {"device": None},
            },
            distributions=("cloudpickle", "numpy", *distributions_of(["torch"])),
        )

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Load the module that `manifest` describes onto its device, ready to predict."""
        model = read_module(folder, manifest, allow_code=allow_code)
        device = (manifest.flavors.get(PYFUNC, {}).get("config") or {}).get("device") or "cpu"
        return Loaded(native=model.to(device), predict=_Predictor(model, str(device)))


FLAVOR: Final = PytorchFlavor()


def read_module(
    folder: Path, manifest: Manifest, *, allow_code: bool, arguments: Mapping[str, Any] | None = None
) -> Any:
    """Return the module itself; `arguments` are those of ``torch.load`` and are for pickles only."""
    torch = library("torch", extra=EXTRA)
    data = str(manifest.flavors[NAME].get("model_data", _FOLDER))
    if (folder / data / _PICKLE).exists():
        name = f"{data}/{_PICKLE}"
        _demand_permission(name, FormatClass.CODE, allow_code=allow_code)
        content = read_inside(folder, name)
        return _unpickled(torch, content, name, _reader(folder, data, arguments or {}))
    name = f"{data}/{_PROGRAM}"
    content = read_inside(folder, name)
    if not allow_code:
        _demand_permission(name, class_of_program(content, torch), allow_code=False)
    try:
        return torch.export.load(io.BytesIO(content)).module()
    except Exception as error:  # the loader meets damage with errors of every kind
        raise CorruptData(name, f"PyTorch cannot read it ({_short(error)})") from error


def write_state(state: Any, folder: str | Path, arguments: Mapping[str, Any]) -> None:
    """Write a state dictionary into `folder`. Raises `InvalidInput` for anything else, such as a module."""
    torch = library("torch", extra=EXTRA)
    if not isinstance(state, dict):
        raise InvalidInput(f"A '{type(state).__name__}' is not a state_dict; expected a dictionary.")
    Path(folder).mkdir(parents=True, exist_ok=True)
    torch.save(state, Path(folder) / _STATE, **arguments)


def read_state(folder: Path, arguments: Mapping[str, Any]) -> Any:
    """Return the state dictionary in `folder`, which runs no code unless ``weights_only`` is False."""
    torch = library("torch", extra=EXTRA)
    content = io.BytesIO(read_inside(folder, _STATE))
    try:
        return torch.load(content, **{"weights_only": True, **arguments})
    except (pickle.UnpicklingError, EOFError, RuntimeError) as error:
        raise CorruptData(_STATE, f"PyTorch cannot read it ({_short(error)})") from error


def _demand_permission(name: str, found: FormatClass, *, allow_code: bool) -> None:
    if found is FormatClass.CODE and not allow_code:
        raise UnsafeModel(
            f"'{name}' can run any code when it is loaded, and allow_code is False. Load it with "
            "allow_code=True if you trust whoever wrote it, or save the model with "
            "serialization_format='pt2' from operators of PyTorch's own."
        )


def _form(torch: Any, model: Any, options: Mapping[str, Any]) -> str:
    wanted = options.get("serialization_format")
    if wanted is not None and wanted not in FORMATS:
        raise InvalidInput(f"'{wanted}' is not a serialization format; expected one of {', '.join(FORMATS)}.")
    lacking = _lacking(torch, model, options)
    if wanted == "pt2" and lacking:
        raise InvalidInput(f"The format 'pt2' {lacking}. Give that, or serialization_format='pickle'.")
    if wanted is None and lacking:
        _logger.warning("The model is saved as a pickle, because the format 'pt2' %s.", lacking)
    return str(wanted or ("pickle" if lacking else "pt2"))


def _lacking(torch: Any, model: Any, options: Mapping[str, Any]) -> str:
    """Say what the module needs for being exported (a phrase), or nothing."""
    if isinstance(model, torch.jit.ScriptModule):
        return "cannot hold a ScriptModule"
    if not _tensors(torch, options.get("example")):
        return "needs an input_example to trace the model with: an array or a tensor, or a list of them"
    if _inputs(options) is None:
        return "needs a signature whose inputs are tensors"
    return ""


def _inputs(options: Mapping[str, Any]) -> TensorSchema | None:
    """Return the tensors of the signature: those that were given, or those of the example if it is one array."""
    signature = options.get("signature")
    if signature is None and (example := kept_example(options.get("example"))) is not None:
        signature = infer_signature(example)
    inputs = getattr(signature, "inputs", None)
    return inputs if isinstance(inputs, TensorSchema) else None


def kept_example(example: Any) -> Any:
    """Return what a folder can keep of an example: an array for a tensor, and nothing of several."""
    if isinstance(example, list | tuple) and example and all(hasattr(one, "shape") for one in example):
        return kept_example(example[0]) if len(example) == 1 else None
    detach = getattr(example, "detach", None)
    return example if detach is None else detach().cpu().numpy()


def _tensors(torch: Any, example: Any) -> tuple[Any, ...]:
    import numpy as np

    several = example if isinstance(example, list | tuple) else (example,)
    if not several or not all(isinstance(one, np.ndarray | torch.Tensor) for one in several):
        return ()
    return tuple(torch.from_numpy(one) if isinstance(one, np.ndarray) else one for one in several)


def _write_program(torch: Any, model: Any, folder: Path, options: Mapping[str, Any]) -> None:
    example = _tensors(torch, options["example"])
    found = _inputs(options)
    tensors = found.tensors if found else ()
    if len(tensors) != len(example):
        raise InvalidInput(
            f"The signature has {len(tensors)} tensors and the input example {len(example)}; they must agree."
        )
    free = torch.export.Dim.AUTO
    shapes = tuple(
        {place: free for place, size in enumerate(one.shape) if size == -1} or None for one in tensors
    )
    try:
        program = torch.export.export(model, example, dynamic_shapes=shapes)
    except Exception as error:  # tracing runs the model, which may fail in any way
        raise InvalidInput(
            f"The '{type(model).__name__}' cannot be exported ({_short(error)}). "
            "Save it with serialization_format='pickle'."
        ) from error
    torch.export.save(program, folder / _PROGRAM)


def _write_pickle(torch: Any, model: Any, folder: Path, options: Mapping[str, Any]) -> None:
    import cloudpickle

    (folder / _PICKLED_BY).write_text(_pickled_by(options), encoding="utf-8")
    if isinstance(model, torch.jit.ScriptModule):
        torch.jit.ScriptModule.save(model, str(folder / _PICKLE))
        return
    pickler = options.get("pickle_module") or cloudpickle
    torch.save(model, folder / _PICKLE, pickle_module=pickler, **options.get("save_arguments", {}))


def _pickled_by(options: Mapping[str, Any]) -> str:
    return str(getattr(options.get("pickle_module"), "__name__", _DEFAULT_MODULE))


def _reader(folder: Path, data: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``torch.load``, with the module that unpickles."""
    if "pickle_module" in arguments or arguments.get("weights_only"):
        return dict(arguments)
    name = read_inside(folder, f"{data}/{_PICKLED_BY}").decode(errors="replace").strip()
    return {"pickle_module": pickle if name in _ORDINARY else _imported(name), **arguments}


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotFound("module", name, hint="The model was pickled with it and needs it.") from error


def _unpickled(torch: Any, content: bytes, name: str, arguments: dict[str, Any]) -> Any:
    try:
        model = torch.load(io.BytesIO(content), **arguments)
    except ModuleNotFoundError as error:
        hint = "The model needs it; its requirements.txt lists all packages it was made with."
        raise NotFound("module", error.name or str(error), hint=hint) from error
    except (pickle.UnpicklingError, EOFError, RuntimeError) as error:
        raise CorruptData(name, f"PyTorch cannot read it ({_short(error)})") from error
    model.eval()
    return model


def _short(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class _Predictor:
    """Call the module with a tensor on its device. A class, so that it can be pickled."""

    model: Any
    device: str

    def __call__(self, data: Any, params: Mapping[str, Any]) -> Any:
        torch = library("torch", extra=EXTRA)
        if not is_frame(data) and not is_array(data):
            raise InvalidInput(
                f"A PyTorch model takes a DataFrame or a NumPy array, not a '{type(data).__name__}'."
            )
        array = data.to_numpy(dtype="float32") if is_frame(data) else data
        with torch.no_grad():
            # a column of a table may be read-only memory, which PyTorch warns of sharing
            answer = self.model(torch.tensor(array, device=self.device), **params)
        if not isinstance(answer, torch.Tensor):
            raise InvalidInput(
                f"The model returned a '{type(answer).__name__}'; a model that predicts returns one tensor."
            )
        return _answer(data, answer.cpu().numpy())


def _answer(data: Any, values: Any) -> Any:
    import pandas as pd

    return pd.DataFrame(values, index=data.index) if is_frame(data) else values
