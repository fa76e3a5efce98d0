"""What is known of a model without loading it, under MLflow's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.models.manifest import Manifest
    from mlflowflow.models.signature import ModelSignature
    from mlflowflow.tracking.logged.model import LoggedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A model's address, what its MLmodel file says, and the logged model it belongs to, if any.

    `registered_model_version` is the version that `log_model` registered, if it was asked to.
    """

    model_uri: str
    manifest: Manifest
    registered_model_version: int | None = None
    logged_model: LoggedModel | None = None

    @property
    def run_id(self) -> str | None:
        """The run that logged the model."""
        return self.manifest.run_id

    @property
    def artifact_path(self) -> str | None:
        """Where the model's files are."""
        return self.manifest.artifact_path

    @property
    def model_uuid(self) -> str | None:
        """The model's own id, kept wherever it is copied."""
        return self.manifest.model_uuid

    @property
    def model_id(self) -> str | None:
        """The id of the logged model."""
        return self.manifest.model_id

    @property
    def name(self) -> str | None:
        """What the logged model is called."""
        return None if self.logged_model is None else self.logged_model.name

    @property
    def params(self) -> dict[str, str] | None:
        """The parameters of the logged model."""
        return None if self.logged_model is None else dict(self.logged_model.params)

    @property
    def tags(self) -> dict[str, str] | None:
        """The tags of the logged model."""
        return None if self.logged_model is None else dict(self.logged_model.tags)

    @property
    def metrics(self) -> Any:
        """What the logged model was measured with, as far as anybody looked."""
        return None if self.logged_model is None else self.logged_model.metrics

    @property
    def creation_timestamp(self) -> int | None:
        """When the logged model was created, in milliseconds since 1970 UTC."""
        return None if self.logged_model is None else self.logged_model.creation_timestamp

    @property
    def flavors(self) -> Mapping[str, Mapping[str, Any]]:
        """Each flavor with what it needs to load the model."""
        return self.manifest.flavors

    @property
    def signature(self) -> ModelSignature | None:
        """What the model takes and returns."""
        return self.manifest.signature

    @property
    def saved_input_example_info(self) -> Mapping[str, Any] | None:
        """Where the input example is and how it is written."""
        return self.manifest.saved_input_example_info

    @property
    def metadata(self) -> Mapping[str, Any] | None:
        """What the caller attached to the model."""
        return self.manifest.metadata

    @property
    def utc_time_created(self) -> str | None:
        """When the model was saved, in UTC."""
        return self.manifest.utc_time_created

    @property
    def mlflow_version(self) -> str | None:
        """The MLflow that saved the model; None for one saved here."""
        return self.manifest.mlflow_version

    @property
    def env_vars(self) -> Any:
        """Names of environment variables that the model reads, if it says so."""
        return self.manifest.extra.get("env_vars")

    @property
    def prompts(self) -> Any:
        """Always what the file says: prompts are no part of this library."""
        return self.manifest.extra.get("prompts")
