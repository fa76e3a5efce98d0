"""Python objects as bytes: pickles of two kinds, and skops archives.

`cloudpickle` is the default of flavors that write objects: it needs no further package and takes
functions defined in a notebook. `skops` (the extra of that name) writes archives that load without
running code as long as they hold nothing but types known to be harmless; which types those are is
decided here at loading, never by a list that came with the model.
"""

from __future__ import annotations

import logging
import pickle
import zipfile
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput, MissingExtra, NotFound, UnsafeModel
from mlflowflow.models.safety import Parser, modules_named, parser_of, refuse_code

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_LOG: Final = logging.getLogger(__name__)

FORMATS: Final = ("cloudpickle", "pickle", "skops")


def check_format(form: str) -> None:
    """Raise `InvalidInput` for a format that is none of `FORMATS`."""
    if form not in FORMATS:
        raise InvalidInput(f"'{form}' is not a serialization format; expected one of {', '.join(FORMATS)}.")


def write_object(model: Any, form: str) -> bytes:
    """Return `model` in the format `form`. Raises `MissingExtra` for ``skops`` without its package."""
    return _WRITERS[form](model)


def write_safest(model: Any, trusted: Collection[str] = ()) -> tuple[str, bytes]:
    """Return `model` in the safest format that it loads from here and now, and what that is called.

    That is ``skops`` if its package is installed and the archive holds only types that it, or the caller
    by `trusted`, knows to be harmless; else ``cloudpickle``.
    """
    try:
        skops = _skops()
        data = bytes(skops.dumps(model))
        if set(skops.get_untrusted_types(data=data)) <= set(trusted):
            skops.loads(data, trusted=list(trusted))
            return "skops", data
    except MissingExtra:
        pass
    except Exception as error:  # noqa: BLE001 - what skops cannot write, it says in many ways
        _LOG.info("skops cannot keep a '%s' (%s); it is pickled.", type(model).__name__, error)
    return "cloudpickle", write_object(model, "cloudpickle")


def modules_of(data: bytes, form: str, *, name: str) -> frozenset[str]:
    """Return the top-level modules it takes to read `data`, which `write_object` returned."""
    if form == "skops":
        return frozenset({"skops"})
    return modules_named(data, name=name) | (
        frozenset({"cloudpickle"}) if form == "cloudpickle" else frozenset()
    )


def read_object(data: bytes, name: str, *, allow_code: bool, trusted: Collection[str] = ()) -> Any:
    """Return the object in `data`, whatever its format; errors name the file `name`.

    `trusted` are types, by their dotted names, that the caller knows to be harmless in an archive.

    Raises `UnsafeModel` if it could run code and `allow_code` is False.
    """
    match parser_of(data):
        case Parser.SKOPS:
            return _read_skops(data, name, allow_code=allow_code, trusted=trusted)
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


def _read_skops(data: bytes, name: str, *, allow_code: bool, trusted: Collection[str]) -> Any:
    skops = _skops()
    try:
        found: list[str] = skops.get_untrusted_types(data=data)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise CorruptData(name, f"it is not a skops archive ({error})") from error
    unknown = [one for one in found if one not in trusted]
    if unknown and not allow_code:
        raise UnsafeModel(
            f"'{name}' holds objects of the types {', '.join(unknown)}, which are not known to be harmless, "
            "and allow_code is False. Load it with allow_code=True if you trust whoever wrote it."
        )
    return skops.loads(data, trusted=found)


def _write_cloudpickle(model: Any) -> bytes:
    import cloudpickle

    return bytes(cloudpickle.dumps(model))


def _write_skops(model: Any) -> bytes:
    return bytes(_skops().dumps(model))


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
