"""Tags of runs: the last value counts, values become text, a removed tag is gone."""

import mlflow
from collecting import collect, fields, refusal
from mlflow.tracking import MlflowClient

client = MlflowClient()
with mlflow.start_run(run_name="tags", tags={"first": 1, "second": None}, description="about it") as run:
    mlflow.set_tag("team", "a")
    mlflow.set_tag("team", "b")
    mlflow.set_tags({"number": 3, "float": 0.5, "flag": True})
    mlflow.set_tag("gone", "soon")
    mlflow.delete_tag("gone")
    collect("missing tag", refusal(mlflow.delete_tag, "never"))
    collect("long key", refusal(mlflow.set_tag, "k" * 251, "v"))
    collect("odd key", refusal(mlflow.set_tag, "a;b", "v"))
    collect("path key", refusal(mlflow.set_tag, "../a", "v"))
    collect("returned", [mlflow.set_tag("x", 1), mlflow.set_tags({"y": 2})])

found = client.get_run(run.info.run_id)
collect("tags", {key: text for key, text in found.data.tags.items() if not key.startswith("mlflow.")})
collect(
    "system tags", sorted(key for key in found.data.tags if key.startswith("mlflow.") and "git" not in key)
)
collect("name and note", [found.data.tags["mlflow.runName"], found.data.tags["mlflow.note.content"]])
collect("source type", found.data.tags["mlflow.source.type"])
collect("info", fields(found.info, "run_name", "status", "lifecycle_stage"))

client.set_tag(run.info.run_id, "mlflow.runName", "renamed")
collect("renamed", client.get_run(run.info.run_id).info.run_name)
client.delete_tag(run.info.run_id, "team")
collect("without team", "team" in client.get_run(run.info.run_id).data.tags)
collect("client: unknown run", refusal(client.set_tag, "0" * 32, "a", "b"))
