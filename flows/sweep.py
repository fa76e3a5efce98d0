"""The sweep flow: the sweep ``tune`` of a project, compiled. See ``flows/retrain.py`` for its settings."""

from __future__ import annotations

from pathlib import Path

from mlflowflow.config import Settings
from mlflowflow.orchestration.cluster import parse_cluster
from mlflowflow.orchestration.compile import compile_flow
from mlflowflow.projects.spec import load_project

EXAMPLE = Path(__file__).parents[1] / "examples" / "digits"
SETTINGS = Settings.from_environ()

sweep = compile_flow(
    load_project(SETTINGS.project or EXAMPLE), "tune", cluster=parse_cluster(SETTINGS.cluster)
)
