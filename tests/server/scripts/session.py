"""A classic session of MLflow's own client against the server that MLFLOW_TRACKING_URI names."""

import json
import math
import os
import tempfile
from pathlib import Path

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

FOUND = {}


def code_of(call, *args, **kwargs):
    """Return the code of the error that a call ends with."""
    try:
        call(*args, **kwargs)
    except MlflowException as error:
        return error.error_code
    return "none"


def tracking(client):
    experiment_id = mlflow.create_experiment("session", tags={"team": "a"})
    mlflow.set_experiment("session")
    FOUND["experiment"] = client.get_experiment(experiment_id).tags
    with mlflow.start_run(run_name="first", description="what it is") as run:
        mlflow.log_param("depth", 3)
        mlflow.log_params({"a": 1, "b": "two"})
        for step in range(5):
            mlflow.log_metric("loss", 1 / (1 + step), step=step)
        mlflow.log_metrics({"nan": math.nan, "inf": math.inf}, step=1)
        mlflow.set_tags({"x": "1", "gone": "2"})
        mlflow.delete_tag("gone")
        mlflow.log_text("hello", "notes/a.txt")
        mlflow.log_dict({"k": [1, 2]}, "d.json")
        mlflow.log_table({"q": [1, 2], "r": ["x", "y"]}, "t.json")
        mlflow.log_table({"q": [3], "r": ["z"]}, "t.json")
        frame = pd.DataFrame({"f": [1.0, 2.0], "y": [0, 1]})
        mlflow.log_input(mlflow.data.from_pandas(frame, name="wine", targets="y"), context="training")
        mlflow.log_metric("later", 1.0, synchronous=False).wait()
    found = mlflow.get_run(run.info.run_id)
    FOUND["run"] = {
        "status": found.info.status,
        "name": found.info.run_name,
        "params": found.data.params,
        "loss": found.data.metrics["loss"],
        "nan": math.isnan(found.data.metrics["nan"]),
        "inf": found.data.metrics["inf"],
        "tags": {key: found.data.tags.get(key) for key in ("x", "gone", "mlflow.note.content")},
        "inputs": [(each.dataset.name, each.tags[0].value) for each in found.inputs.dataset_inputs],
    }
    history = client.get_metric_history(run.info.run_id, "loss")
    FOUND["history"] = [(point.step, point.value) for point in history]
    FOUND["files"] = sorted(file.path for file in client.list_artifacts(run.info.run_id))
    FOUND["inner files"] = [
        (file.path, file.file_size) for file in client.list_artifacts(run.info.run_id, "notes")
    ]
    FOUND["text"] = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/notes/a.txt")
    FOUND["table"] = mlflow.load_table("t.json", run_ids=[run.info.run_id]).to_dict("list")
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder, "big.bin")
        big.write_bytes(os.urandom(9_000_000))
        client.log_artifact(run.info.run_id, str(big), "deep/er")
        target = client.download_artifacts(run.info.run_id, "deep", folder + "/.")
        FOUND["big is equal"] = Path(target, "er", "big.bin").read_bytes() == big.read_bytes()
    client.log_batch(
        run.info.run_id,
        metrics=[Metric("m", float(i), 1000 + i, i) for i in range(1000)],
        params=[Param("p", "1")],
        tags=[RunTag("t", "1")],
    )
    FOUND["param again"] = code_of(client.log_param, run.info.run_id, "depth", 4)
    FOUND["unknown run"] = code_of(client.get_run, "f" * 32)
    FOUND["unknown experiment"] = code_of(client.get_experiment, "424242")
    FOUND["experiment twice"] = code_of(mlflow.create_experiment, "session")
    client.set_terminated(run.info.run_id, "KILLED")
    FOUND["killed"] = client.get_run(run.info.run_id).info.status
    with mlflow.start_run(run_id=run.info.run_id):
        FOUND["resumed"] = client.get_run(run.info.run_id).info.status
    for number in range(4):
        client.create_run(experiment_id, run_name=f"r{number}", tags={"n": str(number)})
    names, token = [], None
    while True:
        page = client.search_runs(
            [experiment_id],
            max_results=2,
            order_by=["attributes.run_name"],
            page_token=token,
        )
        names += [each.info.run_name for each in page]
        token = page.token
        if not token:
            break
    FOUND["pages"] = names
    FOUND["filter"] = [
        each.info.run_name for each in client.search_runs([experiment_id], "metrics.loss < 0.3")
    ]
    client.delete_run(run.info.run_id)
    FOUND["deleted"] = [
        each.info.run_name
        for each in client.search_runs([experiment_id], run_view_type=ViewType.DELETED_ONLY)
    ]
    FOUND["logging to a deleted run"] = code_of(client.set_tag, run.info.run_id, "a", "b")
    client.restore_run(run.info.run_id)
    FOUND["frame"] = sorted(mlflow.search_runs([experiment_id])["tags.mlflow.runName"])
    return run.info.run_id


def models(client):
    features, labels = load_iris(return_X_y=True)
    mlflow.sklearn.autolog(log_datasets=False)
    with mlflow.start_run(run_name="fit"):
        model = LogisticRegression(max_iter=300).fit(features, labels)
    mlflow.sklearn.autolog(disable=True)
    with mlflow.start_run(run_name="by hand") as run:
        info = mlflow.sklearn.log_model(model, name="model", input_example=features[:2], params={"c": "1"})
        mlflow.log_metric("acc", 0.9, model_id=info.model_id)
    logged = mlflow.get_logged_model(info.model_id)
    FOUND["logged model"] = {
        "status": str(logged.status),
        "params": logged.params,
        "metrics": [(each.key, each.value) for each in logged.metrics],
        "source": logged.source_run_id == run.info.run_id,
    }
    mlflow.set_logged_model_tags(info.model_id, {"stage": "x"})
    experiment_id = run.info.experiment_id
    found = mlflow.search_logged_models(
        [experiment_id], "name = 'model' AND metrics.acc > 0.5", output_format="list"
    )
    FOUND["searched models"] = [
        (each.name, each.tags["stage"]) for each in found if each.model_id == info.model_id
    ]
    FOUND["outputs"] = [
        each.model_id == info.model_id for each in client.get_run(run.info.run_id).outputs.model_outputs
    ]
    expected = model.predict(features).tolist()
    for name, uri in (("by id", f"models:/{info.model_id}"), ("by run", f"runs:/{run.info.run_id}/model")):
        FOUND[f"loaded {name}"] = mlflow.pyfunc.load_model(uri).predict(features).tolist() == expected
    registered = mlflow.register_model(f"models:/{info.model_id}", "iris")
    again = mlflow.register_model(f"runs:/{run.info.run_id}/model", "iris")
    FOUND["versions"] = [str(registered.version), str(again.version)]
    client.set_registered_model_alias("iris", "champion", 1)
    client.set_model_version_tag("iris", "1", "k", "v")
    client.set_registered_model_tag("iris", "team", "vision")
    client.update_model_version("iris", "1", "the first")
    client.transition_model_version_stage("iris", "2", "production")
    FOUND["loaded by version"] = (
        mlflow.sklearn.load_model("models:/iris/1").predict(features).tolist() == expected
    )
    FOUND["loaded by alias"] = (
        mlflow.pyfunc.load_model("models:/iris@champion").predict(features).tolist() == expected
    )
    FOUND["loaded by stage"] = (
        mlflow.pyfunc.load_model("models:/iris/Production").predict(features).tolist() == expected
    )
    copy = client.copy_model_version("models:/iris@champion", "copied")
    FOUND["copy"] = [copy.name, str(copy.version)]
    FOUND["loaded copy"] = mlflow.pyfunc.load_model("models:/copied/1").predict(features).tolist() == expected
    version = client.get_model_version("iris", "1")
    FOUND["version"] = {
        "tags": version.tags,
        "description": version.description,
        "aliases": version.aliases,
        "stage": client.get_model_version("iris", "2").current_stage,
        "run": version.run_id == run.info.run_id,
    }
    FOUND["found versions"] = sorted(
        str(each.version) for each in client.search_model_versions("name = 'iris'")
    )
    FOUND["found models"] = [each.name for each in client.search_registered_models()]
    model_of = client.get_registered_model("iris")
    FOUND["model"] = {"tags": model_of.tags, "aliases": {k: str(v) for k, v in model_of.aliases.items()}}
    FOUND["latest"] = sorted(
        (each.current_stage, str(each.version)) for each in client.get_latest_versions("iris")
    )
    client.delete_registered_model_alias("iris", "champion")
    FOUND["no alias"] = code_of(client.get_model_version_by_alias, "iris", "champion")
    FOUND["no version"] = code_of(client.get_model_version, "iris", "9")
    FOUND["model twice"] = code_of(client.create_registered_model, "iris")
    client.rename_registered_model("copied", "renamed")
    client.delete_model_version("renamed", "1")
    client.delete_registered_model("renamed")
    FOUND["after deletion"] = [each.name for each in client.search_registered_models()]
    with mlflow.start_run():
        FOUND["evaluated"] = sorted(
            mlflow.models.evaluate(
                f"models:/{info.model_id}",
                pd.DataFrame(features).assign(y=labels),
                targets="y",
                model_type="classifier",
                evaluator_config={"log_explainer": False},
            ).metrics
        )[:3]


def prompts(client):
    client.register_prompt("ask", "Say {{ what }}.", commit_message="first", tags={"a": "b"})
    client.register_prompt("ask", [{"role": "user", "content": "Say it: {{ what }}."}])
    client.set_prompt_alias("ask", "live", 1)
    client.set_prompt_tag("ask", "k", "v")
    client.set_prompt_version_tag("ask", 1, "k", "v")
    first, second = client.load_prompt("prompts:/ask@live"), client.load_prompt("ask", version=2)
    FOUND["prompt"] = [
        first.version,
        first.template,
        first.tags,
        first.commit_message,
        first.format(what="yes"),
    ]
    FOUND["chat prompt"] = [second.template, sorted(second.variables)]
    FOUND["prompts"] = [[each.name, each.tags.get("k")] for each in client.search_prompts("name LIKE 'a%'")]
    FOUND["prompt versions"] = [each.version for each in client.search_prompt_versions("ask")]
    FOUND["no models"] = [each.name for each in client.search_registered_models("name = 'ask'")]
    FOUND["name of a prompt"] = code_of(client.create_registered_model, "ask")
    FOUND["no model"] = code_of(client.get_registered_model, "ask")
    client.delete_prompt_alias("ask", "live")
    for version in ("1", "2"):
        client.delete_prompt_version("ask", version)
    client.delete_prompt("ask")
    FOUND["prompts at the end"] = list(client.search_prompts())


def main():
    client = MlflowClient()
    tracking(client)
    models(client)
    prompts(client)
    client.delete_experiment(mlflow.get_experiment_by_name("session").experiment_id)
    FOUND["gone experiment"] = mlflow.get_experiment_by_name("session").lifecycle_stage
    print("\x1e" + json.dumps(FOUND, sort_keys=True, default=str))


if __name__ == "__main__":
    main()
