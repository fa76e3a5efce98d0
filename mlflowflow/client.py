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


class MlflowClient(TrackingClient, RegistryClient):
    """Experiments, runs, artifacts and registered models, everything by explicit ids and names."""

    def __init__(
        self, tracking_uri: str | Path | None = None, registry_uri: str | Path | None = None
    ) -> None:
        """Use these stores, by default the current ones; a registry not named is in the tracking store."""
        TrackingClient.__init__(self, tracking_uri)
        RegistryClient.__init__(self, registry_uri if registry_uri is not None else tracking_uri)
