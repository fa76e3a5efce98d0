"""MLflow's registry store: registered models, their versions, stages and aliases.

Each change is an entry in the model's history of decisions, as if it had been made with this library. The
source of a version is kept as the store's own address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow.store.entities.paged_list import PagedList
from mlflow.store.model_registry.abstract_store import AbstractStore

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.mlflow_plugin import facts
from mlflowflow.mlflow_plugin.absent import AbsentRegistry
from mlflowflow.mlflow_plugin.addresses import is_ours
from mlflowflow.mlflow_plugin.opened import desk_at
from mlflowflow.mlflow_plugin.places import Telling
from mlflowflow.mlflow_plugin.trouble import telling
from mlflowflow.registry.uri import FilesUri, parse_model_uri
from mlflowflow.registry.version import ACTIVE_STAGES, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.registry.version import ModelVersion, RegisteredModel


@telling
class RegistryStore(AbsentRegistry, AbstractStore):  # type: ignore[misc] # MLflow has no types here
    """A store of this library as MLflow's registry store."""

    def __init__(self, store_uri: str, tracking_uri: str | None = None) -> None:
        """Open the registry at `store_uri`, for models whose files are at `tracking_uri`."""
        super().__init__(store_uri=store_uri, tracking_uri=tracking_uri)
        self._desk = desk_at(store_uri)
        self._client = self._desk.client
        self._tracking = desk_at(tracking_uri if tracking_uri and is_ours(tracking_uri) else store_uri)
        self._places = Telling.of(self._tracking)

    # ---- models --------------------------------------------------------------------------------------------

    def create_registered_model(
        self,
        name: str,
        tags: Any = None,
        description: str | None = None,
        deployment_job_id: str | None = None,
    ) -> Any:
        """Create a registered model."""
        return self._model(
            self._client.create_registered_model(
                name, facts.texts(tags), description, deployment_job_id or None
            )
        )

    def update_registered_model(
        self, name: str, description: str | None, deployment_job_id: str | None = None
    ) -> Any:
        """Replace a registered model's description."""
        return self._model(self._client.update_registered_model(name, description, deployment_job_id or None))

    def rename_registered_model(self, name: str, new_name: str) -> Any:
        """Give a registered model another name."""
        return self._model(self._client.rename_registered_model(name, new_name))

    def delete_registered_model(self, name: str) -> None:
        """Delete a registered model."""
        self._client.delete_registered_model(name)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Any:
        """Return a page of registered models."""
        found = self._client.search_registered_models(filter_string, max_results or 100, order_by, page_token)
        return PagedList([self._model(each) for each in found], found.token)

    def get_registered_model(self, name: str) -> Any:
        """Return a registered model."""
        return self._model(self._client.get_registered_model(name))

    def get_latest_versions(self, name: str, stages: Sequence[str] | None = None) -> list[Any]:
        """Return the newest version of each stage."""
        return [self._version(each) for each in self._client.get_latest_versions(name, stages)]

    def set_registered_model_tag(self, name: str, tag: Any) -> None:
        """Set a tag of a registered model."""
        self._client.set_registered_model_tag(name, tag.key, tag.value)

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag of a registered model."""
        self._client.delete_registered_model_tag(name, key)

    # ---- versions ------------------------------------------------------------------------------------------

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Any = None,
        run_link: str | None = None,
        description: str | None = None,
        local_model_path: str | None = None,
        model_id: str | None = None,
        **_: Any,
    ) -> Any:
        """Register a version; a source that is another version's address registers that one's files again."""
        del local_model_path
        uri = parse_model_uri(source) if source.startswith("models:") else None
        if uri is not None and not isinstance(uri, FilesUri):
            return self._version(self._client.copy_model_version(source, name))
        stored = self._places.stored(source, run_id=run_id or None, model_id=model_id or None)
        return self._version(
            self._desk.create_version(
                name,
                stored,
                run_id=run_id or None,
                tags=facts.texts(tags),
                run_link=run_link or None,
                description=description,
                model_id=model_id or None,
            )
        )

    def update_model_version(self, name: str, version: str, description: str | None) -> Any:
        """Replace a version's description."""
        return self._version(self._client.update_model_version(name, version, description or ""))

    def transition_model_version_stage(
        self,
        name: str,
        version: str,
        stage: str,
        archive_existing_versions: bool,
    ) -> Any:
        """Put a version in a stage."""
        if archive_existing_versions and Stage.parse(stage) not in ACTIVE_STAGES:
            raise InvalidInput(
                f"Existing versions can be archived on the way to {' or '.join(sorted(ACTIVE_STAGES))}, not to {stage}."
            )
        return self._version(
            self._client.transition_model_version_stage(name, version, stage, archive_existing_versions)
        )

    def delete_model_version(self, name: str, version: str) -> None:
        """Delete a version."""
        self._client.delete_model_version(name, version)

    def get_model_version(self, name: str, version: str) -> Any:
        """Return a version."""
        return self._version(self._client.get_model_version(name, version))

    def get_model_version_download_uri(self, name: str, version: str) -> str:
        """Return where a version's files are, for a client."""
        return self._places.of_files(self._client.get_model_version_download_uri(name, version))

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Any:
        """Return a page of versions."""
        found = self._client.search_model_versions(filter_string, max_results or 10_000, order_by, page_token)
        return PagedList([self._version(each) for each in found], found.token)

    def set_model_version_tag(self, name: str, version: str, tag: Any) -> None:
        """Set a tag of a version."""
        self._client.set_model_version_tag(name, version, tag.key, tag.value)

    def delete_model_version_tag(self, name: str, version: str, key: str) -> None:
        """Remove a tag of a version."""
        self._client.delete_model_version_tag(name, version, key)

    # ---- aliases -------------------------------------------------------------------------------------------

    def set_registered_model_alias(self, name: str, alias: str, version: str) -> None:
        """Point an alias at a version."""
        self._client.set_registered_model_alias(name, alias, version)

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias."""
        self._client.delete_registered_model_alias(name, alias)

    def get_model_version_by_alias(self, name: str, alias: str) -> Any:
        """Return the version that an alias points to."""
        model = self._client.get_registered_model(name)
        try:
            return self._version(self._client.get_model_version_by_alias(name, alias))
        except NotFound as error:  # MLflow's clients expect this code for an alias of a model that exists
            raise InvalidInput(f"The model '{model.name}' has no alias '{alias}'.") from error

    def _model(self, found: RegisteredModel) -> Any:
        return facts.model(found, self._places.of_source)

    def _version(self, found: ModelVersion) -> Any:
        return facts.version(found, self._places.of_source)
