"""GraphQL as MLflow's pages ask it."""

from __future__ import annotations

import math
from typing import Any

from tests.server.asking import Asking, refusal

RUN = """query GetRun($data: MlflowGetRunInput!) @component(name: "MLflow.ExperimentRunTracking") {
  mlflowGetRun(input: $data) {
    apiError { code message helpUrl }
    run {
      info { runName runUuid startTime endTime userId status }
      experiment { experimentId name lastUpdateTime tags { key value } }
      modelVersions { name version status source creationTimestamp }
      data { metrics { key value step timestamp } params { key value } tags { key value } }
      inputs { datasetInputs { dataset { digest name } tags { key value } } modelInputs { modelId } }
      outputs { modelOutputs { modelId step } }
    }
  }
}"""
RUNS = """query SearchRuns($data: MlflowSearchRunsInput!) {
  mlflowSearchRuns(input: $data) {
    apiError { code }
    runs { info { runUuid } experiment { name } modelVersions { version } }
  }
}"""
POINTS = """query GetMetricHistoryBulkInterval($data: MlflowGetMetricHistoryBulkIntervalInput!) {
  mlflowGetMetricHistoryBulkInterval(input: $data) {
    __typename
    metrics { timestamp step runId key value __typename }
    apiError { code message __typename }
  }
}"""
EXPERIMENT = """query MlflowGetExperimentQuery($input: MlflowGetExperimentInput!) {
  mlflowGetExperiment(input: $input) {
    apiError { code message }
    experiment { artifactLocation creationTime experimentId name lifecycleStage tags { key value } }
  }
}"""


def asked(ask: Asking, query: str, **variables: Any) -> Any:
    """Return what a query is answered, which is 200 whatever it says."""
    answer = ask.client.request("POST", "/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_run_with_all_that_its_page_shows(ask: Asking) -> None:
    """Times and steps as texts, NaN as null, and the versions that came from the run, no others."""
    experiment_id = ask.done("experiments/create", {"name": "wine", "tags": [{"key": "a", "value": "b"}]})[
        "experiment_id"
    ]
    run_id, other = (
        ask.run(experiment_id=experiment_id, run_name=name, start_time=7, user_id="ann")
        for name in ("first", "x")
    )
    for step, value in enumerate((0.5, math.nan)):
        point = {"run_id": run_id, "key": f"m{step}", "value": value, "timestamp": 1000 + step, "step": step}
        ask.done("runs/log-metric", point)
    ask.done("registered-models/create", {"name": "m"})
    for each in (run_id, other, run_id):
        ask.done("model-versions/create", {"name": "m", "source": f"runs:/{each}/m", "run_id": each})
    found = asked(ask, RUN, data={"runId": run_id})["data"]["mlflowGetRun"]
    assert found["apiError"] is None
    run = found["run"]
    assert run["info"] == {
        "runName": "first",
        "runUuid": run_id,
        "startTime": "7",
        "endTime": None,
        "userId": "ann",
        "status": "RUNNING",
    }
    assert (run["experiment"]["experimentId"], run["experiment"]["name"]) == (experiment_id, "wine")
    assert run["experiment"]["tags"] == [{"key": "a", "value": "b"}]
    assert run["data"]["metrics"] == [
        {"key": "m0", "value": 0.5, "step": "0", "timestamp": "1000"},
        {"key": "m1", "value": None, "step": "1", "timestamp": "1001"},
    ]
    assert sorted(each["version"] for each in run["modelVersions"]) == ["1", "3"]
    assert {each["source"] for each in run["modelVersions"]} == {f"runs:/{run_id}/m"}
    assert (run["inputs"], run["outputs"]) == ({"datasetInputs": [], "modelInputs": []}, {"modelOutputs": []})


def test_runs_are_searched(ask: Asking) -> None:
    """Each with its own experiment and versions."""
    runs = {name: ask.run(run_name=name) for name in ("one", "two")}
    ask.done("registered-models/create", {"name": "m"})
    ask.done(
        "model-versions/create", {"name": "m", "source": f"runs:/{runs['two']}/m", "run_id": runs["two"]}
    )
    wanted = {"experimentIds": ["0"], "orderBy": ["tags.`mlflow.runName` ASC"]}
    assert asked(ask, RUNS, data=wanted)["data"]["mlflowSearchRuns"] == {
        "apiError": None,
        "runs": [
            {"info": {"runUuid": runs["one"]}, "experiment": {"name": "Default"}, "modelVersions": []},
            {
                "info": {"runUuid": runs["two"]},
                "experiment": {"name": "Default"},
                "modelVersions": [{"version": "1"}],
            },
        ],
    }
    none = asked(ask, RUNS, data={**wanted, "filter": "attributes.run_name = 'three'"})
    assert none["data"]["mlflowSearchRuns"]["runs"] == []


def test_the_points_of_a_chart(ask: Asking) -> None:
    """Of several runs, between two steps."""
    runs = [ask.run(), ask.run()]
    for run_id in runs:
        for step in range(4):
            point = {"run_id": run_id, "key": "m", "value": step / 2, "timestamp": step, "step": step}
            ask.done("runs/log-metric", point)
    wanted = {"runIds": runs, "metricKey": "m", "startStep": 1, "endStep": 2, "maxResults": 320}
    found = asked(ask, POINTS, data=wanted)["data"]["mlflowGetMetricHistoryBulkInterval"]
    assert found["__typename"] == "MlflowGetMetricHistoryBulkIntervalResponse"
    assert [(each["runId"], each["step"], each["value"]) for each in found["metrics"]] == [
        (run_id, str(step), step / 2) for run_id in runs for step in (1, 2)
    ]
    assert {each["__typename"] for each in found["metrics"]} == {"MlflowMetricWithRunId"}


def test_an_experiment_and_one_that_is_not_there(ask: Asking) -> None:
    """A page shows the error by its code."""
    found = asked(ask, EXPERIMENT, input={"experimentId": "0"})["data"]["mlflowGetExperiment"]
    assert (found["experiment"]["name"], found["experiment"]["artifactLocation"]) == (
        "Default",
        "mlflow-artifacts:/0",
    )
    found = asked(ask, EXPERIMENT, input={"experimentId": "17"})["data"]["mlflowGetExperiment"]
    assert found["experiment"] is None
    assert found["apiError"]["code"] == "RESOURCE_DOES_NOT_EXIST"
    assert "17" in found["apiError"]["message"]


def test_an_input_that_is_none_is_told(ask: Asking) -> None:
    """As an error of the field that it is for."""
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"input": 3},
        {"input": {}},
        {"other": {"experimentId": "0"}},
    )
    for variables in wrong:
        found = asked(ask, EXPERIMENT, **variables)["data"]["mlflowGetExperiment"]
        assert found["apiError"]["code"] == "INVALID_PARAMETER_VALUE"


def test_several_questions_are_answered_under_their_names(ask: Asking) -> None:
    """Up to a limit."""
    one = "a{}: mlflowGetExperiment(input: $input) {{ experiment {{ name }} }}"
    few = "{" + "".join(one.format(number) for number in range(3)) + "}"
    found = asked(ask, few, input={"experimentId": "0"})
    assert found == {"data": {f"a{number}": {"experiment": {"name": "Default"}} for number in range(3)}}
    many = "{" + "".join(one.format(number) for number in range(11)) + "}"
    assert "at most 10" in asked(ask, many, input={"experimentId": "0"})["errors"][0]["message"]


def test_what_cannot_be_asked_is_told_in_graphqls_own_way(ask: Asking) -> None:
    """Unknown fields, changes, and texts that are no query."""
    for query, why in (
        ("{ mlflowListArtifacts(input: $x) { files { path } } }", "no field 'mlflowListArtifacts'"),
        ("mutation { mlflowSearchRuns(input: $x) { runs { info { runId } } } }", "only a 'query'"),
        ("{ __schema { types { name } } }", "no field '__schema'"),
        ("what?", "cannot be read"),
    ):
        found = asked(ask, query)
        assert found["data"] is None
        assert why in found["errors"][0]["message"]
    assert refusal(ask.client.request("POST", "/graphql", json={}))[0] == 400
