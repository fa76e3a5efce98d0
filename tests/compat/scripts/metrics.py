"""Metrics: what is a number, which point is the latest, histories, batches and queued calls."""

import math

import mlflow
import numpy as np
from collecting import collect, kind, refusal

client = mlflow.MlflowClient()
with mlflow.start_run() as run:
    run_id = run.info.run_id
    for step in range(4):
        mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
    mlflow.log_metric("late", 5.0, step=10, timestamp=100)
    mlflow.log_metric("late", 1.0, step=2, timestamp=200)
    mlflow.log_metric("times", 1.0, step=1, timestamp=200)
    mlflow.log_metric("times", 2.0, step=1, timestamp=100)
    mlflow.log_metric("tie", 2.0, step=1, timestamp=100)
    mlflow.log_metric("tie", 7.0, step=1, timestamp=100)
    mlflow.log_metric("tie", 3.0, step=1, timestamp=100)
    mlflow.log_metric("twice", 3.0, step=1, timestamp=100)
    mlflow.log_metric("twice", 3.0, step=1, timestamp=100)
    mlflow.log_metric("negative step", 1.0, step=-3)
    mlflow.log_metric("nan", math.nan)
    mlflow.log_metrics({"a": 1, "b": np.float32(0.5), "c": np.int64(3), "d": np.array(2.5)}, step=3)
    collect("nothing returned", [mlflow.log_metric("x", 1), mlflow.log_metrics({"y": 2.0})])
    collect(
        "values",
        [refusal(mlflow.log_metric, "bad", value) for value in ("word", None, [1, 2], {}, np.array([1, 2]))],
    )
    collect("steps", [refusal(mlflow.log_metric, "bad", 1.0, step=step) for step in ("x", [1])])
    collect("keys", [refusal(mlflow.log_metric, key, 1.0) for key in ("a;b", "", "..", "/x", "x" * 251)])
    collect("bad batch", refusal(mlflow.log_metrics, {"fine": 1.0, "a;b": 2.0}))
    queued = mlflow.log_metric("queued", 4.0, synchronous=False)
    collect("queued", [kind(queued), queued.wait()])
    queued = mlflow.log_metrics({"q1": 1.0, "q2": 2.0}, step=1, synchronous=False)
    queued.wait()
    mlflow.flush_async_logging()

data = mlflow.get_run(run_id).data
collect("latest", data.metrics)
for key in ("loss", "late", "times", "twice", "nan", "negative step"):
    points = client.get_metric_history(run_id, key)
    collect(f"history of {key}", [[point.key, point.value, point.step] for point in points])
collect("times", sorted(point.timestamp for point in client.get_metric_history(run_id, "times")))
collect("timestamps are numbers", kind(client.get_metric_history(run_id, "loss")[0].timestamp))
collect("unknown metric", client.get_metric_history(run_id, "never"))
mlflow.log_metric("elsewhere", 1.0, run_id=run_id)
mlflow.log_metrics({"elsewhere2": 2.0}, run_id=run_id, timestamp=5)
collect("by run id", mlflow.get_run(run_id).data.metrics["elsewhere2"])
client.log_metric(run_id, "client", 1.0, 77, 3)
point = client.get_metric_history(run_id, "client")[0]
collect("client", [point.timestamp, point.step, point.value])
collect(
    "unknown run",
    [refusal(client.log_metric, "f" * 32, "m", 1.0), refusal(mlflow.log_metric, "m", 1.0, run_id="f" * 32)],
)
