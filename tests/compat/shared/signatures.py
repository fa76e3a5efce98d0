"""Print the signatures of MLflow's public functions and of its client as JSON, for the tests to compare."""

from __future__ import annotations

import inspect
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What stands for a default that JSON cannot say.
OTHER = "<other>"


def signatures(owner: Any, names: Sequence[str]) -> dict[str, list[list[Any]] | None]:
    """Return of each name its arguments as name, kind and default; None where there is no such callable."""
    return {
        name: _signature(inspect.getattr_static(owner, name, None) or getattr(owner, name, None))
        for name in names
    }


def _signature(found: Any) -> list[list[Any]] | None:
    if not callable(found):
        return None
    return [
        [one.name, one.kind.name, _default(one.default)]
        for one in inspect.signature(found).parameters.values()
    ]


def _default(value: Any) -> Any:
    if value is inspect.Parameter.empty:
        return "<none>"
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    return int(value) if isinstance(value, int) else OTHER


if __name__ == "__main__":
    import mlflow

    wanted = json.loads(sys.argv[1])
    found = {
        "fluent": signatures(mlflow, wanted["fluent"]),
        "client": signatures(mlflow.MlflowClient, wanted["client"]),
    }
    print(json.dumps(found))
