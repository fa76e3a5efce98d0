"""Where this library answers otherwise than MLflow on purpose: which script, which value, and why.

A deviation that no longer exists fails the tests too, so the table stays true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Script → pattern of a value's path (as `fnmatch` reads it) → reason.
DEVIATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "experiments.py": {
        "rename to taken.error_code": "a taken name has one error code, however it is met",
    },
    "logged_models.py": {
        "bad status.*": "a wrong status is our error, not a bare Exception",
        "status = 'READY'": "the status is compared by its name; MLflow compares it with a number, so nothing is found",
    },
    "metrics.py": {
        "values?[23]?.*": "what is no number is always our error, never Python's own TypeError",
    },
    "registry.py": {
        "versions source_path*": "a copy names the files themselves, so it outlives what it was copied from",
    },
    "runs.py": {
        "as dict": "outputs are always there, if only empty",
        "bad id.*": "an id is looked for, whatever it looks like; no run has this one",
        "log to deleted.*": "a log call never asks how the run stands: it takes microseconds",
        "other parent.*": "wrong arguments are the caller's mistake (400), not the server's (500)",
        "param of deleted.*": "as with metrics",
        "second.*": "a refused start is one of our errors, not a bare Exception",
    },
    "tags.py": {"tags.second": "every tag is text, also one that start_run was given as None"},
}
