"""``mlff models``: look at registered models, change them, follow where they came from, and roll back."""

from __future__ import annotations

from mlflowflow.cli.models.change import copy, delete, download, register, rename, stage, tag
from mlflowflow.cli.models.group import models
from mlflowflow.cli.models.trace import diff, lineage, watch

__all__ = ["models"]

for command in (register, stage, tag, copy, rename, delete, download, diff, lineage, watch):
    models.add_command(command)
