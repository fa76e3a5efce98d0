"""What ``fit`` was given: the data, the labels and the weights, by whatever names it takes them."""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.autologging.training import Call

_WEIGHT: Final = "sample_weight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The arguments of one call of ``fit``: `data`, `labels` and `weights`, None where there are none."""

    data: Any
    labels: Any = None
    weights: Any = None


def fitted_with(call: Call) -> Fitted:
    """Read the arguments off a call of ``fit``, ``fit_transform`` or ``fit_predict``.

    An estimator that is allowed to overwrite its data (``copy_X=False`` and the like) is given it
    anyhow; what is returned then is a copy, so that scores are those of the data as it was.
    """
    estimator, *args = call.args
    names = parameters_of(call.original)
    given = dict(zip(names, args, strict=False)) | call.kwargs
    data, labels = (given.get(name) for name in [*names, "X", "y"][:2])
    if _may_overwrite(estimator):
        data, labels = copy.deepcopy((data, labels))
    return Fitted(data=data, labels=labels, weights=given.get(_WEIGHT) if _WEIGHT in names else None)


def parameters_of(method: Callable[..., Any]) -> list[str]:
    """Return the names of a method's parameters without ``self`` and without ``*args`` and ``**kwargs``."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = inspect.signature(method).parameters.values()
    return [each.name for each in found if each.kind in kinds and each.name != "self"]


def takes_weights(method: Callable[..., Any]) -> bool:
    """Answer whether a method takes weights of its own."""
    return _WEIGHT in parameters_of(method)


def _may_overwrite(estimator: Any) -> bool:
    params = estimator.get_params(deep=True)
    return any(
        value is False and name.rpartition("__")[2].lower().startswith("copy")
        for name, value in params.items()
    )
