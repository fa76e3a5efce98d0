"""What MLflow's pages ask in GraphQL, answered by those who answer the same elsewhere.

Only questions are there, and only those that a page of experiments, runs or models asks. One that cannot be
answered gets the error that the page shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from mlflowflow.errors import InvalidInput, MlflowflowError
from mlflowflow.server import requests as asked
from mlflowflow.server import shown
from mlflowflow.server.graphql import read
from mlflowflow.server.graphql_answers import shaped
from mlflowflow.server.handlers import experiments, metrics, registry, runs
from mlflowflow.server.message import Message, from_object
from mlflowflow.server.registry_requests import SearchVersions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlflowflow.server.answers import ExperimentJson, GraphqlAnswer, RunJson, VersionJson
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.graphql import Field

#: So many questions may be asked at once.
MOST_ROOTS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """A field of the root: the type of its answer, what its ``input`` says, and who answers it."""

    kind: str
    request: type[Message]
    answer: Callable[[Desk, Any, Field], Mapping[str, Any]]


def answer(desk: Desk, request: asked.AskGraphql) -> GraphqlAnswer:
    """Answer a page's query."""
    try:
        fields = read(request.query)
        _demand_known(fields)
    except InvalidInput as error:
        return {"data": None, "errors": [{"message": error.message}]}
    return {"data": {field.alias: _answered(desk, field, request.variables) for field in fields}}


def _answered(desk: Desk, field: Field, variables: Mapping[str, Any]) -> dict[str, Any]:
    root = _ROOTS[field.name]
    said = variables.get(field.arguments.get("input", ""))
    try:
        found = root.answer(desk, from_object(root.request, said or {}), field)
    except MlflowflowError as error:
        told, _ = shown.error(error, desk.tracker.uri)
        found = {"api_error": {"code": told["error_code"], "message": told["message"]}}
    return shaped(found, field.fields, root.kind)


def _demand_known(fields: Iterable[Field]) -> None:
    names = [field.name for field in fields]
    unknown = next((name for name in names if name not in _ROOTS), None)
    if unknown is not None:
        raise InvalidInput(f"There is no field '{unknown}' to ask for; expected one of {', '.join(_ROOTS)}.")
    if len(names) > MOST_ROOTS:
        raise InvalidInput(
            f"The query asks for {len(names)} fields at once; at most {MOST_ROOTS} are possible."
        )


def _experiment(desk: Desk, request: asked.ExperimentId, _: Field) -> Mapping[str, Any]:
    return experiments.get(desk, request)


def _run(desk: Desk, request: asked.RunId, field: Field) -> Mapping[str, Any]:
    (found,) = _with_kin(desk, [runs.get(desk, request)["run"]], field, "run")
    return {"run": found}


def _runs(desk: Desk, request: asked.SearchRuns, field: Field) -> Mapping[str, Any]:
    found = runs.search(desk, request)
    return {**found, "runs": _with_kin(desk, found.get("runs", []), field, "runs")}


def _points(desk: Desk, request: asked.BulkInterval, _: Field) -> Mapping[str, Any]:
    return metrics.get_history_bulk_interval(desk, request)


def _with_kin(desk: Desk, found: list[RunJson], field: Field, name: str) -> list[dict[str, Any]]:
    """Return runs with their experiments and the versions that come from them, as far as that is wanted."""
    homes = _homes(desk, found) if field.wants(name, "experiment") else {}
    versions = _versions(desk, found) if field.wants(name, "modelVersions") else {}
    return [
        {
            **cast("dict[str, Any]", run),
            "experiment": homes.get(run["info"]["experiment_id"]),
            "model_versions": versions.get(run["info"]["run_id"]),
        }
        for run in found
    ]


def _homes(desk: Desk, found: Iterable[RunJson]) -> dict[str, ExperimentJson]:
    ids = {run["info"]["experiment_id"] for run in found}
    return {each: experiments.get(desk, asked.ExperimentId(experiment_id=each))["experiment"] for each in ids}


def _versions(desk: Desk, found: Iterable[RunJson]) -> dict[str, list[VersionJson]]:
    """Return the versions that come from runs, by run, with one search for all of them."""
    ids = ", ".join(f"'{run['info']['run_id']}'" for run in found)
    if not ids:
        return {}
    page = registry.search_versions(desk, SearchVersions(filter=f"run_id IN ({ids})"))
    by_run: dict[str, list[VersionJson]] = {}
    for version in page.get("model_versions", []):
        by_run.setdefault(version.get("run_id", ""), []).append(version)
    return by_run


_ROOTS: Final[Mapping[str, _Root]] = {
    "mlflowGetExperiment": _Root(
        kind="MlflowGetExperimentResponse", request=asked.ExperimentId, answer=_experiment
    ),
    "mlflowGetRun": _Root(kind="MlflowGetRunResponse", request=asked.RunId, answer=_run),
    "mlflowSearchRuns": _Root(kind="MlflowSearchRunsResponse", request=asked.SearchRuns, answer=_runs),
    "mlflowGetMetricHistoryBulkInterval": _Root(
        kind="MlflowGetMetricHistoryBulkIntervalResponse", request=asked.BulkInterval, answer=_points
    ),
}
