"""A lineage as lines for people and as a value for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.clock import iso
from mlflowflow.registry.change import to_json

if TYPE_CHECKING:
    from mlflowflow.lineage.trace import Lineage
    from mlflowflow.tracking.run import Run


def lines(lineage: Lineage) -> list[str]:
    """Return the way from data to decisions, a line each, what came first above."""
    version = lineage.version
    data = [f"data      {each.name}  digest {each.digest}  from {each.source_type}" for each in lineage.data]
    around = [f"within    {_named(each)}" for each in reversed(lineage.parents)]
    run = [f"run       {_named(lineage.run)}"] if lineage.run else [f"run       {version.run_id or '-'}"]
    model = [f"model     {version.model_id}"] if version.model_id else []
    copied = [f"copy of   {version.copied_from}"] if version.copied_from else []
    decided = [
        f"decision  {each.seq}  {iso(each.at_us)}  {each.actor}  {each.change.kind}"
        for each in lineage.decisions
    ]
    return [*data, *around, *run, *model, *copied, f"version   {version.uri}", *decided]


def to_value(lineage: Lineage) -> dict[str, Any]:
    """Return the lineage as JSON can say it."""
    version = lineage.version
    return {
        "version": version.uri,
        "source": version.source,
        "digest": version.digest,
        "data": [each.to_dictionary() for each in lineage.data],
        "run_id": version.run_id,
        "parents": [each.info.run_id for each in lineage.parents],
        "model_id": version.model_id,
        "copied_from": version.copied_from,
        "decisions": [
            {
                "model": each.model,
                "seq": each.seq,
                "at": iso(each.at_us),
                "actor": each.actor,
                "change": to_json(each.change),
            }
            for each in lineage.decisions
        ],
    }


def _named(run: Run) -> str:
    return f"{run.info.run_id}  {run.info.run_name}"
