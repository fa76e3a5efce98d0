"""The ONNX flavor: computation graphs that ONNX Runtime evaluates.

An ONNX file is data: a graph of known operators and its numbers, in the file or beside it. Nothing
in it runs code; that its numbers lie inside the folder is checked here before anything follows their
paths.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.flavors.library import library
from mlflowflow.models.inference import is_array, is_frame
from mlflowflow.models.inside import inside
from mlflowflow.models.requirements import distributions_of

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

NAME: Final = "onnx"
PROVIDERS: Final = ("CUDAExecutionProvider", "CPUExecutionProvider")
SESSION_OPTIONS: Final = frozenset(
    {
        "execution_mode",
        "extra_session_config",
        "graph_optimization_level",
        "inter_op_num_threads",
        "intra_op_num_threads",
    }
)

_FILE: Final = "model.onnx"
_FALLBACK: Final = "CPUExecutionProvider"
_MODES: Final = {"PARALLEL": "ORT_PARALLEL", "SEQUENTIAL": "ORT_SEQUENTIAL"}

_logger = logging.getLogger(__name__)


class OnnxFlavor:
    """Write and read ONNX graphs.

    The options are ``providers``, ``session_options``, ``external_data`` and ``save_arguments``.
    """

    name = NAME

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
        """Put `model` into `folder` as ``model.onnx``, large numbers in a file beside it."""
        onnx = library("onnx", extra=NAME)
        if not isinstance(model, onnx.ModelProto):
            raise InvalidInput(f"A '{type(model).__name__}' is not an ONNX model; expected a ModelProto.")
        session_options = options.get("session_options")
        _check_session_options(session_options)
        # Moving numbers out of the graph changes it, and it is the caller's.
        copied = onnx.ModelProto()
        copied.CopyFrom(model)
        onnx.save_model(
            copied,
            str(folder / _FILE),
            save_as_external_data=bool(options.get("external_data", True)),
            **options.get("save_arguments", {}),
        )
        return Written(
            configuration={
                "code": None,
                "data": _FILE,
                "onnx_session_options": session_options,
                "onnx_version": onnx.__version__,
                "providers": list(options.get("providers") or PROVIDERS),
            },
            pyfunc={"loader_module": "mlflow.onnx", "data": _FILE},
            distributions=("numpy", *distributions_of([NAME, "onnxruntime"])),
        )

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Open the graph that `manifest` describes in ONNX Runtime; nothing in it can run code."""
        del allow_code
        path = _checked(folder, manifest)
        session = _session(path, manifest.flavors[NAME])
        return Loaded(native=session, predict=_Predictor(session))


FLAVOR: Final = OnnxFlavor()


def read_graph(folder: Path, manifest: Manifest) -> Any:
    """Return the checked graph itself, with all its numbers in memory."""
    onnx = library("onnx", extra=NAME)
    path = _checked(folder, manifest)
    try:
        onnx.checker.check_model(str(path))
        return onnx.load(str(path))
    except (onnx.checker.ValidationError, ValueError, OSError) as error:
        raise CorruptData(path.name, f"it is no valid ONNX graph ({error})") from error


def _checked(folder: Path, manifest: Manifest) -> Path:
    """Return the graph's file, once all numbers it refers to are known to lie inside the folder."""
    onnx = library("onnx", extra=NAME)
    decode = library("google.protobuf.message", extra=NAME).DecodeError
    name = str(manifest.flavors[NAME].get("data", _FILE))
    path = inside(folder, name)
    try:
        graph = onnx.load(str(path), load_external_data=False)
    except (decode, OSError, ValueError) as error:
        raise CorruptData(name, f"it is no ONNX graph ({error})") from error
    for place in _external_places(onnx, graph):
        beside = inside(path.parent, place)
        if not beside.is_file():
            raise CorruptData(place, "it is missing from the model's folder")
    return path


def _external_places(onnx: Any, graph: Any) -> set[str]:
    tensors = onnx.external_data_helper._get_all_tensors(graph)  # noqa: SLF001 - no public call lists them
    return {
        str(entry.value)
        for tensor in tensors
        if onnx.external_data_helper.uses_external_data(tensor)
        for entry in tensor.external_data
        if entry.key == "location"
    }


def _check_session_options(options: Any) -> None:
    if options is None:
        return
    if not isinstance(options, Mapping):
        raise InvalidInput(f"The session options are a '{type(options).__name__}'; expected a dictionary.")
    unknown = sorted(options.keys() - SESSION_OPTIONS)
    if unknown:
        raise InvalidInput(
            f"ONNX Runtime has no session option {', '.join(unknown)}; "
            f"expected some of {', '.join(sorted(SESSION_OPTIONS))}."
        )
    mode = options.get("execution_mode")
    if mode is not None and str(mode).upper() not in _MODES:
        raise InvalidInput(f"'{mode}' is no execution mode; expected sequential or parallel.")


def _session(path: Path, configuration: Mapping[str, Any]) -> Any:
    runtime = library("onnxruntime", extra=NAME)
    wanted = configuration.get("providers") or PROVIDERS
    providers = [tuple(one) if isinstance(one, list) else one for one in _listed(wanted)]
    available = runtime.get_available_providers()
    usable = [one for one in providers if _provider(one) in available] or [_FALLBACK]
    try:
        options = _session_options(runtime, configuration.get("onnx_session_options") or {})
        return runtime.InferenceSession(str(path), providers=usable, sess_options=options)
    except Exception as error:  # the runtime has a family of errors that share no base class
        raise CorruptData(path.name, f"ONNX Runtime cannot open it ({error})") from error


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value)


def _provider(entry: Any) -> Any:
    return entry[0] if isinstance(entry, tuple) and entry else entry


def _session_options(runtime: Any, given: Mapping[str, Any]) -> Any:
    options = runtime.SessionOptions()
    for name in ("inter_op_num_threads", "intra_op_num_threads"):
        if given.get(name):
            setattr(options, name, int(given[name]))
    if given.get("execution_mode"):
        mode = _MODES[str(given["execution_mode"]).upper()]
        options.execution_mode = getattr(runtime.ExecutionMode, mode)
    if given.get("graph_optimization_level") is not None:
        options.graph_optimization_level = runtime.GraphOptimizationLevel(given["graph_optimization_level"])
    for key, value in (given.get("extra_session_config") or {}).items():
        options.add_session_config_entry(str(key), str(value))
    return options


@dataclass(frozen=True, slots=True)
class _Predictor:
    """Feed the graph by the names of its inputs."""

    session: Any

    def __call__(self, data: Any, _: Mapping[str, Any]) -> Any:
        wanted = self.session.get_inputs()
        outputs = [one.name for one in self.session.get_outputs()]
        feed = _feed([one.name for one in wanted], data)
        for one in wanted:
            if one.type == "tensor(float)" and getattr(feed.get(one.name), "dtype", None) == "float64":
                feed[one.name] = feed[one.name].astype("float32")
        answers = self.session.run(outputs, feed)
        return _table(outputs, answers) if is_frame(data) else dict(zip(outputs, answers, strict=True))


def _feed(names: list[str], data: Any) -> dict[str, Any]:
    if isinstance(data, Mapping):
        return dict(data)
    if is_frame(data):
        return (
            {name: data[name].to_numpy() for name in names} if len(names) > 1 else {names[0]: data.to_numpy()}
        )
    if not is_array(data):
        raise InvalidInput(
            f"An ONNX model takes a DataFrame, an array or a dictionary of arrays, not a '{type(data).__name__}'."
        )
    if len(names) != 1:
        raise InvalidInput(
            f"The model has the inputs {', '.join(names)}; one array is not enough. Give a dictionary of arrays."
        )
    return {names[0]: data}


def _table(names: list[str], answers: list[Any]) -> Any:
    import numpy as np
    import pandas as pd

    return pd.DataFrame({name: np.asarray(one).reshape(-1) for name, one in zip(names, answers, strict=True)})
