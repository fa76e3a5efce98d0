"""What several tables have in common: how MLflow is run, and the runs that are searched and looked at."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from benchmarks.benchmark import Step

#: The environment that MLflow is installed in.
MLFLOW: Final = "mlflow"
#: The database of a contender that begins with an empty one.
SQLITE: Final = "sqlite:///{folder}/mlflow.db"
MLFLOW_ENVIRON: Final = MappingProxyType({"MLFLOW_DISABLE_TELEMETRY": "true", "GIT_PYTHON_REFRESH": "quiet"})
#: MLflow's file store refuses to start without this.
MLFLOW_FILES_ENVIRON: Final = MappingProxyType({**MLFLOW_ENVIRON, "MLFLOW_ALLOW_FILE_STORE": "true"})

_SMALL: Final = MappingProxyType({"count": 200})


def our_runs(count: int) -> Step:
    """Make a store of `count` runs."""
    return Step(program="ours_fill_runs", arguments={"folder": "{data}", "count": count}, small=_SMALL)


def mlflow_runs(count: int) -> Step:
    """Make a database of MLflow with the same `count` runs."""
    return Step(program="mlflow_fill_runs", arguments={"folder": "{data}", "count": count}, small=_SMALL)
