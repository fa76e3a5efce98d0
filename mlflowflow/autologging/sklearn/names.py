"""What a caller calls the data it passes: the name of the variable in the outermost frame.

MLflow names post-training metrics after it (``accuracy_score_X_test``), so scripts look for it.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import FrameType

#: The name of data that no variable holds.
UNKNOWN: Final = "unknown_dataset"
_OURS: Final = "mlflowflow.autologging"


def name_of(value: Any, fallback: str = UNKNOWN) -> str:
    """Return the name under which the code that was called first and got `value` from nobody holds it.

    >>> name_of([1, 2])
    'unknown_dataset'
    """
    frame = inspect.currentframe()
    while frame is not None and (_is_ours(frame) or _was_given(frame, value)):
        frame = frame.f_back
    if frame is None or value is None:
        return fallback
    names = (name for name, held in frame.f_locals.items() if held is value)
    return next(names, fallback)


def command_of(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, of: Any = None) -> str:
    """Write a call as code, with the caller's names of the arguments that are no scalars.

    `of` is the instance whose method `function` is; `args` are without it.

    >>> command_of(max, (1,), {"default": None})
    'max(1, default=None)'
    """
    named = _parameters(function, method=of is not None)
    texts = [
        f"{named[place]}={_text(arg)}" if place < len(named) else _text(arg) for place, arg in enumerate(args)
    ]
    texts += [f"{key}={_text(arg)}" for key, arg in kwargs.items()]
    owner = "" if of is None else f"{type(of).__name__}."
    return f"{owner}{function.__name__}({', '.join(texts)})"


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith(_OURS)


def _was_given(frame: FrameType, value: Any) -> bool:
    """Answer whether `value` is an argument of the function that runs in `frame`."""
    info = inspect.getargvalues(frame)
    given = [info.locals.get(name) for name in info.args]
    given += list(info.locals.get(info.varargs, ())) if info.varargs else []
    given += list(info.locals.get(info.keywords, {}).values()) if info.keywords else []
    return any(value is each for each in given)


def _parameters(function: Any, *, method: bool) -> list[str]:
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [each.name for each in found if each.kind in plain]
    return names[1:] if method and names[:1] == ["self"] else names


def _text(value: Any) -> str:
    if isinstance(value, str) and len(value) > 32:  # noqa: PLR2004 - enough to recognize it
        return repr(value[:32] + "...")
    if value is None or isinstance(value, str | bytes | int | float | complex):
        return repr(value)
    return name_of(value, f"<{type(value).__name__}>")
