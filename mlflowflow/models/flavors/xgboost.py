"""The XGBoost flavor: boosters and scikit-learn style estimators, in XGBoost's own formats.

Both formats, ``ubj`` (binary) and ``json``, hold numbers and names only, so these models load
without running code. Which class they become is looked up among XGBoost's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.flavors.library import accepted, class_name, library
from mlflowflow.models.inside import inside
from mlflowflow.models.manifest import MLMODEL
from mlflowflow.models.requirements import distributions_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

NAME: Final = "xgboost"
FORMATS: Final = ("ubj", "json")

_BOOSTER: Final = "xgboost.core.Booster"


class XgboostFlavor:
    """Write and read XGBoost models; the options are ``model_format`` and ``save_arguments``."""

    name = NAME

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
        """Put `model` into `folder` as ``model.ubj`` or ``model.json``."""
        xgb = library("xgboost", extra=NAME)
        form = str(options.get("model_format", "ubj"))
        if form not in FORMATS:
            raise InvalidInput(f"'{form}' is not a model format; expected one of {', '.join(FORMATS)}.")
        if not isinstance(model, xgb.Booster | _estimators(xgb)):
            raise InvalidInput(f"A '{type(model).__name__}' is not an XGBoost model.")
        file = f"model.{form}"
        try:
            model.save_model(folder / file, **options.get("save_arguments", {}))
        except (xgb.core.XGBoostError, ValueError) as error:
            raise InvalidInput(f"XGBoost could not save the '{type(model).__name__}': {error}.") from error
        estimator = () if isinstance(model, xgb.Booster) else ("scikit-learn",)
        return Written(
            configuration={
                "code": None,
                "data": file,
                "model_class": class_name(model),
                "model_format": form,
                "xgb_version": xgb.__version__,
            },
            pyfunc={"loader_module": "mlflow.xgboost", "data": file},
            distributions=("numpy", "scipy", *estimator, *distributions_of([NAME])),
        )

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Load the booster or estimator that `manifest` describes; nothing in it can run code."""
        del allow_code
        xgb = library("xgboost", extra=NAME)
        configuration = manifest.flavors[NAME]
        model = _class(xgb, str(configuration.get("model_class", _BOOSTER)))()
        name = str(configuration.get("data", "model.xgb"))
        path = inside(folder, name)
        if not path.is_file():
            raise CorruptData(name, "it is missing from the model's folder")
        try:
            model.load_model(path)
        except (xgb.core.XGBoostError, ValueError, TypeError, KeyError) as error:
            raise CorruptData(name, f"XGBoost cannot read it ({_first_line(error)})") from error
        return Loaded(native=model, predict=_Predictor(model))


FLAVOR: Final = XgboostFlavor()


def _estimators(xgb: Any) -> Any:
    """Return the base class of XGBoost's estimators, or none that anything is if scikit-learn is missing."""
    return getattr(xgb, "XGBModel", xgb.Booster)


def _class(xgb: Any, dotted: str) -> Any:
    """Return the class that `dotted` names, if it is a model class of XGBoost's own."""
    module, _, name = dotted.rpartition(".")
    if module == NAME or module.startswith(f"{NAME}."):
        found = getattr(xgb, name, None)
        if isinstance(found, type) and issubclass(found, xgb.Booster | _estimators(xgb)):
            return found
    raise CorruptData(MLMODEL, f"it names '{dotted}' as the class of an XGBoost model")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class _Predictor:
    """Call the model, handing boosters their own kind of matrix. A class, so that it can be pickled."""

    model: Any

    def __call__(self, data: Any, params: Mapping[str, Any]) -> Any:
        xgb = library("xgboost", extra=NAME)
        known = accepted(self.model.predict, params)
        if isinstance(self.model, xgb.Booster):
            return self.model.predict(xgb.DMatrix(data), **known)
        return self.model.predict(data, **known)
