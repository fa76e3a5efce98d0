"""`mlflowflow.autolog`: all libraries at once, those that are imported and those that will be.

A library is named by the module whose import switches it on. Built in are those of the table below;
an installed package adds its own under the entry point group ``mlflowflow.autologging``: the entry
point's name is the library's module, its object a function like those of the table.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.imports import IMPORTS
from mlflowflow.autologging.options import Options
from mlflowflow.autologging.switchboard import SWITCHBOARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: The entry point group of installed integrations.
GROUP: Final = "mlflowflow.autologging"

#: The libraries' modules, and where the ``autolog`` of each is, as ``module:function``.
_BUILT_IN: Final = {
    "keras": "mlflowflow.keras:autolog",
    "lightgbm": "mlflowflow.lightgbm:autolog",
    "lightning": "mlflowflow.pytorch:autolog",
    "pytorch_lightning": "mlflowflow.pytorch:autolog",
    "sklearn": "mlflowflow.sklearn:autolog",
    "xgboost": "mlflowflow.xgboost:autolog",
}


def autolog(
    log_input_examples: bool = False,
    log_model_signatures: bool = True,
    log_models: bool = True,
    log_datasets: bool = True,
    log_traces: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,
    silent: bool = False,
    extra_tags: dict[str, str] | None = None,
    exclude_flavors: list[str] | None = None,
) -> None:
    """Log what libraries train without being asked, from now on or from when they are imported.

    A training goes to the active run, or to a run made for it and ended with it. What goes wrong
    while logging is told and does not reach the training. A library whose own ``autolog`` was called
    keeps what was said there.

    Args:
        log_input_examples: Keep the first five rows beside each model.
        log_model_signatures: Keep what each model takes and returns.
        log_models: Keep the trained models.
        log_datasets: Name what a model was trained on as an input of the run.
        log_traces: Accepted, for there is nothing here that makes traces.
        disable: Log nothing any more.
        exclusive: Log to runs made for the purpose only, not to those a script started.
        disable_for_unsupported_versions: Leave out releases of libraries that were never tried.
        silent: Say nothing, neither notes nor warnings.
        extra_tags: Tags of the runs that are made.
        exclude_flavors: Libraries to leave out, such as ``["xgboost"]``.

    Raises `InvalidInput` for an argument of the wrong type.

    >>> autolog(silent=True, exclude_flavors=["keras", "lightgbm", "pytorch", "xgboost"])
    >>> autolog(disable=True)
    """
    wishes = {
        "log_input_examples": log_input_examples,
        "log_model_signatures": log_model_signatures,
        "log_models": log_models,
        "log_datasets": log_datasets,
        "disable": disable,
        "exclusive": exclusive,
        "disable_for_unsupported_versions": disable_for_unsupported_versions,
        "silent": silent,
        "extra_tags": extra_tags,
    }
    Options(**wishes)  # type: ignore[arg-type] # it refuses what cannot be used, before anything is changed
    del log_traces
    for library, place in _wanted(exclude_flavors or ()):
        IMPORTS.forget(library)
        if disable and library not in sys.modules:
            continue
        IMPORTS.when_imported(library, _switching(library, place, wishes))


def _wanted(excluded: Iterable[str]) -> list[tuple[str, str]]:
    """Return the libraries' modules with the places of their functions, without the flavors `excluded`."""
    left_out = set(excluded)
    installed = {point.name: point.value for point in entry_points(group=GROUP)}
    both = sorted({**installed, **_BUILT_IN}.items())
    return [(library, place) for library, place in both if not {library, _flavor(place)} & left_out]


def _flavor(place: str) -> str:
    return place.partition(":")[0].rpartition(".")[2]


def _switching(library: str, place: str, wishes: Mapping[str, Any]) -> Callable[[], None]:
    """Return what is to be done when a library is imported."""

    def switch_it() -> None:
        if SWITCHBOARD.is_by_itself(_flavor(place)):
            return  # its own autolog() was called, which knows better
        with Care(flavor=library, silent=bool(wishes["silent"])).attempt("begin"):
            module, _, name = place.partition(":")
            function = getattr(importlib.import_module(module), name)
            known = inspect.signature(function).parameters
            function(**{key: value for key, value in wishes.items() if key in known})
            SWITCHBOARD.mark_with_all(_flavor(place))

    return switch_it
