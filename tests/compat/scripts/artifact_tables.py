"""Tables: rows are added call by call, and those of several runs are read together."""

import json

import mlflow
import pandas as pd
from collecting import collect, refusal
from mlflow.tracking import MlflowClient

client = MlflowClient()
mlflow.set_experiment("tables")
experiment_id = mlflow.get_experiment_by_name("tables").experiment_id
runs = []
for number in range(2):
    with mlflow.start_run(run_name=f"run-{number}") as run:
        runs.append(run.info.run_id)
        mlflow.log_param("number", number)
        mlflow.log_table({"input": ["a", "b"], "score": [0.5, number]}, "eval/t.json")
        mlflow.log_table(pd.DataFrame({"input": ["c"], "extra": [number]}), "eval/t.json")
        mlflow.log_table({"x": [1, 2], "y": ["u", None]}, "p.parquet")
        mlflow.log_table({"x": 3, "y": "w"}, "p.parquet")
        mlflow.log_table({"question": "one?", "n": 7}, "row.json")

collect("json", mlflow.load_table("eval/t.json", run_ids=runs[:1]))
collect("parquet", mlflow.load_table("p.parquet", run_ids=runs[:1]))
collect("row", mlflow.load_table("row.json", run_ids=runs[1:]))
both = mlflow.load_table("eval/t.json", extra_columns=["run_id", "params.number"])
collect("both", [runs.index(one) for one in both["run_id"]])
collect("both numbers", both["params.number"].tolist())
collect("columns", list(both.columns))
by_client = client.load_table(experiment_id, "p.parquet", run_ids=runs, extra_columns=["status"])
collect("client", by_client)
collect(
    "file", pd.read_json(mlflow.artifacts.download_artifacts(f"runs:/{runs[0]}/eval/t.json"), orient="split")
)
collect("tag", json.loads(client.get_run(runs[0]).data.tags["mlflow.loggedArtifacts"]))
collect("listed", sorted(file.path for file in client.list_artifacts(runs[0])))
collect("none", refusal(mlflow.load_table, "none.json"))
collect("list", refusal(client.log_table, runs[0], [1, 2], "l.json"))
collect("suffix", "returned" in refusal(client.log_table, runs[0], {"a": [1]}, "l.csv"))
collect("sign", "returned" in refusal(client.log_table, runs[0], {"a": [1]}, "a:b.json"))
