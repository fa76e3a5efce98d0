"""The flavor ``python_function``: models written in Python, kept as a pickle, as code, or by a loader.

===================== ======================================= =====================================
what is saved         what the folder holds                   what loads it
===================== ======================================= =====================================
a `PythonModel`       ``python_model.pkl``                    its ``load_context``
a function            the same                                nothing more
the path of a file    that file, which calls `set_model`      the file is run
a loader module       its data, and its code                  ``_load_pyfunc(data)`` of the module
===================== ======================================= =====================================

All of them run code when they are loaded, so ``allow_code=False`` refuses them all.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput, MlflowflowError, NotFound
from mlflowflow.models.code import copy_tree
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.inside import inside
from mlflowflow.models.manifest import MLMODEL, PYFUNC
from mlflowflow.models.model_config import configured
from mlflowflow.models.package import read_inside
from mlflowflow.models.python_model import MADE, Caller, PythonModel, PythonModelContext, checked
from mlflowflow.models.requirements import distributions_of
from mlflowflow.models.safety import FormatClass, modules_named, refuse_code
from mlflowflow.models.signature import ModelSignature
from mlflowflow.models.type_hints import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.models.manifest import Manifest

ARTIFACTS: Final = "artifacts"
DATA: Final = "data"
PICKLE: Final = "python_model.pkl"

_MODEL: Final = "mlflow.pyfunc.model"
_CODE_MODEL: Final = "mlflow.pyfunc.loaders.code_model"


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonSource:
    """What `mlflowflow.pyfunc.save_model` is asked to save.

    Either `python_model` (an object, a function, or the path of a file) with its `artifacts` (paths on this
    machine by name, with the address each came from), or a `loader_module` with its `data_path`.
    """

    python_model: Any = None
    artifacts: Mapping[str, tuple[Path, str]] = field(default_factory=_nothing)
    loader_module: str | None = None
    data_path: Path | None = None
    config: Mapping[str, Any] = field(default_factory=_nothing)
    streamable: bool = False


class PyfuncFlavor:
    """Write and read models written in Python."""

    name = PYFUNC

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
        """Put the `PythonSource` `model` into `folder`. Raises `InvalidInput` for one that cannot be used."""
        del options
        if not isinstance(model, PythonSource):
            raise InvalidInput(f"A '{type(model).__name__}' is not a model written in Python.")
        shared = {
            "streamable": model.streamable,
            **({"config": dict(model.config)} if model.config else {}),
        }
        if model.loader_module is not None:
            return _write_loader(model, folder, shared)
        if isinstance(model.python_model, str | Path):
            return _write_code(model, folder, shared)
        return _write_object(model, folder, shared)

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Load the model that `manifest` describes."""
        section = manifest.flavors[PYFUNC]
        loader = str(section.get("loader_module", ""))
        if not allow_code:
            refuse_code(loader, found=FormatClass.CODE, what="a module that is run to load the model")
        if loader in {_MODEL, _CODE_MODEL}:
            return _read_python(folder, section)
        if loader.partition(".")[0] == "mlflow" or not loader:
            raise NotFound(
                "flavor",
                ", ".join(manifest.flavors),
                hint=f"The model is loaded by '{loader}', which this library has no counterpart of.",
            )
        return _read_loader(loader, folder, section)


FLAVOR: Final = PyfuncFlavor()


# ---- writing -----------------------------------------------------------------------------------------------


def _write_object(source: PythonSource, folder: Path, shared: Mapping[str, Any]) -> Written:
    import cloudpickle

    from mlflowflow.models import pickles

    model = checked(source.python_model)
    data = pickles.dumps(model)
    (folder / PICKLE).write_bytes(data)
    signature = _signature(model)
    needed = modules_named(data, name=PICKLE) - {"mlflow", "mlflowflow"}
    return Written(
        configuration={},
        pyfunc={
            "loader_module": _MODEL,
            "python_model": PICKLE,
            "cloudpickle_version": cloudpickle.__version__,
            **_write_artifacts(source, folder),
            **shared,
        },
        distributions=("cloudpickle", *distributions_of(needed)),
        signature=signature,
        facts={"is_signature_from_type_hint": True} if signature else {},
    )


def _write_code(source: PythonSource, folder: Path, shared: Mapping[str, Any]) -> Written:
    path = Path(source.python_model)
    if path.suffix != ".py" or not path.is_file():
        raise NotFound(
            "file", str(path), hint="A model given as a path is a Python file that calls set_model()."
        )
    copy_tree(path, folder / path.name)
    model = _run(folder / path.name, source.config)
    signature = _signature(model)
    return Written(
        configuration={},
        pyfunc={
            "loader_module": _CODE_MODEL,
            "model_code_path": path.name,
            **_write_artifacts(source, folder),
            **shared,
        },
        distributions=distributions_of(_imported(path)),
        signature=signature,
        facts={"is_signature_from_type_hint": True} if signature else {},
    )


def _write_loader(source: PythonSource, folder: Path, shared: Mapping[str, Any]) -> Written:
    section: dict[str, Any] = {"loader_module": source.loader_module, **shared}
    if source.data_path is not None:
        if not source.data_path.exists():
            raise NotFound("file or folder", str(source.data_path))
        copy_tree(source.data_path, folder / DATA / source.data_path.name)
        section["data"] = f"{DATA}/{source.data_path.name}"
    return Written(configuration={}, pyfunc=section, distributions=())


def _write_artifacts(source: PythonSource, folder: Path) -> dict[str, Any]:
    found: dict[str, dict[str, str]] = {}
    for name, (path, uri) in source.artifacts.items():
        place = f"{ARTIFACTS}/{path.name}"
        if (folder / place).exists():
            place = f"{ARTIFACTS}/{name}/{path.name}"
        target = inside(folder, place)
        copy_tree(path, target)
        found[name] = {"path": place, "uri": uri}
    return {"artifacts": found} if found else {}


def _signature(model: PythonModel) -> ModelSignature | None:
    hints = model.predict_type_hints
    inputs = schema_of(hints.input)
    if inputs is None:
        return None
    try:
        outputs = schema_of(hints.output)
    except InvalidInput:
        outputs = None
    return ModelSignature(inputs=inputs, outputs=outputs)


def _imported(path: Path) -> frozenset[str]:
    """Return the modules that a file of Python imports, without running it."""
    import ast

    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found) - {"mlflow", "mlflowflow", "__future__"}


# ---- reading -----------------------------------------------------------------------------------------------


def _read_python(folder: Path, section: Mapping[str, Any]) -> Loaded:
    from mlflowflow.models import pickles

    config: Mapping[str, Any] = section.get("config") or {}
    if "model_code_path" in section:
        # the path is that of the machine the model was made on: the file itself is in the folder
        model = _run(inside(folder, Path(str(section["model_code_path"])).name), config)
    else:
        name = str(section.get("python_model", PICKLE))
        data = _decompressed(read_inside(folder, name), section.get("python_model_compression"), name)
        model = checked(pickles.loads(data, name))
    paths = {
        name: str(inside(folder, str(one["path"]))) for name, one in (section.get("artifacts") or {}).items()
    }
    context = PythonModelContext(paths, config)
    model.load_context(context)
    streams = type(model).predict_stream is not PythonModel.predict_stream
    return Loaded(
        native=model,
        predict=Caller(model, context, "predict"),
        needs_folder=bool(paths),
        stream=Caller(model, context, "predict_stream") if streams else None,
        configuration=config,
    )


def _read_loader(loader: str, folder: Path, section: Mapping[str, Any]) -> Loaded:
    data = inside(folder, str(section["data"])) if section.get("data") else folder
    try:
        load = importlib.import_module(loader)._load_pyfunc  # noqa: SLF001 - the name is the protocol
    except ModuleNotFoundError as error:
        hint = "It loads the model; give it in code_paths when the model is saved, or install it."
        raise NotFound("module", error.name or loader, hint=hint) from error
    except AttributeError as error:
        raise CorruptData(MLMODEL, f"the module '{loader}' has no function '_load_pyfunc'") from error
    config = section.get("config") or {}
    takes_config = "model_config" in inspect.signature(load).parameters
    native = load(str(data), model_config=config) if takes_config else load(str(data))
    takes_params = "params" in inspect.signature(native.predict).parameters

    def predict(given: Any, params: Mapping[str, Any]) -> Any:
        return native.predict(given, params=dict(params)) if takes_params else native.predict(given)

    return Loaded(native=native, predict=predict, needs_folder=True, configuration=config)


_MODULE: Final = "__mlflowflow_model__"


def _run(path: Path, config: Mapping[str, Any]) -> PythonModel:
    """Run the file of a model and return the model that it sets."""
    from mlflowflow import as_mlflow

    made: list[Any] = []
    token = MADE.set(made)
    module = ModuleType(_MODULE)
    module.__file__ = str(path)
    borrowed = "mlflow" not in sys.modules
    before = sys.modules.get(_MODULE)
    sys.modules[_MODULE] = module  # type hints are looked up in it
    if borrowed:
        as_mlflow.install()  # a file that says `import mlflow` means the library that loads it
    try:
        with configured(config):
            exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102 - the caller allowed code
    except MlflowflowError:
        raise
    except ModuleNotFoundError as error:
        raise NotFound("module", error.name or str(error), hint=f"'{path.name}' imports it.") from error
    except Exception as error:
        raise InvalidInput(f"The model's file '{path.name}' cannot be run: {error!r}") from error
    finally:
        if borrowed:
            as_mlflow.uninstall()
        sys.modules.pop(_MODULE, None) if before is None else sys.modules.__setitem__(_MODULE, before)
        MADE.reset(token)
    if not made:
        raise InvalidInput(
            f"The model's file '{path.name}' names no model; call mlflowflow.models.set_model(model) in it."
        )
    return checked(made[0])


def _decompressed(data: bytes, compression: Any, name: str) -> bytes:
    """Undo the compression that MLflow may have used."""
    import bz2
    import gzip
    import lzma

    known: dict[Any, Callable[[bytes], bytes]] = {
        None: bytes,
        "lzma": lzma.decompress,
        "bzip2": bz2.decompress,
        "gzip": gzip.decompress,
    }
    if compression not in known:
        raise CorruptData(name, f"its compression '{compression}' is not known")
    try:
        return known[compression](data)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise CorruptData(name, f"it cannot be decompressed ({error})") from error
