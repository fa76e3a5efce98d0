"""The half of `MlflowClient` that registers, with MLflow's names, arguments and answers, over a `Catalog`.

What MLflow lacks (history, rollback, reading the past, idempotency keys) is on the catalog itself:
``client.catalog``. Deployment jobs belong to another product: their arguments are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.registry.change import AliasRemoved
from mlflowflow.registry.current import catalog_at
from mlflowflow.registry.search import model_page, version_page
from mlflowflow.registry.uri import parse_model_uri, resolve_version
from mlflowflow.registry.version import Stage, demand_version_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.state import ModelState
    from mlflowflow.registry.version import ModelVersion, RegisteredModel
    from mlflowflow.tracking.paging import PagedList

#: How many seconds MLflow waits for a version; ours are ready when they are registered.
AWAIT_SECONDS: Final = 300


class RegistryClient:
    """Registered models, versions, stages and aliases. Versions may be given as int or as text.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> client = RegistryClient(MemoryBlobStore().url)
    >>> client.create_registered_model("digits", tags={"team": "vision"}).tags["team"]
    'vision'
    >>> client.create_model_version("digits", "s3://bucket/model").version
    1
    >>> client.set_registered_model_alias("digits", "champion", "1")
    >>> client.get_model_version_by_alias("digits", "champion").aliases
    ['champion']
    """

    def __init__(self, registry_uri: str | Path | None = None) -> None:
        """Talk to the registry at `registry_uri`, by default the current one."""
        self.catalog: Catalog = catalog_at(registry_uri)

    # ---- models --------------------------------------------------------------------------------------------

    def create_registered_model(
        self,
        name: str,
        tags: Mapping[str, Any] | None = None,
        description: str | None = None,
        deployment_job_id: str | None = None,
    ) -> RegisteredModel:
        """Create a model without versions. Raises `AlreadyExists`, or `InvalidInput` for a name or tag."""
        _demand_no_job(deployment_job_id)
        return self.catalog.create_model(name, description=description, tags=_texts(tags))

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return a model with its versions and aliases. Raises `NotFound`."""
        return self.catalog.get_model(name)

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Give a model another name; versions, aliases, tags and history go with it.

        Raises `NotFound`, `AlreadyExists`, or `InvalidState` if another model once had the new name.
        """
        return self.catalog.rename_model(name, new_name)

    def update_registered_model(
        self, name: str, description: str | None = None, deployment_job_id: str | None = None
    ) -> RegisteredModel:
        """Replace a model's description; None removes it."""
        _demand_no_job(deployment_job_id)
        return self.catalog.describe_model(name, description)

    def delete_registered_model(self, name: str) -> None:
        """Delete a model with its versions and aliases; its history stays. Raises `NotFound`."""
        self.catalog.delete_model(name)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """Return a page of the models that match, by name unless `order_by` says otherwise.

        Its `token` is that of the next page, None on the last. Raises `InvalidFilter` for an expression
        and `InvalidInput` for a token or a number that cannot be used.
        """
        return model_page(
            self.catalog.list_models(),
            filter_string=filter_string or "",
            order_by=order_by or (),
            max_results=max_results,
            page_token=page_token,
        )

    def set_registered_model_tag(self, name: str, key: str, value: Any) -> None:
        """Set a tag of a model; the value becomes text."""
        self.catalog.set_model_tag(name, key, str(value))

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag of a model; an absent one is no error."""
        self.catalog.delete_model_tag(name, key)

    # ---- aliases -------------------------------------------------------------------------------------------

    def set_registered_model_alias(self, name: str, alias: str, version: int | str) -> None:
        """Point an alias at a version, without a gate.

        Raises `NotFound`, or `InvalidInput` for a name that reads as a version (``latest``, ``v1``).
        """
        self.catalog.set_alias(name, alias, demand_version_number(version))

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias; an absent one is no error. Raises `NotFound` if there is no model."""

        def choose(state: ModelState) -> AliasRemoved | None:
            state.demand_exists()
            return None if state.holder(alias) is None else AliasRemoved(alias=alias)

        self.catalog.decide(name, choose)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version an alias points to; ``latest`` is the newest. Raises `NotFound`."""
        return self.catalog.get_version_by_alias(name, alias)

    # ---- versions ------------------------------------------------------------------------------------------

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        await_creation_for: int = AWAIT_SECONDS,
        model_id: str | None = None,
    ) -> ModelVersion:
        """Register the files at `source` as the next version of a model, creating the model if needed.

        Nothing is read from `source`; `register_model` also records the files' digest and signature.
        The version is ready at once, so `await_creation_for` (seconds) is not waited.
        """
        del await_creation_for
        return self.catalog.create_version(
            name,
            source=str(source),
            run_id=run_id,
            tags=_texts(tags),
            description=description,
            run_link=run_link,
            model_id=model_id,
        )

    def copy_model_version(self, src_model_uri: str, dst_name: str) -> ModelVersion:
        """Register the version at `src_model_uri` as the next version of another model, creating it if needed.

        Takes every ``models:/`` address of a version. The copy refers to the same files, so it outlives
        its source; `copied_from` names it. Raises `NotFound`, or `InvalidInput` for another address.
        """
        version = resolve_version(self.catalog, parse_model_uri(src_model_uri))
        return self.catalog.copy_version(version, dst_name)

    def get_model_version(self, name: str, version: int | str) -> ModelVersion:
        """Return one version. Raises `NotFound`, or `InvalidInput` for what is no number."""
        return self.catalog.get_version(name, demand_version_number(version))

    def get_model_version_download_uri(self, name: str, version: int | str) -> str:
        """Return where a version's files are. Raises `NotFound`."""
        return self.get_model_version(name, version).source

    def update_model_version(
        self, name: str, version: int | str, description: str | None = None
    ) -> ModelVersion:
        """Replace a version's description. Raises `InvalidInput` if there is none to replace it with."""
        if description is None:
            raise InvalidInput(
                f"There is nothing to change of version {version} of '{name}'; give a description, '' to remove it."
            )
        return self.catalog.describe_version(name, demand_version_number(version), description)

    def delete_model_version(self, name: str, version: int | str) -> None:
        """Delete a version and the aliases that point to it; its number is not given again."""
        self.catalog.delete_version(name, demand_version_number(version))

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """Return a page of the versions that match, those changed last first unless `order_by` is given.

        Its `token` is that of the next page, None on the last. Raises `InvalidFilter` for an expression
        and `InvalidInput` for a token or a number that cannot be used.
        """
        return version_page(
            self.catalog.list_models(),
            filter_string=filter_string or "",
            order_by=order_by or (),
            max_results=max_results,
            page_token=page_token,
        )

    def set_model_version_tag(
        self,
        name: str,
        version: int | str | None = None,
        key: str | None = None,
        value: Any = None,
        stage: str | None = None,
    ) -> None:
        """Set a tag of a version, or of the newest version in a stage; the value becomes text.

        Raises `InvalidInput` unless exactly one of `version` and `stage` is given, and `NotFound`.
        """
        number = self._number(name, version, stage)
        self.catalog.set_version_tag(name, number, _demand_key(key), str(value))

    def delete_model_version_tag(
        self, name: str, version: int | str | None = None, key: str | None = None, stage: str | None = None
    ) -> None:
        """Remove a tag of a version, or of the newest version in a stage; an absent one is no error."""
        self.catalog.delete_version_tag(name, self._number(name, version, stage), _demand_key(key))

    def _number(self, name: str, version: int | str | None, stage: str | None) -> int:
        if (version is None) is (stage is None):
            raise InvalidInput(
                f"A version of '{name}' is named by version={version!r} and stage={stage!r}; give exactly one of them."
            )
        if version is not None:
            return demand_version_number(version)
        newest = self.catalog.get_model(name).latest(Stage.parse(str(stage)))
        if newest is None:
            raise NotFound("model version", f"{name}/{stage}", hint=f"No version is in stage '{stage}'.")
        return newest.version

    # ---- stages --------------------------------------------------------------------------------------------

    def transition_model_version_stage(
        self, name: str, version: int | str, stage: str, archive_existing_versions: bool = False
    ) -> ModelVersion:
        """Put a version in a stage (in any case); `archive_existing_versions` archives the others there.

        Raises `InvalidInput` for another stage, or for archiving on the way to None or Archived.
        """
        return self.catalog.transition_stage(
            name, demand_version_number(version), stage, archive_existing=archive_existing_versions
        )

    def get_latest_versions(self, name: str, stages: Sequence[str] | None = None) -> list[ModelVersion]:
        """Return the newest version of each stage that has one, or of each of `stages` (none: of all)."""
        wanted = {Stage.parse(stage) for stage in stages or Stage}
        return [each for each in self.catalog.get_model(name).latest_versions if each.stage in wanted]

    def get_model_version_stages(self, name: str, version: int | str) -> list[str]:
        """Return the names of the stages, which are the same for every version."""
        del name, version
        return [stage.value for stage in Stage]


def _texts(tags: Mapping[str, Any] | None) -> dict[str, str]:
    return {key: str(value) for key, value in (tags or {}).items()}


def _demand_key(key: str | None) -> str:
    if not key:
        raise InvalidInput(f"A tag needs a key; expected text, found {key!r}.")
    return key


def _demand_no_job(deployment_job_id: str | None) -> None:
    if deployment_job_id is not None:
        raise InvalidInput(
            f"deployment_job_id={deployment_job_id!r} cannot be used: this registry has no deployment jobs. Leave it "
            "out; gates and flows take their place."
        )
