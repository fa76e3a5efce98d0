"""How registered models and their versions look in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mlflowflow.clock import moment
from mlflowflow.tracking.views.notebook import pairs, table

if TYPE_CHECKING:
    from mlflowflow.registry.version import ModelVersion, RegisteredModel


def version_html(version: ModelVersion) -> str:
    """Return a version as HTML: where it came from, who points to it, what it takes and returns."""
    facts = {
        "address": version.uri,
        "stage": version.current_stage,
        "aliases": ", ".join(version.aliases) or "-",
        "registered": moment(version.creation_time),
        "run": version.run_id or "-",
        "source": version.source,
        "digest": version.digest or "-",
        "signature": version.signature or "-",
        "description": version.description or "-",
    }
    head = f"<div><strong>{escape(version.name)} {version.version}</strong>"
    return f"{head}{pairs('', facts)}{pairs('tags', version.tags)}</div>"


def model_html(model: RegisteredModel) -> str:
    """Return a model as HTML: a line per version, the newest first."""
    rows = [
        [
            str(version.version),
            escape(version.current_stage),
            escape(", ".join(version.aliases)),
            moment(version.creation_time),
            escape(version.run_id or ""),
        ]
        for version in reversed(model.versions)
    ]
    versions = table(["version", "stage", "aliases", "registered", "run"], rows)
    return f"<div><strong>{escape(model.name)}</strong> {escape(model.description or '')}{versions}</div>"
