"""What may be logged: keys, lengths and types, checked before anything is accepted.

The limits are MLflow's, so that a run logged here can be served to or moved into MLflow. A value of
a param or tag that is too long is cut with a warning, as MLflow does by default: losing an hour of
training over a long string would be worse. A key that is too long is refused: cutting it could make
two keys one. What has no place on a number line (a bool, a string) is no metric value.
"""

from __future__ import annotations

import logging
import posixpath
import re
from decimal import Decimal
from functools import lru_cache
from numbers import Real
from typing import Any, Final

from mlflowflow.errors import InvalidInput

MAX_KEY_LENGTH: Final = 250
MAX_PARAM_LENGTH: Final = 6000
MAX_TAG_LENGTH: Final = 8000
MAX_EXPERIMENT_NAME_LENGTH: Final = 500

_KEY: Final = re.compile(r"[\w\-. :/]+")
_LOG: Final = logging.getLogger(__name__)


@lru_cache(maxsize=4096)  # a loop logs the same few keys a million times
def check_key(kind: str, key: Any) -> str:
    """Return `key` if it can name a `kind` ("metric", "param", "tag"). Raises `InvalidInput`.

    >>> check_key("metric", "val/rmse")
    'val/rmse'
    """
    if not isinstance(key, str):
        raise InvalidInput(f"The {kind} key {key!r} is a {type(key).__name__}; expected a string.")
    if _KEY.fullmatch(key) is None:
        raise InvalidInput(
            f"The {kind} key '{key}' has characters that cannot be used; "
            "expected letters, digits, underscores, dashes, dots, spaces, colons and slashes."
        )
    if not _is_plain_path(key):
        raise InvalidInput(
            f"The {kind} key '{key}' is not a plain relative path; write it without '.', '..' or "
            "empty parts, as in 'loss/train'."
        )
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidInput(
            f"The {kind} key '{key[:40]}…' has {len(key)} characters; at most {MAX_KEY_LENGTH} are allowed."
        )
    return key


def metric_value(key: str, value: Any) -> float:
    """Return a metric's `value` as a float; scalars of NumPy, PyTorch and the like are understood.

    Raises `InvalidInput` for bools, strings and whatever is not one number.

    >>> metric_value("loss", 3)
    3.0
    """
    if type(value) is float:  # nearly always, and the check below costs as much as writing the record
        return value
    number = value if isinstance(value, float) else _scalar(value)
    if isinstance(number, bool) or not isinstance(number, Real | Decimal):
        raise InvalidInput(
            f"The metric '{key}' was given {value!r}, a {type(value).__name__}; expected one number. "
            "Log flags and words as params or tags."
        )
    return float(number)


def integer(name: str, value: Any, *, least: int | None = None) -> int:
    """Return `value` as an int, at least `least`. Raises `InvalidInput` naming the argument `name`.

    >>> integer("step", 7)
    7
    """
    if type(value) is int and (least is None or value >= least):
        return value
    number = _scalar(value)
    if isinstance(number, bool) or not isinstance(number, int):
        raise InvalidInput(f"The {name} is {value!r}, a {type(value).__name__}; expected a whole number.")
    if least is not None and number < least:
        raise InvalidInput(f"The {name} is {number}; expected at least {least}.")
    return number


def param_value(key: str, value: object) -> str:
    """Return a param's `value` as text, cut to `MAX_PARAM_LENGTH`."""
    return _cut(str(value), kind="param", key=key, limit=MAX_PARAM_LENGTH)


def tag_value(key: str, value: object) -> str:
    """Return a tag's `value` as text, cut to `MAX_TAG_LENGTH`."""
    return _cut(str(value), kind="tag", key=key, limit=MAX_TAG_LENGTH)


def experiment_name(name: Any) -> str:
    """Return `name` if it can name an experiment. Raises `InvalidInput`."""
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput(f"An experiment's name must be a text that is not empty; found {name!r}.")
    if len(name) > MAX_EXPERIMENT_NAME_LENGTH:
        raise InvalidInput(
            f"The experiment name '{name[:40]}…' has {len(name)} characters; "
            f"at most {MAX_EXPERIMENT_NAME_LENGTH} are allowed."
        )
    return name


def _is_plain_path(key: str) -> bool:
    return posixpath.normpath(key) == key and key != "." and not key.startswith(("..", "/"))


def _scalar(value: Any) -> object:
    """Take the one number out of a NumPy or tensor scalar; return anything else as it is."""
    if isinstance(value, int):
        return value
    item = getattr(value, "item", None)
    if not callable(item):
        return value
    try:
        return item()
    except (TypeError, ValueError, RuntimeError):  # an array of several numbers; PyTorch says RuntimeError
        return value


def _cut(text: str, *, kind: str, key: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    _LOG.warning("The %s '%s' has %d characters; it is cut to %d.", kind, key, len(text), limit)
    return text[:limit]
