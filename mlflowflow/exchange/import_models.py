"""Registering what was registered elsewhere: the same numbers, stages and aliases.

The registry's log says what happened *here*, so times are those of the import. A number whose version
was deleted there is used up here too: a version is registered under it and deleted. Repeating it goes on
where it was cut off, and brings stages, aliases, descriptions and tags up to date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError, NotFound
from mlflowflow.registry.register import register_model
from mlflowflow.registry.version import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.exchange.report import Report
    from mlflowflow.exchange.source import FoundModel, FoundVersion, Source
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.version import ModelVersion, RegisteredModel
    from mlflowflow.tracking.tracker import Tracker

#: The tag that says from where a model was imported; only such a one is gone on with.
ORIGIN_TAG: Final = "mlff.imported_from"
_REASON: Final = "imported from MLflow"
_GONE: Final = "deleted before the import"


class ModelImport:
    """Bring registered models over."""

    def __init__(self, source: Source, *, tracker: Tracker, catalog: Catalog, report: Report) -> None:
        """Read `source`; its runs and logged models are in `tracker` already."""
        self._source = source
        self._tracker = tracker
        self._catalog = catalog
        self._report = report

    def models(self) -> None:
        """Bring all over; what fails is named in the report."""
        for model in self._source.registered_models():
            try:
                self._model(model)
            except MlflowflowError as error:
                self._report.problems.append(f"The registered model '{model.name}' is not complete: {error}")

    def _model(self, model: FoundModel) -> None:
        ours, is_new = self._entered(model)
        self._report.count("models", 1, int(is_new))
        if ours is None:
            return
        known = {each.version: each for each in self._without_stand_ins(ours)}
        for version in model.versions:
            self._version(model.name, version, known)
        current = self._catalog.get_model(model.name)
        for alias, number in model.aliases.items():
            fresh = current.aliases.get(alias) != number
            if fresh:
                self._catalog.set_alias(model.name, alias, number, reason=_REASON)
            self._report.count("aliases", 1, int(fresh))

    def _without_stand_ins(self, ours: RegisteredModel) -> list[ModelVersion]:
        """Return the versions here; one that was to be deleted when an import was cut off is deleted now."""
        for version in ours.versions:
            if version.source == _GONE:
                self._catalog.delete_version(ours.name, version.version, reason=_GONE)
        return [version for version in ours.versions if version.source != _GONE]

    def _entered(self, model: FoundModel) -> tuple[RegisteredModel | None, bool]:
        try:
            ours = self._catalog.get_model(model.name)
        except NotFound:
            tags = {**model.tags, ORIGIN_TAG: self._source.where}
            return self._catalog.create_model(
                model.name, description=model.description or None, tags=tags
            ), True
        if ours.tags.get(ORIGIN_TAG) != self._source.where:
            self._report.problems.append(
                f"The registered model '{model.name}' is here already and was not imported from "
                f"'{self._source.where}'; it is left alone. Rename one of the two to have both."
            )
            return None, False
        return ours, False

    def _version(self, name: str, version: FoundVersion, known: Mapping[int, ModelVersion]) -> None:
        here = known.get(version.version)
        fresh = version.version > self._catalog.last_version(name)
        if fresh:
            self._use_up(name, until=version.version)
            here = self._register(name, version)
        if here is not None:  # else it was deleted here
            self._follow(here, version)
        self._report.count("versions", 1, int(fresh))

    def _follow(self, here: ModelVersion, version: FoundVersion) -> None:
        """Give a version the stage, the description and the tags that it has there."""
        name, number = here.name, here.version
        stage = Stage.parse(version.stage)
        if stage is not here.stage:
            self._catalog.transition_stage(name, number, stage, reason=_REASON)
        if version.description and version.description != here.description:
            self._catalog.describe_version(name, number, version.description)
        for key, text in version.tags.items():
            if here.tags.get(key) != text:
                self._catalog.set_version_tag(name, number, key, text)

    def _use_up(self, name: str, *, until: int) -> None:
        """Register and delete the numbers before `until` that nobody has any more."""
        while (number := self._next(name)) < until:
            self._catalog.create_version(name, source=_GONE, idem=f"import:{name}:{number}:gone")
            self._catalog.delete_version(name, number, reason=_GONE)

    def _next(self, name: str) -> int:
        return self._catalog.last_version(name) + 1

    def _register(self, name: str, version: FoundVersion) -> ModelVersion:
        """Register a version with the digest of its files if they came over, else as MLflow has it."""
        address = self._address(version)
        idem = f"import:{name}:{version.version}"
        try:
            return register_model(
                address,
                name,
                tracker=self._tracker,
                catalog=self._catalog,
                tags=version.tags,
                idem=idem,
            )
        except MlflowflowError as error:
            self._report.problems.append(
                f"Version {version.version} of '{name}' has no digest, for its files cannot be read: {error}"
            )
            return self._catalog.create_version(
                name,
                source=address,
                run_id=version.run_id,
                tags=version.tags,
                description=version.description or None,
                model_id=version.model_id,
                run_link=version.run_link,
                idem=idem,
            )

    def _address(self, version: FoundVersion) -> str:
        """Return where the files lie here, if they came over with a run or a logged model."""
        if version.source.startswith(("models:/m-", "runs:/")):
            return version.source
        if version.run_id is not None:
            _, inside, path = version.source.partition(f"/{version.run_id}/artifacts/")
            if inside:
                return f"runs:/{version.run_id}/{path}"
        return version.source
