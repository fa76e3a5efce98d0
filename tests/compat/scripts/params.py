"""Params: kept as text, written once, all or none, cut when too long."""

import mlflow
from collecting import collect, refusal
from mlflow.entities import Metric, Param, RunTag

client = mlflow.MlflowClient()
with mlflow.start_run() as run:
    collect(
        "returned",
        [mlflow.log_param("depth", 3), mlflow.log_param("lr", 0.1), mlflow.log_params({"a": None})],
    )
    collect("same again", mlflow.log_param("depth", 3))
    collect("another value", refusal(mlflow.log_param, "depth", 4))
    collect("batch with another value", refusal(mlflow.log_params, {"new": 1, "depth": 4}))
    mlflow.log_params({"list": [1, 2], "dict": {"x": 1}, "flag": True, "text": "é", "empty": ""})
    collect(
        "keys",
        [refusal(mlflow.log_param, key, 1) for key in ("a;b", "", "..", "../x", "/x", "x/../y", "x" * 251)],
    )
    mlflow.log_param("x" * 250, 1)
    for key in ("with space", "with/slash", "with.dot", "with-dash", "with:colon", "ünïcode"):
        mlflow.log_param(key, 1)
    mlflow.log_param("long", "v" * 6001)
    mlflow.log_params({})
    run_id = run.info.run_id
found = mlflow.get_run(run_id).data.params
collect("new is not there", "new" in found)
collect("long", len(found.pop("long")))
collect("params", found)

mlflow.log_params({"later": 1}, run_id=run_id)
collect("other run", mlflow.get_run(run_id).data.params["later"])
client.log_batch(
    run_id,
    metrics=[Metric("m", 1.5, 10, 2)],
    params=[Param("p", "1")],
    tags=[RunTag("t", "2")],
)
batch = client.get_run(run_id).data
collect("batch", [batch.metrics["m"], batch.params["p"], batch.tags["t"]])
collect("bad batch", refusal(client.log_batch, run_id, params=[Param("q", "1"), Param("p", "other")]))
collect("nothing of it", "q" in client.get_run(run_id).data.params)
collect("client", [client.log_param(run_id, "c", 1), refusal(client.log_param, run_id, "c", 2)])
collect("unknown run", refusal(client.log_param, "f" * 32, "c", 1))
queued = mlflow.MlflowClient().log_param(run_id, "queued", 5, synchronous=False)
queued.wait()
collect("queued", client.get_run(run_id).data.params["queued"])
collect("queued refusal", refusal(client.log_param(run_id, "queued", 6, synchronous=False).wait))
