"""Logged models: begun, finished, described, linked to runs and metrics, found, deleted."""

import mlflow
from collecting import collect, fields, kind, refusal
from mlflow.entities import LoggedModelInput, LoggedModelOutput, LoggedModelStatus

client = mlflow.MlflowClient()
experiment = mlflow.set_experiment("models").experiment_id
collect("none yet", mlflow.last_logged_model())
model = mlflow.initialize_logged_model(
    name="wine", tags={"team": "a"}, params={"depth": "3"}, model_type="tree"
)
collect("begun", fields(model, "name", "model_type", "status", "params", "source_run_id"))
collect(
    "kinds", [kind(model.model_id), model.model_id[:2], len(model.model_id), kind(model.creation_timestamp)]
)
collect("uri", model.model_uri == f"models:/{model.model_id}")
collect("team", model.tags["team"])
collect("last", mlflow.last_logged_model().model_id == model.model_id)
ready = mlflow.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
collect("ready", fields(ready, "status", "name"))
collect("bad status", refusal(mlflow.finalize_logged_model, model.model_id, "DONE"))
mlflow.set_logged_model_tags(model.model_id, {"team": "b", "n": 1})
mlflow.log_model_params({"lr": "0.1"}, model_id=model.model_id)
found = mlflow.get_logged_model(model.model_id)
collect("described", [found.tags["team"], found.tags["n"], found.params])
mlflow.delete_logged_model_tag(model.model_id, "n")
collect("without tag", "n" in mlflow.get_logged_model(model.model_id).tags)
collect("missing tag", refusal(mlflow.delete_logged_model_tag, model.model_id, "n"))
collect("unknown", refusal(mlflow.get_logged_model, "m-" + "f" * 32))
collect(
    "bad names",
    [refusal(mlflow.initialize_logged_model, name=name) for name in ("a/b", "a:b", "a.b", "a%b", "")],
)

with mlflow.start_run() as run:
    inside = mlflow.initialize_logged_model(name="inside")
    mlflow.finalize_logged_model(inside.model_id, "READY")
    mlflow.log_outputs([LoggedModelOutput(inside.model_id, step=2)])
    mlflow.log_metric("acc", 0.5, model_id=model.model_id)
    mlflow.log_metric("acc", 0.9, step=3, model_id=inside.model_id)
    mlflow.log_metrics({"f1": 0.7}, model_id=inside.model_id)
collect("source", inside.source_run_id == run.info.run_id)
seen = mlflow.get_run(run.info.run_id)
collect("outputs", [[one.model_id == inside.model_id, one.step] for one in seen.outputs.model_outputs])
# MLflow gives them in the order of random ids
collect("inputs", sorted(one.model_id == model.model_id for one in seen.inputs.model_inputs))
collect("metrics of the run", seen.data.metrics)
measured = mlflow.get_logged_model(inside.model_id)
collect("metrics of the model", sorted([one.key, one.value, one.step] for one in measured.metrics))
with mlflow.start_run() as other:
    client.log_inputs(other.info.run_id, models=[LoggedModelInput(model.model_id)])
collect("input", len(mlflow.get_run(other.info.run_id).inputs.model_inputs))

external = mlflow.create_external_model(name="remote", params={"a": "1"})
collect("external", [external.status, external.tags["mlflow.model.isExternal"], external.params])


def names(filter_string=None, **search):
    return [
        one.name
        for one in mlflow.search_logged_models(filter_string=filter_string, output_format="list", **search)
    ]


collect("all", sorted(names()))
for text in (
    "name = 'wine'",
    "name != 'wine'",
    "metrics.acc > 0.6",
    "metrics.acc >= 0.5",
    "params.depth = '3'",
    "tags.team = 'b'",
    "model_type = 'tree'",
    "status = 'READY'",
):
    collect(text, sorted(names(text)))
collect("mistake", refusal(names, "nonsense = "))
collect("by name", names(order_by=[{"field_name": "name", "ascending": True}]))
collect("by metric", names(order_by=[{"field_name": "metrics.acc", "ascending": False}])[:2])
collect("one", len(names(max_results=1)))
page = client.search_logged_models([experiment], max_results=2)
rest = client.search_logged_models([experiment], max_results=2, page_token=page.token)
collect("pages", [len(page), kind(page.token), len(rest), rest.token])
table = mlflow.search_logged_models()
collect("table", [len(table), {"name", "model_id", "status", "params", "metrics"} <= set(table.columns)])
client.delete_logged_model(external.model_id)
collect("deleted", [sorted(names()), refusal(mlflow.get_logged_model, external.model_id)])

with mlflow.set_active_model(name="agent") as active:
    collect("active", [active.name, mlflow.get_active_model_id() == active.model_id])
collect("not active", mlflow.get_active_model_id())
mlflow.set_active_model(model_id=model.model_id)
with mlflow.start_run():
    mlflow.log_metric("linked", 1.0)
collect("linked", "linked" in [one.key for one in mlflow.get_logged_model(model.model_id).metrics])
mlflow.clear_active_model()
collect("cleared", mlflow.get_active_model_id())
collect("no argument", refusal(mlflow.set_active_model))
