"""Registering what was registered elsewhere: the same numbers, stages and aliases.

The registry's log says what happened *here*, so times are those of the import. A number whose version
was deleted there is used up here too: a version is registered under it and deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError, NotFound
from mlflowflow.registry.register import register_model
from mlflowflow.registry.version import Stage

if TYPE_CHECKING:
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
        for version in model.versions:
            self._version(model, version, last=self._catalog.last_version(model.name))
        current = self._catalog.get_model(model.name)
        for alias, number in model.aliases.items():
            fresh = current.aliases.get(alias) != number
            if fresh:
                self._catalog.set_alias(model.name, alias, number, reason=_REASON)
            self._report.count("aliases", 1, int(fresh))

    def _entered(self, model: FoundModel) -> tuple[RegisteredModel | None, bool]:
        try:
            ours = self._catalog.get_model(model.name)
        except NotFound:
            tags = {**model.tags, ORIGIN_TAG: self._source.where}
            return self._catalog.create_model(model.name, description=model.description, tags=tags), True
        if ours.tags.get(ORIGIN_TAG) != self._source.where:
            self._report.problems.append(
                f"The registered model '{model.name}' is here already and was not imported from "
                f"'{self._source.where}'; it is left alone. Rename one of the two to have both."
            )
            return None, False
        return ours, False

    def _version(self, model: FoundModel, version: FoundVersion, *, last: int) -> None:
        fresh = version.version > last
        if fresh:
            self._use_up(model.name, until=version.version)
            made = self._register(model.name, version)
            stage = Stage.parse(version.stage)
            if stage is not Stage.NONE:
                self._catalog.transition_stage(model.name, made.version, stage, reason=_REASON)
        self._report.count("versions", 1, int(fresh))

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
            made = register_model(
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
                description=version.description,
                model_id=version.model_id,
                run_link=version.run_link,
                idem=idem,
            )
        if version.description:
            self._catalog.describe_version(name, made.version, version.description)
        return made

    def _address(self, version: FoundVersion) -> str:
        """Return where the files lie here, if they came over with a run or a logged model."""
        if version.source.startswith(("models:/m-", "runs:/")):
            return version.source
        if version.run_id is not None:
            _, inside, path = version.source.partition(f"/{version.run_id}/artifacts/")
            if inside:
                return f"runs:/{version.run_id}/{path}"
        return version.source
