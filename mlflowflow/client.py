"""MLflow's low-level client, over the store itself: `MlflowClient`.

Its two halves live where their subjects are, in :mod:`mlflowflow.tracking.client` and
:mod:`mlflowflow.registry.client`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.registry.client import RegistryClient
from mlflowflow.tracking.client import TrackingClient

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MlflowClient"]


class MlflowClient(TrackingClient, RegistryClient):
    """Experiments, runs, artifacts and registered models, everything by explicit ids and names.

    >>> client = MlflowClient()
    >>> run_id = client.create_run("0", run_name="baseline").info.run_id
    >>> client.log_metric(run_id, "loss", 0.5)
    >>> client.set_terminated(run_id)
    >>> [run.info.run_name for run in client.search_runs(["0"], "metrics.loss < 1")]
    ['baseline']
    >>> client.create_registered_model("wine").name
    'wine'
    """

    def __init__(
        self, tracking_uri: str | Path | None = None, registry_uri: str | Path | None = None
    ) -> None:
        """Use these stores, by default the current ones; a registry not named is in the tracking store."""
        TrackingClient.__init__(self, tracking_uri)
        RegistryClient.__init__(self, registry_uri if registry_uri is not None else tracking_uri)
