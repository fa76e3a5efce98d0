"""Runs as commands print them: a line each for people, JSON values for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlflowflow.cli.render import duration, print_table
from mlflowflow.clock import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.run import Run

_HEADINGS: Final = ("run", "name", "status", "started", "took", "metrics")


def print_runs(found: Sequence[Run], *, empty: str) -> None:
    """Print a line per run: state, time, and its first metrics."""
    print_table(_HEADINGS, [_row(run) for run in found], empty=empty)


def _row(run: Run) -> tuple[str, ...]:
    metrics = ", ".join(f"{key}={value:.4g}" for key, value in sorted(run.data.metrics.items())[:4])
    info = run.info
    took = duration(info.start_time, info.end_time)
    return (info.run_id, info.run_name, info.status.value, moment(info.start_time), took, metrics)


def run_to_json(run: Run) -> dict[str, Any]:
    """Return a run as JSON values; times in milliseconds."""
    info = run.info
    return {
        "run_id": info.run_id,
        "run_name": info.run_name,
        "experiment_id": info.experiment_id,
        "status": info.status.value,
        "user_id": info.user_id,
        "start_time": info.start_time,
        "end_time": info.end_time,
        "lifecycle_stage": info.lifecycle_stage.value,
        "artifact_uri": info.artifact_uri,
        "params": dict(run.data.params),
        "metrics": dict(run.data.metrics),
        "tags": dict(run.data.tags),
    }
