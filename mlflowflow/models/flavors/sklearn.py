"""The scikit-learn flavor: estimators and pipelines as pickles or skops archives.

The formats, and what each may do when it is loaded, are those of `mlflowflow.models.flavors.objects`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput, InvalidState
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.flavors.objects import FORMATS as OBJECT_FORMATS
from mlflowflow.models.flavors.objects import (
    check_format,
    modules_of,
    read_object,
    write_object,
    write_safest,
)
from mlflowflow.models.manifest import MLMODEL, PYFUNC
from mlflowflow.models.package import read_inside
from mlflowflow.models.requirements import distributions_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

NAME: Final = "sklearn"
FORMATS: Final = OBJECT_FORMATS

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

        trusted = options.get("skops_trusted_types")
        form = options.get("serialization_format")
        predict_fn = str(options.get("predict_fn", "predict"))
        _check(model, form=form or "cloudpickle", predict_fn=predict_fn)
        form, data = (form, write_object(model, form)) if form else write_safest(model, trusted or ())
        file = "model.skops" if form == "skops" else "model.pkl"
        (folder / file).write_bytes(data)
        return Written(
            configuration={
                "code": None,
                "pickled_model": file,
                "serialization_format": form,
                "sklearn_version": sklearn.__version__,
                # MLflow's loader wants the list in the file; ours asks its caller
                "skops_trusted_types": list(trusted) if trusted and form == "skops" else None,
            },
            pyfunc=_pyfunc(file, predict_fn) if hasattr(model, predict_fn) else None,
            distributions=(*_ALWAYS, *distributions_of(modules_of(data, form, name=file))),
        )

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Load the estimator that `manifest` describes."""
        file = str(manifest.flavors[NAME].get("pickled_model", "model.pkl"))
        model = read_object(read_inside(folder, file), file, allow_code=allow_code)
        method = str(manifest.flavors.get(PYFUNC, {}).get("predict_fn", "predict"))
        if method not in PREDICT_FUNCTIONS:
            raise CorruptData(MLMODEL, f"it names '{method}' as the function that predicts")
        return Loaded(native=model, predict=_Predictor(model, method))


FLAVOR: Final = SklearnFlavor()


def _check(model: Any, *, form: str, predict_fn: str) -> None:
    check_format(form)
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
