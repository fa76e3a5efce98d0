"""Flavors: one library's way of writing a model into a folder and reading it back.

Built in are those of the table below; an installed package adds its own under the entry point
group ``mlflowflow.flavors`` (the entry point's name is the flavor's, its object is a `Flavor`).
A built-in name cannot be taken over. The package's functions for users hand what is common on to
`mlflowflow.models.saving`::

    [project.entry-points."mlflowflow.flavors"]      # in the package's pyproject.toml
    words = "words_flavor:FLAVOR"

    def log_model(model, prefix="", **common):       # in its module, beside FLAVOR
        return saving.log("words", model, {"prefix": prefix}, **common)
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from mlflowflow.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest
    from mlflowflow.models.signature import ModelSignature

#: The entry point group of installed flavors.
GROUP: Final = "mlflowflow.flavors"


#: The flavor that every model has which can predict: what has a flavor of its own is loaded by that.
_GENERIC: Final = "python_function"


def _no_facts() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a flavor put into a folder.

    `configuration` is its own section of the MLmodel file and `pyfunc` its part of the
    ``python_function`` section (`loader_module`, `model_path` and what else MLflow needs to load
    the model), None for a model that cannot predict; `distributions` are the packages it takes to
    load it. A flavor whose models say themselves what they take gives a `signature`; `facts` are further
    keys of the MLmodel file.
    """

    configuration: Mapping[str, Any]
    pyfunc: Mapping[str, Any] | None
    distributions: tuple[str, ...]
    signature: ModelSignature | None = None
    facts: Mapping[str, Any] = field(default_factory=_no_facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model in memory: the library's own object, and how to ask it for predictions.

    `predict` is given data in the form of the model's signature and the parameters by name. A model
    that reads its files later too `needs_folder`: the folder then lives as long as the model. `stream`
    is the predict that yields its answer piece by piece, and `configuration` what the model was
    configured with, both of models that have them.
    """

    native: Any
    predict: Callable[[Any, Mapping[str, Any]], Any]
    needs_folder: bool = False
    stream: Callable[[Any, Mapping[str, Any]], Any] | None = None
    configuration: Mapping[str, Any] = field(default_factory=_no_facts)


@runtime_checkable
class Flavor(Protocol):
    """Write and read the models of one library."""

    @property
    def name(self) -> str:
        """The flavor's name in MLmodel files."""
        ...

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
        """Put `model` into the existing `folder`. Raises `InvalidInput` for what is not its kind of model."""
        ...

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Load the model that `manifest` describes from `folder`, whose files have been verified.

        Everything is read before this returns, unless the model says that it `needs_folder`. With
        `allow_code` False, `UnsafeModel` is raised for whatever could run code, judged by the
        bytes and not by what the manifest says.
        """
        ...


#: Where the built-in flavors are, as ``module:object``; imported when they are used.
_BUILT_IN: Final = {
    **{
        name: f"mlflowflow.models.flavors.{name}:FLAVOR"
        for name in ("keras", "lightgbm", "onnx", "pytorch", "sklearn", "xgboost")
    },
    _GENERIC: "mlflowflow.models.flavors.pyfunc:FLAVOR",
}


def find_flavor(names: Iterable[str]) -> Flavor:
    """Return the first known flavor of `names`, the flavors a model has.

    Raises `NotFound` if none is known here.

    >>> find_flavor(["python_function", "sklearn"]).name
    'sklearn'
    """
    wanted = sorted(names, key=lambda name: name == _GENERIC)
    for name in wanted:
        if name in _BUILT_IN:
            module, _, attribute = _BUILT_IN[name].partition(":")
            return _checked(name, getattr(importlib.import_module(module), attribute))
        for point in entry_points(group=GROUP, name=name):
            return _checked(name, point.load())
    known = sorted({*_BUILT_IN, *(point.name for point in entry_points(group=GROUP))})
    raise NotFound(
        "flavor",
        ", ".join(wanted) or "(none)",
        hint=f"Known here are {', '.join(known)}; a package can add others as entry points of '{GROUP}'.",
    )


def _checked(name: str, flavor: object) -> Flavor:
    if not isinstance(flavor, Flavor):
        raise InvalidInput(f"The entry point '{name}' of '{GROUP}' gives {flavor!r}; expected a Flavor.")
    return flavor
