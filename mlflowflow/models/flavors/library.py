"""Libraries that flavors need and that not everybody has.

They are imported when a model of theirs is written or read, and never before: a machine without
them still lists, copies and verifies such models.
"""

from __future__ import annotations

import importlib
import inspect
import logging
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_logger = logging.getLogger(__name__)


def library(module: str, *, extra: str, package: str = "") -> Any:
    """Import `module`; `package` is what provides it, if that has another name.

    Raises `MissingExtra` naming the `extra` that installs it. A library that is there and fails to
    import for want of something else says so itself.

    >>> library("json", extra="none").loads("[1]")
    [1]
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        top = module.partition(".")[0]
        if error.name not in (module, top):
            raise
        name = package or top
        raise MissingExtra(name, extra=extra, purpose=f"A model of the flavor '{extra}'") from error


def accepted(function: Callable[..., Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return those `params` that `function` takes by name; a warning names the others.

    >>> accepted(lambda data, depth=1: data, {"depth": 2})
    {'depth': 2}
    """
    known = inspect.signature(function).parameters
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in known.values()):
        return dict(params)
    ignored = sorted(params.keys() - known.keys())
    if ignored:
        _logger.warning("The model does not know the parameters %s; they are ignored.", ", ".join(ignored))
    return {name: value for name, value in params.items() if name in known}


def class_name(model: object) -> str:
    """Return where the class of `model` is, as MLmodel files write it.

    >>> import fractions
    >>> class_name(fractions.Fraction(1))
    'fractions.Fraction'
    """
    return f"{type(model).__module__}.{type(model).__qualname__}"
