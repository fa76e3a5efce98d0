"""The MLmodel file: what a model folder says about itself, as a value and as YAML.

The format is MLflow's, both ways. Keys this library does not use are kept in `Manifest.extra` and
written back, so a folder that passes through here loses nothing. No `mlflow_version` is invented:
it stays what the file said (MLflow reads a file without one), and ours is `mlflowflow_version`.

YAML is read and written by the rules of YAML 1.1, like MLflow's: by those of 1.2 a text such as
``yes`` would be written bare here and read as a truth there.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.signature import ModelSignature

#: The name of the file in a model folder.
MLMODEL: Final = "MLmodel"

#: The flavor every model that can predict has, whatever else it is.
PYFUNC: Final = "python_function"


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What one MLmodel file says, under MLflow's names.

    `flavors` maps each flavor to what it needs to load the model; `saved_input_example_info` says
    where the example is and how it is written; `extra` holds every key not named here. The trees
    inside the mappings are shared with whoever reads them and must not be changed.
    """

    flavors: Mapping[str, Mapping[str, Any]]
    signature: ModelSignature | None = None
    model_uuid: str | None = None
    model_id: str | None = None
    run_id: str | None = None
    artifact_path: str | None = None
    utc_time_created: str | None = None
    mlflow_version: str | None = None
    mlflowflow_version: str | None = None
    model_size_bytes: int | None = None
    saved_input_example_info: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    mlflowflow_safety: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        """Refuse an `extra` that hides a field."""
        hidden = sorted(self.extra.keys() & _KNOWN)
        if hidden:
            raise InvalidInput(f"The keys {', '.join(hidden)} of an MLmodel have fields of their own.")

    def to_yaml(self) -> str:
        """Write the MLmodel file: keys sorted, what is None left out."""
        known = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "extra"}
        tree = {key: value for key, value in known.items() if value is not None} | dict(self.extra)
        if self.signature is not None:
            tree["signature"] = self.signature.to_dict()
        return dump_yaml(tree)

    @classmethod
    def from_yaml(cls, text: str | bytes, *, key: str = MLMODEL) -> Manifest:
        """Read an MLmodel file. Raises `CorruptData` naming `key` for what is none."""
        tree = load_yaml(text, key=key)
        flavors = tree.get("flavors")
        if not isinstance(flavors, Mapping) or not all(isinstance(one, Mapping) for one in flavors.values()):
            raise CorruptData(key, "it lists no flavors")
        size = tree.get("model_size_bytes")
        return cls(
            flavors=MappingProxyType(
                {str(name): MappingProxyType(dict(one)) for name, one in flavors.items()}
            ),
            signature=_signature(tree, key),
            model_size_bytes=size if isinstance(size, int) else None,
            saved_input_example_info=_mapping(tree, "saved_input_example_info", key),
            metadata=_mapping(tree, "metadata", key),
            mlflowflow_safety=_mapping(tree, "mlflowflow_safety", key),
            extra=MappingProxyType({name: value for name, value in tree.items() if name not in _KNOWN}),
            **{name: _text(tree, name) for name in _TEXTS},
        )


_KNOWN: Final = frozenset(one.name for one in fields(Manifest)) - {"extra"}
_TEXTS: Final = (
    "model_uuid",
    "model_id",
    "run_id",
    "artifact_path",
    "utc_time_created",
    "mlflow_version",
    "mlflowflow_version",
)
_HEADER: Final = "%YAML 1.1\n---\n"


def dump_yaml(tree: Mapping[str, Any]) -> str:
    """Write a tree of plain values as YAML 1.1, keys sorted.

    >>> print(dump_yaml({"b": "yes", "a": 1}), end="")
    a: 1
    b: 'yes'
    """
    buffer = io.StringIO()
    _yaml().dump({key: _plain(tree[key]) for key in sorted(tree)}, buffer)
    return buffer.getvalue().removeprefix(_HEADER)


def load_yaml(text: str | bytes, *, key: str) -> dict[str, Any]:
    """Read YAML 1.1 that must be a mapping with names for keys. Raises `CorruptData` naming `key`."""
    try:
        tree = _yaml().load(text)
    except (YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise CorruptData(key, f"it is not YAML ({error})") from error
    if not isinstance(tree, dict) or not all(isinstance(name, str) for name in tree):
        raise CorruptData(key, "it is not a YAML mapping with names for keys")
    return tree


#: What MLflow's reader takes for a number, of all that YAML 1.1 may: a dot, and a sign in the exponent.
_FLOAT: Final = re.compile(r"(?!.*[eE]\d).*\..*")


class _Constructor(SafeConstructor):
    """Leave bare words that are text to MLflow's reader text: ``y``, ``n`` and ``12e3`` (a commit, say)."""

    def construct_yaml_bool(self, node: Any) -> Any:
        """Return the truth that a word means, or the letter."""
        word = str(self.construct_scalar(node))
        return word if len(word) == 1 else super().construct_yaml_bool(node)

    def construct_yaml_float(self, node: Any) -> Any:
        """Return the number that a word means, or the word."""
        word = str(self.construct_scalar(node))
        return super().construct_yaml_float(node) if _FLOAT.fullmatch(word) else word


_Constructor.add_constructor("tag:yaml.org,2002:bool", _Constructor.construct_yaml_bool)
_Constructor.add_constructor("tag:yaml.org,2002:float", _Constructor.construct_yaml_float)


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    yaml.version = (1, 1)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    return yaml


def _plain(value: Any) -> Any:
    """Thaw the mappings that a manifest freezes: YAML writes dictionaries."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return value


def _signature(tree: Mapping[str, Any], key: str) -> ModelSignature | None:
    found = _mapping(tree, "signature", key)
    if found is None or all(value is None for value in found.values()):
        return None
    try:
        return ModelSignature.from_dict(found)
    except (InvalidInput, RecursionError) as error:
        raise CorruptData(key, f"its signature cannot be understood: {error}") from error


def _mapping(tree: Mapping[str, Any], name: str, key: str) -> Mapping[str, Any] | None:
    found = tree.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise CorruptData(key, f"its '{name}' is not a mapping")
    return MappingProxyType(found)


def _text(tree: Mapping[str, Any], name: str) -> str | None:
    found = tree.get(name)
    return None if found is None else str(found)
