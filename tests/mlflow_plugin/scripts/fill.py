"""Runs with a curve each, and a registered version, for somebody to look at."""

import json
import math

import mlflow
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

experiment = mlflow.set_experiment("wine")
for number in range(3):
    with mlflow.start_run(run_name=f"attempt {number}") as run:
        mlflow.log_param("depth", number + 2)
        for step in range(40):
            mlflow.log_metric("loss", math.exp(-step * (number + 1) / 40), step=step)
features, labels = load_iris(return_X_y=True)
with mlflow.start_run(run_name="with model") as trained:
    mlflow.log_text("what was tried", "notes/tried.txt")
    model = LogisticRegression(max_iter=500).fit(features, labels)
    mlflow.sklearn.log_model(model, name="model", input_example=features[:2], registered_model_name="iris")
client = MlflowClient()
client.set_registered_model_alias("iris", "champion", 1)
client.set_model_version_tag("iris", "1", "gate", "passed")
made = {"experiment": experiment.experiment_id, "run": run.info.run_id, "trained": trained.info.run_id}
print("\x1e" + json.dumps(made))
