"""What a PyTorch exported program may do to the process that loads it.

A ``.pt2`` file looks like data, and PyTorch's loader still gives its author three ways to run code:
records that are unpickled without restraint, expressions over sizes that are evaluated as Python, and
nodes whose operator is looked up anywhere in `torch`. A program is taken for restricted only if its
records are numbers, JSON, short words or tensors that PyTorch's own restricted unpickler accepts, if
every expression is arithmetic over symbols, and if every operator is one of ATen's. All else is code.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.models.safety import FormatClass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORDS: Final = frozenset({"archive_format", "archive_version", "byteorder", "serialization_id", "version"})
#: No pickle is this short and of these letters only.
_WORD: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}\n?")
_CONFIG: Final = re.compile(r"(?:^|.*/)data/(?:weights|constants)/[^/]+_config\.json")
_RAW: Final = ("weight_", "tensor_")
#: PyTorch before 2.10 has a restricted unpickler that is known not to hold.
_HOLDS_FROM: Final = (2, 10)

_TARGET: Final = re.compile(
    r"torch\.ops\.aten\.\w+(?:\.\w+)?"
    r"|_operator\.(?:add|sub|mul|truediv|floordiv|mod|neg|pow|eq|ne|lt|le|gt|ge|and_|or_|not_|getitem)"
    r"|math\.(?:ceil|floor|trunc|sqrt)"
    r"|torch\.sym_(?:int|float|ite|max|min|not|sqrt|sum)"
)
#: Arithmetic over symbols: functions by name, but no dots, brackets, strings or dunders.
_SYMBOL: Final = re.compile(r"Symbol\('[a-zA-Z]\w{0,30}'(?:, (?:positive|integer|nonnegative|real)=True)*\)")
_CALL: Final = re.compile(
    r"\b(?:Integer|Float|Rational|Add|Mul|Pow|Mod|Max|Min|FloorDiv|CleanDiv|CeilDiv|PythonMod|ModularIndexing"
    r"|IntTrueDiv|FloatTrueDiv|TruncToInt|ToFloat|CeilToInt|FloorToInt|Eq|Ne|Lt|Le|Gt|Ge|And|Or|Not|Where"
    r"|StrictLessThan|LessThan|StrictGreaterThan|GreaterThan|Equality|Un(?:equality))\("
)
_REST: Final = re.compile(r"(?:[\d\s(),+*/<>=&|~-]|\bTrue\b|\bFalse\b|\boo\b|\bint_oo\b|\bs\d+\b|\bu\d+\b)*")


def class_of_program(data: bytes, torch: Any) -> FormatClass:
    """Say what loading the exported program `data` can do; `torch` is the library that will load it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            harmless = _holds(torch.__version__) and all(
                _harmless(archive, name, torch.load) for name in _pickled_or_text(archive)
            )
    except (zipfile.BadZipFile, ValueError, KeyError, RecursionError, NotImplementedError):
        return FormatClass.CODE
    return FormatClass.RESTRICTED if harmless else FormatClass.CODE


def _holds(version: str) -> bool:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= _HOLDS_FROM


def _pickled_or_text(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield the records that are not the plain bytes of a tensor. Raises ValueError for ambiguous names."""
    names = [one.filename for one in archive.infolist() if not one.is_dir()]
    if len(set(names)) != len(names):
        raise ValueError("an archive with two records of one name has two contents")
    raw = set(_raw_records(archive, names))
    return (name for name in names if name not in raw)


def _raw_records(archive: zipfile.ZipFile, names: list[str]) -> set[str]:
    raw: set[str] = set()
    pickled: set[str] = set()
    for name in names:
        if not _CONFIG.fullmatch(name):
            continue
        folder = name.rpartition("/")[0]
        for entry in json.loads(archive.read(name))["config"].values():
            path = str(entry["path_name"])
            plain = entry.get("use_pickle") is False and path.startswith(_RAW) and "/" not in path
            (raw if plain else pickled).add(f"{folder}/{path}")
    return raw - pickled


def _harmless(archive: zipfile.ZipFile, name: str, load: Callable[..., Any]) -> bool:
    content = archive.read(name)
    if name.rpartition("/")[2] in _WORDS and _WORD.fullmatch(content):
        return True
    if name.endswith(".json"):
        return _harmless_tree(json.loads(content))
    try:
        load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:  # noqa: BLE001 - whatever the restricted unpickler minds, it is not harmless
        return False
    return True


def _harmless_tree(tree: Any) -> bool:
    """Look at every operator and every expression of a program, wherever in the tree it is."""
    if isinstance(tree, dict):
        return all(_harmless_entry(key, value) for key, value in tree.items())
    if isinstance(tree, list):
        return all(_harmless_tree(one) for one in tree)
    return True


def _harmless_entry(key: str, value: Any) -> bool:
    if key == "target" and isinstance(value, str):
        return _TARGET.fullmatch(value) is not None
    if key == "expr_str":
        return isinstance(value, str) and is_arithmetic(value)
    if key in ("as_custom_obj", "custom_obj_values", "as_operator", "as_string_to_argument"):
        return not value
    return _harmless_tree(value)


def is_arithmetic(expression: str) -> bool:
    """Answer whether an expression over sizes computes with numbers and symbols and does nothing else.

    >>> is_arithmetic("2*Symbol('s77', positive=True, integer=True) + 1")
    True
    >>> is_arithmetic("__import__('os').system('true')")
    False
    """
    rest = _CALL.sub("(", _SYMBOL.sub("0", expression))
    return _REST.fullmatch(rest) is not None
