"""The scikit-learn flavor: estimators and pipelines as pickles or skops archives.

`cloudpickle` is the default format: it needs no further package and takes functions defined in a
notebook. `skops` (the extra of that name) writes archives that load without running code as long
as they hold nothing but types skops knows; which types those are is decided here at loading, never
by a list that came with the model.
"""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput, InvalidState, MissingExtra, NotFound, UnsafeModel
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.manifest import MLMODEL, PYFUNC
from mlflowflow.models.package import read_inside
from mlflowflow.models.requirements import distributions_of
from mlflowflow.models.safety import Parser, modules_named, parser_of, refuse_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

NAME: Final = "sklearn"
FORMATS: Final = ("cloudpickle", "pickle", "skops")

#: What a manifest may name as the method that predicts; anything else could be any attribute.
PREDICT_FUNCTIONS: Final = (
    "predict",
    "predict_proba",
    "predict_log_proba",
    "predict_joint_log_proba",
    "score",
)

#: Loading needs these whatever the model's own bytes name: their versions decide what it computes.
_ALWAYS: Final = ("scikit-learn", "numpy", "scipy")


class SklearnFlavor:
    """Write and read scikit-learn models; the options are ``serialization_format`` and ``predict_fn``."""

    name = NAME

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
        """Put `model` into `folder` as ``model.pkl`` or ``model.skops``."""
        import sklearn

        form = str(options.get("serialization_format", "cloudpickle"))
        predict_fn = str(options.get("predict_fn", "predict"))
        _check(model, form=form, predict_fn=predict_fn)
        file = "model.skops" if form == "skops" else "model.pkl"
        data = _WRITERS[form](model)
        (folder / file).write_bytes(data)
        named = frozenset({"skops"}) if form == "skops" else modules_named(data, name=file) | _module(form)
        return Written(
            configuration={
                "code": None,
                "pickled_model": file,
                "serialization_format": form,
                "sklearn_version": sklearn.__version__,
            },
            pyfunc=_pyfunc(file, predict_fn) if hasattr(model, predict_fn) else None,
            distributions=(*_ALWAYS, *distributions_of(named)),
        )

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Load the estimator that `manifest` describes."""
        file = str(manifest.flavors[NAME].get("pickled_model", "model.pkl"))
        model = _read(read_inside(folder, file), file, allow_code=allow_code)
        method = str(manifest.flavors.get(PYFUNC, {}).get("predict_fn", "predict"))
        if method not in PREDICT_FUNCTIONS:
            raise CorruptData(MLMODEL, f"it names '{method}' as the function that predicts")
        return Loaded(native=model, predict=_Predictor(model, method))


FLAVOR: Final = SklearnFlavor()


def _check(model: Any, *, form: str, predict_fn: str) -> None:
    if form not in FORMATS:
        raise InvalidInput(f"'{form}' is not a serialization format; expected one of {', '.join(FORMATS)}.")
    if predict_fn not in PREDICT_FUNCTIONS:
        raise InvalidInput(
            f"'{predict_fn}' is not a predict function; expected one of {', '.join(PREDICT_FUNCTIONS)}."
        )
    if not hasattr(model, "get_params"):
        raise InvalidInput(
            f"A '{type(model).__name__}' is not a scikit-learn estimator; it has no get_params."
        )
    if predict_fn != "predict" and not hasattr(model, predict_fn):
        raise InvalidInput(f"A '{type(model).__name__}' has no '{predict_fn}'; name a function it has.")


def _pyfunc(file: str, predict_fn: str) -> dict[str, str]:
    return {"loader_module": "mlflow.sklearn", "model_path": file, "predict_fn": predict_fn}


def _module(form: str) -> frozenset[str]:
    return frozenset({"cloudpickle"}) if form == "cloudpickle" else frozenset()


@dataclass(frozen=True, slots=True)
class _Predictor:
    """Call the estimator's `method`; scikit-learn's take no parameters. A class, so that it can be pickled."""

    model: Any
    method: str

    def __call__(self, data: Any, _: Mapping[str, Any]) -> Any:
        if not hasattr(self.model, self.method):
            raise InvalidState(
                f"A '{type(self.model).__name__}' has no '{self.method}'; unwrap() the model and use it."
            )
        return getattr(self.model, self.method)(data)


def _write_cloudpickle(model: Any) -> bytes:
    import cloudpickle

    return bytes(cloudpickle.dumps(model))


def _write_skops(model: Any) -> bytes:
    return bytes(_skops().dumps(model))


def _read(data: bytes, name: str, *, allow_code: bool) -> Any:
    match parser_of(data):
        case Parser.SKOPS:
            return _read_skops(data, name, allow_code=allow_code)
        case Parser.PICKLE:
            return _read_pickle(data, name, allow_code=allow_code)


def _read_pickle(data: bytes, name: str, *, allow_code: bool) -> Any:
    if not allow_code:
        refuse_code(name, found=Parser.PICKLE.format_class)
    try:
        return pickle.loads(data)  # noqa: S301  # the caller allowed code
    except ModuleNotFoundError as error:
        hint = "The model needs it; its requirements.txt lists all packages it was made with."
        raise NotFound("module", error.name or str(error), hint=hint) from error
    except (pickle.UnpicklingError, EOFError) as error:
        raise CorruptData(name, f"it is not a pickle ({error})") from error


def _read_skops(data: bytes, name: str, *, allow_code: bool) -> Any:
    skops = _skops()
    try:
        unknown: list[str] = skops.get_untrusted_types(data=data)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise CorruptData(name, f"it is not a skops archive ({error})") from error
    if unknown and not allow_code:
        raise UnsafeModel(
            f"'{name}' holds objects of the types {', '.join(unknown)}, which are not known to be harmless, "
            "and allow_code is False. Load it with allow_code=True if you trust whoever wrote it."
        )
    return skops.loads(data, trusted=unknown)


def _skops() -> Any:
    try:
        import skops.io
    except ModuleNotFoundError as error:
        raise MissingExtra("skops", extra="skops", purpose="The serialization format 'skops'") from error
    return skops.io


_WRITERS: Final[Mapping[str, Callable[[Any], bytes]]] = {
    "cloudpickle": _write_cloudpickle,
    "pickle": pickle.dumps,
    "skops": _write_skops,
}
