"""The half of `MlflowClient` that registers, in MLflow's words, over a `Catalog`.

What MLflow lacks (history, rollback, reading the past, idempotency keys) is on the catalog itself:
``client.catalog``. Renaming a model is not offered: its log and every address of it bear the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.registry.fluent import catalog_at
from mlflowflow.registry.search import search_models, search_versions
from mlflowflow.registry.version import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlflowflow.registry.version import ModelVersion, RegisteredModel


class RegistryClient:
    """Registered models, versions, stages and aliases. Versions may be given as int or as text."""

    def __init__(self, registry_uri: str | Path | None = None) -> None:
        """Talk to the registry at `registry_uri`, by default the current one."""
        self.catalog = catalog_at(registry_uri)

    # ---- models --------------------------------------------------------------------------------------------

    def create_registered_model(
        self, name: str, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> RegisteredModel:
        """Create a model without versions. Raises `AlreadyExists`."""
        return self.catalog.create_model(name, description=description or "", tags=tags)

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return a model with its versions and aliases. Raises `NotFound`."""
        return self.catalog.get_model(name)

    def update_registered_model(self, name: str, description: str | None = None) -> RegisteredModel:
        """Replace a model's description."""
        return self.catalog.describe_model(name, description or "")

    def delete_registered_model(self, name: str) -> None:
        """Delete a model with its versions and aliases; its history stays."""
        self.catalog.delete_model(name)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: Sequence[str] | None = None,
    ) -> list[RegisteredModel]:
        """Return the models that match, by name unless `order_by` says otherwise."""
        found = search_models(
            self.catalog.list_models(), filter_string=filter_string or "", order_by=order_by or ()
        )
        return found[:max_results]

    def set_registered_model_tag(self, name: str, key: str, value: object) -> None:
        """Set a tag of a model."""
        self.catalog.set_model_tag(name, key, str(value))

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag of a model."""
        self.catalog.delete_model_tag(name, key)

    # ---- aliases -------------------------------------------------------------------------------------------

    def set_registered_model_alias(self, name: str, alias: str, version: int | str) -> None:
        """Point an alias at a version, without a gate."""
        self.catalog.set_alias(name, alias, int(version))

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias."""
        self.catalog.delete_alias(name, alias)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version an alias points to. Raises `NotFound`."""
        return self.catalog.get_version_by_alias(name, alias)

    # ---- versions ------------------------------------------------------------------------------------------

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        *,
        description: str | None = None,
    ) -> ModelVersion:
        """Register the files at `source` as the next version of a model, creating the model if needed.

        Nothing is read from `source`; `register_model` also records the files' digest and signature.
        """
        return self.catalog.create_version(
            name, source=source, run_id=run_id, tags=tags, description=description or ""
        )

    def copy_model_version(self, src_name: str, src_version: int | str, dst_name: str) -> ModelVersion:
        """Register the same files as the next version of another model."""
        found = self.catalog.get_version(src_name, int(src_version))
        return self.catalog.create_version(
            dst_name,
            source=found.source,
            run_id=found.run_id,
            digest=found.digest,
            signature=found.signature,
            tags=found.tags,
            description=found.description,
        )

    def get_model_version(self, name: str, version: int | str) -> ModelVersion:
        """Return one version. Raises `NotFound`."""
        return self.catalog.get_version(name, int(version))

    def get_model_version_download_uri(self, name: str, version: int | str) -> str:
        """Return where a version's files are."""
        return self.catalog.get_version(name, int(version)).source

    def update_model_version(
        self, name: str, version: int | str, description: str | None = None
    ) -> ModelVersion:
        """Replace a version's description."""
        return self.catalog.describe_version(name, int(version), description or "")

    def delete_model_version(self, name: str, version: int | str) -> None:
        """Delete a version and the aliases that point to it."""
        self.catalog.delete_version(name, int(version))

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: Sequence[str] | None = None,
    ) -> list[ModelVersion]:
        """Return the versions that match, by name and newest first unless `order_by` says otherwise."""
        found = search_versions(
            self.catalog.list_models(), filter_string=filter_string or "", order_by=order_by or ()
        )
        return found[:max_results]

    def set_model_version_tag(self, name: str, version: int | str, key: str, value: object) -> None:
        """Set a tag of a version."""
        self.catalog.set_version_tag(name, int(version), key, str(value))

    def delete_model_version_tag(self, name: str, version: int | str, key: str) -> None:
        """Remove a tag of a version."""
        self.catalog.delete_version_tag(name, int(version), key)

    # ---- stages --------------------------------------------------------------------------------------------

    def transition_model_version_stage(
        self, name: str, version: int | str, stage: str, *, archive_existing_versions: bool = False
    ) -> ModelVersion:
        """Put a version in a stage; `archive_existing_versions` archives the others there with it."""
        return self.catalog.transition_stage(
            name, int(version), stage, archive_existing=archive_existing_versions
        )

    def get_latest_versions(self, name: str, stages: Sequence[str] | None = None) -> list[ModelVersion]:
        """Return the newest version of each stage that has one, or of each of `stages`."""
        model = self.catalog.get_model(name)
        wanted = list(Stage) if stages is None else [Stage.parse(stage) for stage in stages]
        return [version for stage in wanted if (version := model.latest(stage)) is not None]

    def get_model_version_stages(self) -> list[str]:
        """Return the names of the stages."""
        return [stage.value for stage in Stage]
