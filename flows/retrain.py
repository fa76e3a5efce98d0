"""The retraining flow: the pipeline ``retrain`` of a project, compiled.

The project is the folder that ``MLFLOWFLOW_PROJECT`` names, else the bundled example; the cluster is
what ``MLFLOWFLOW_CLUSTER`` says, as ``mlff run --cluster`` does.
"""

from __future__ import annotations

from pathlib import Path

from mlflowflow.config import Settings
from mlflowflow.orchestration.cluster import parse_cluster
from mlflowflow.orchestration.compile import compile_flow
from mlflowflow.projects.spec import load_project

EXAMPLE = Path(__file__).parents[1] / "examples" / "digits"
SETTINGS = Settings.from_environ()

retrain = compile_flow(
    load_project(SETTINGS.project or EXAMPLE), "retrain", cluster=parse_cluster(SETTINGS.cluster)
)
