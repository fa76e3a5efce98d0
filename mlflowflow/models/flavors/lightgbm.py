"""The LightGBM flavor: boosters as text, scikit-learn style estimators as archives or pickles.

A booster is a text of numbers and loads without running code. An estimator is a Python object; as a
skops archive it holds nothing but LightGBM's own types around such a text, which are known here.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.flavors.library import class_name, library
from mlflowflow.models.flavors.objects import check_format, modules_of, read_object, write_object
from mlflowflow.models.package import read_inside
from mlflowflow.models.requirements import distributions_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

NAME: Final = "lightgbm"

_BOOSTER: Final = "lightgbm.basic.Booster"
#: What LightGBM's estimators consist of; making these reads their text and runs nothing of it.
TRUSTED: Final = (
    _BOOSTER,
    "collections.OrderedDict",
    "collections.defaultdict",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMModel",
    "lightgbm.sklearn.LGBMRanker",
    "lightgbm.sklearn.LGBMRegressor",
)


class LightgbmFlavor:
    """Write and read LightGBM models; the option is ``serialization_format``, for estimators."""

    name = NAME

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
        """Put `model` into `folder` as ``model.lgb``, ``model.skops`` or ``model.pkl``."""
        lgb = library("lightgbm", extra=NAME)
        form = str(options.get("serialization_format") or default_format())
        trusted = sorted({*TRUSTED, *(options.get("skops_trusted_types") or ())})
        check_format(form)
        if isinstance(model, lgb.Booster):
            file, needed = "model.lgb", frozenset({NAME})
            model.save_model(str(folder / file))
        elif isinstance(model, lgb.LGBMModel):
            file, needed = _write_estimator(model, folder, form)
        else:
            raise InvalidInput(f"A '{type(model).__name__}' is not a LightGBM model.")
        return Written(
            configuration={
                "code": None,
                "data": file,
                "lgb_version": lgb.__version__,
                "model_class": class_name(model),
                "serialization_format": form,
                # MLflow's loader wants the list in the file; ours has its own
                "skops_trusted_types": trusted if form == "skops" else None,
            },
            pyfunc={"loader_module": "mlflow.lightgbm", "data": file},
            distributions=("numpy", "scipy", *distributions_of(needed)),
        )

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Load the booster or estimator that `manifest` describes."""
        configuration = manifest.flavors[NAME]
        name = str(configuration.get("data", "model.lgb"))
        data = read_inside(folder, name)
        lgb = library("lightgbm", extra=NAME)
        if data.startswith(_TEXT):
            model = _read_booster(lgb, data, name)
        else:
            model = read_object(data, name, allow_code=allow_code, trusted=TRUSTED)
            if not isinstance(model, lgb.LGBMModel | lgb.Booster):
                raise CorruptData(name, f"it holds a '{type(model).__name__}', which is no LightGBM model")
        return Loaded(native=model, predict=_Predictor(model))


FLAVOR: Final = LightgbmFlavor()

#: How the text of a booster begins.
_TEXT: Final = b"tree"


def default_format() -> str:
    """Return ``skops``, MLflow's default for estimators, where its package is installed."""
    return "skops" if importlib.util.find_spec("skops") else "cloudpickle"


def _write_estimator(model: Any, folder: Path, form: str) -> tuple[str, frozenset[str]]:
    file = "model.skops" if form == "skops" else "model.pkl"
    data = write_object(model, form)
    (folder / file).write_bytes(data)
    return file, modules_of(data, form, name=file) | {NAME, "sklearn"}


def _read_booster(lgb: Any, data: bytes, name: str) -> Any:
    try:
        return lgb.Booster(model_str=data.decode())
    except (lgb.basic.LightGBMError, UnicodeDecodeError) as error:
        raise CorruptData(name, f"LightGBM cannot read it ({error})") from error


@dataclass(frozen=True, slots=True)
class _Predictor:
    """Call the model, which takes no parameters here. A class, so that it can be pickled."""

    model: Any

    def __call__(self, data: Any, _: Mapping[str, Any]) -> Any:
        return self.model.predict(data)
