"""Writing registered models to a running MLflow server: the same numbers, stages, aliases and tags.

The server counts versions itself, so a number that nobody has any more is used up there too: a version is
registered and deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import AlreadyExists, NotFound
from mlflowflow.exchange.entities import texts
from mlflowflow.exchange.import_models import ORIGIN_TAG
from mlflowflow.exchange.report import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.exchange.rest import Rest
    from mlflowflow.registry.version import ModelVersion, RegisteredModel

#: The tag of a registered model that says from which store it was exported.
EXPORTED_TAG: Final = "mlff.exported_from"


class ServerRegistry:
    """Write the registered models of one server."""

    def __init__(self, rest: Rest, *, origin: str, place_of: Callable[[str, str], str | None]) -> None:
        """Ask through `rest`. `place_of` gives the address there of a path in a run or logged model of ours."""
        self._rest = rest
        self._origin = origin
        self._place_of = place_of

    def model(self, model: RegisteredModel) -> Counts:
        """Take one with all versions. Raises `AlreadyExists` if one of that name is there and is another."""
        new = Counts()
        there = self._there(model)
        if there is None:
            tags = {key: text for key, text in model.tags.items() if key != ORIGIN_TAG}
            told = self._rest.change(
                "mlflow/registered-models/create",
                name=model.name,
                description=model.description,
                tags=pairs({**tags, EXPORTED_TAG: self._origin}),
            )
            there, new.models = told["registered_model"], 1
        known = self._versions(model.name)
        for version in model.versions:
            new.versions += self._version(version, known)
        aliases = {str(each["alias"]): int(each["version"]) for each in there.get("aliases") or ()}
        for alias, number in model.aliases.items():
            if aliases.get(alias) != number:
                self._rest.change(
                    "mlflow/registered-models/alias", name=model.name, alias=alias, version=str(number)
                )
                new.aliases += 1
        return new

    def _there(self, model: RegisteredModel) -> Mapping[str, Any] | None:
        try:
            told = self._rest.get("mlflow/registered-models/get", name=model.name)["registered_model"]
        except NotFound:
            return None
        came_from_here = model.tags.get(ORIGIN_TAG) == self._rest.url
        if not came_from_here and texts(told.get("tags")).get(EXPORTED_TAG) != self._origin:
            raise AlreadyExists(
                "registered model",
                model.name,
                hint=f"The one in '{self._rest.url}' did not come from this store; rename one of the two.",
            )
        found: Mapping[str, Any] = told
        return found

    def _versions(self, name: str) -> dict[int, Mapping[str, Any]]:
        quoted = name.replace("'", "\\'")
        told = self._rest.pages(
            "mlflow/model-versions/search",
            "model_versions",
            method="GET",
            filter=f"name = '{quoted}'",
            max_results=1000,
        )
        return {int(each["version"]): each for each in told}

    def _version(self, version: ModelVersion, known: dict[int, Mapping[str, Any]]) -> int:
        name, number = version.name, version.version
        is_new = number not in known
        while number not in known:
            made = self._create(version)
            given = int(made["version"])
            if given > number:
                self._delete(name, given)
                raise AlreadyExists("version", f"{name}/{number}", hint="It was deleted there.")
            if given < number:
                self._delete(name, given)
            else:
                known[number] = made
        there = known[number]
        if (there.get("current_stage") or "None") != version.stage.value:
            self._rest.change(
                "mlflow/model-versions/transition-stage",
                name=name,
                version=str(number),
                stage=version.stage.value,
                archive_existing_versions=False,
            )
        tags = texts(there.get("tags"))
        for key, text in version.tags.items():
            if tags.get(key) != text:
                self._rest.change(
                    "mlflow/model-versions/set-tag", name=name, version=str(number), key=key, value=text
                )
        return int(is_new)

    def _create(self, version: ModelVersion) -> Mapping[str, Any]:
        run_id = self._place_of(version.run_id, "") if version.run_id else None
        asked: dict[str, Any] = {
            "name": version.name,
            "source": self._source(version),
            "description": version.description,
            "tags": pairs(version.tags),
            **({"run_id": run_id} if run_id else {}),
            **({"run_link": version.run_link} if version.run_link else {}),
        }
        if version.model_id and (place := self._place_of(version.model_id, "")):
            asked["model_id"] = place.removeprefix("models:/")
        made: Mapping[str, Any] = self._rest.change("mlflow/model-versions/create", **asked)["model_version"]
        return made

    def _source(self, version: ModelVersion) -> str:
        owner, _, path = version.source.removeprefix("runs:/").removeprefix("models:/").partition("/")
        return self._place_of(version.model_id or owner, path) or version.source

    def _delete(self, name: str, number: int) -> None:
        self._rest.change("mlflow/model-versions/delete", "DELETE", name=name, version=str(number))


def pairs(of: Mapping[str, str]) -> list[dict[str, str]]:
    """Return keys and values as a server takes them.

    >>> pairs({"a": "1"})
    [{'key': 'a', 'value': '1'}]
    """
    return [{"key": key, "value": text} for key, text in of.items()]
