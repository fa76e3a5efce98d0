"""Pickles of Python models that both libraries read.

A pickled model names the classes it derives from by their modules. Ours are written under the names that
MLflow has for the same things, and MLflow's are read as ours: so a folder made here loads where there is
only MLflow, and the other way round. Nothing of MLflow is imported.
"""

from __future__ import annotations

import importlib
import io
import pickle
import sys
from types import ModuleType
from typing import Any, Final, Self

from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.models.python_model import FunctionModel, PythonModel, PythonModelContext

_OURS: Final = "mlflowflow"
_THEIRS: Final = "mlflow"

#: Our classes, and where MLflow has the same.
_WRITTEN: Final[dict[type, tuple[str, str]]] = {
    PythonModel: ("mlflow.pyfunc.model", "PythonModel"),
    PythonModelContext: ("mlflow.pyfunc.model", "PythonModelContext"),
    FunctionModel: ("mlflow.pyfunc.model", "_FunctionPythonModel"),
}


def _unchanged(args: Any, kwargs: Any, *_: Any) -> tuple[Any, Any]:
    """Stand for the check of type hints inside MLflow's models: ours is made before they are called."""
    return args, kwargs


class _Info(tuple[Any, ...]):
    """Stand for what MLflow notes of a function."""

    __slots__ = ()

    def __new__(cls, *values: Any) -> Self:
        return super().__new__(cls, values)

    input_type_hint = property(lambda self: self[0])
    input_param_name = property(lambda self: self[1])


class _Hints:
    """Stand for the type hints that MLflow keeps with a model: ours are read off its function."""


#: What MLflow's pickles name that has no public place.
_READ: Final[dict[tuple[str, str], Any]] = {
    **{place: ours for ours, place in _WRITTEN.items()},
    ("mlflow.models.signature", "_TypeHints"): _Hints,
    ("mlflow.pyfunc.utils.data_validation", "FuncInfo"): _Info,
    ("mlflow.pyfunc.utils.data_validation", "_validate_model_input"): _unchanged,
}


def dumps(model: Any) -> bytes:
    """Pickle `model` with everything that the program itself defines."""
    import cloudpickle

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
        """Write our names as MLflow's."""

        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, type) and obj in _WRITTEN:
                module, name = _WRITTEN[obj]
                return getattr, (_Reference(module), name)
            if isinstance(obj, _Reference):
                return cloudpickle.cloudpickle.subimport, (obj.module,)
            if isinstance(obj, ModuleType) and obj.__name__.partition(".")[0] == _OURS:
                return cloudpickle.cloudpickle.subimport, (_THEIRS + obj.__name__.removeprefix(_OURS),)
            return super().reducer_override(obj)

    buffer = io.BytesIO()
    Pickler(buffer).dump(model)
    return buffer.getvalue()


def loads(data: bytes, name: str) -> Any:
    """Load a pickle of either library; errors name the file `name`. It may run any code."""
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except ModuleNotFoundError as error:
        hint = "The model needs it; its requirements.txt lists all packages it was made with."
        raise NotFound("module", error.name or str(error), hint=hint) from error
    except (pickle.UnpicklingError, EOFError) as error:
        raise CorruptData(name, f"it is not a pickle ({error})") from error


class _Reference:
    """A module that is named and not imported."""

    def __init__(self, module: str) -> None:
        self.module = module


class _Unpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        known = _READ.get((module_name, global_name))
        if known is not None:
            return known
        if (module_name, global_name) == ("cloudpickle.cloudpickle", "subimport"):
            return _module
        if module_name.partition(".")[0] == _THEIRS:
            return getattr(_module(module_name), global_name)
        return super().find_class(module_name, global_name)


def _module(name: str) -> Any:
    """Import a module, ours in place of MLflow's of the same name."""
    if name.partition(".")[0] != _THEIRS:
        importlib.import_module(name)
        return sys.modules[name]
    if name == "mlflow.pyfunc.model":
        return _PyfuncModel
    return importlib.import_module(_OURS + name.removeprefix(_THEIRS))


class _PyfuncModel:
    """What stands in MLflow's module of that name."""

    PythonModel = PythonModel
    PythonModelContext = PythonModelContext
    _FunctionPythonModel = FunctionModel
