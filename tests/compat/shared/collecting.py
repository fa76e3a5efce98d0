"""What the scripts report with: each line that `collect` prints is compared between the two libraries.

Scripts report plain values: numbers, texts, lists, dicts, tables. Of an entity they name the fields that
are meant (`fields`), of what differs by its nature (ids, times, places) the `kind`, of a call that is
refused what a program can tell about the refusal (`refusal`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

MARK = "\x1ecollected "


def collect(name: str, value: Any) -> None:
    """Report `value` under `name`."""
    print(MARK + json.dumps({"name": name, "value": plain(value)}), flush=True)


def fields(entity: Any, *names: str) -> dict[str, Any]:
    """Return the named attributes of an entity."""
    return {name: plain(getattr(entity, name)) for name in names}


def kind(value: Any) -> str:
    """Return the name of what `value` is, where the value itself must differ."""
    for one in (bool, int, float, str, list, dict):
        if isinstance(value, one):
            return one.__name__
    return type(value).__name__


def refusal(call: Any, *args: Any, **kwargs: Any) -> Any:
    """Return how a call was refused, or what it returned if it was not."""
    import mlflow

    try:
        return {"returned": plain(call(*args, **kwargs))}
    except mlflow.exceptions.MlflowException as error:
        return {"error_code": error.error_code, "http": error.get_http_status_code()}
    except Exception:  # noqa: BLE001 - which class of Python's it is is not promised
        return {"error": True}


def plain(value: Any) -> Any:
    """Return `value` as JSON can say it."""
    for kinds, convert in _PLAIN:
        if isinstance(value, kinds):
            return convert(value)
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return {"columns": sorted(map(str, value.columns)), "rows": plain(value.to_dict(orient="records"))}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    raise TypeError(f"Report the fields of a {type(value).__name__}, not the object itself.")


_PLAIN: Any = (
    ((bool, type(None)), lambda value: value),
    (str, str),
    (int, int),
    (float, lambda value: float(value) if math.isfinite(value) else repr(float(value))),
    (Mapping, lambda value: {str(key): plain(one) for key, one in value.items()}),
    ((list, tuple), lambda value: [plain(one) for one in value]),
    ((set, frozenset), lambda value: sorted(plain(one) for one in value)),
)
