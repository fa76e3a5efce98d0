"""What looks after models: signatures, examples, requests, requirements."""

import json
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from collecting import collect, refusal
from mlflow.models import (
    Model,
    convert_input_example_to_serving_input,
    get_model_info,
    infer_signature,
    set_signature,
    update_model_requirements,
    validate_serving_input,
)
from sklearn.linear_model import LinearRegression

table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1, 2, 3]})
estimator = LinearRegression().fit(table, [1.0, 2.0, 3.0])

for name, arguments in {
    "table": (table, [1]),
    "array": (np.array([[1.0]], dtype="float32"), np.array([1])),
    "tensors": ({"x": np.zeros((2, 3)), "y": np.zeros((2, 1))}, None),
    "records": ([{"a": 1, "b": ["x"]}, {"a": 2}], None),
    "texts": (["a"], "b"),
    "dates": (pd.DataFrame({"t": pd.to_datetime(["2026-01-01"])}), None),
    "params": (table, None, {"k": 1, "l": [1.0], "s": "x", "f": True}),
    "nested": ([{"a": {"b": [1], "c": "x"}}], None),
}.items():
    collect(f"signature of {name}", infer_signature(*arguments).to_dict())

mlflow.sklearn.save_model(estimator, "model", input_example=table, metadata={"q": 1})
info = get_model_info("model")
collect("signature", info.signature.to_dict())
collect("flavors", sorted(info.flavors))
collect("predicts with", info.flavors["python_function"]["loader_module"])
model = Model.load("model")
collect("example", model.load_input_example("model"))
collect("metadata", model.metadata)
collect("served", json.loads(model.get_serving_input("model")))

for name, example in {
    "table": table,
    "array": np.ones((1, 2)),
    "list": [1, 2],
    "pair": ([1], {"k": 1}),
}.items():
    collect(f"request of {name}", json.loads(convert_input_example_to_serving_input(example)))
request = convert_input_example_to_serving_input(table)
collect("answer", np.round(validate_serving_input("model", request), 6))
collect("wrong request", "returned" in refusal(validate_serving_input, "model", "{}"))

with mlflow.start_run():
    logged = mlflow.sklearn.log_model(estimator, name="model")
    mlflow.log_metric("rmse", 0.5, model_id=logged.model_id)
collect("without", get_model_info(logged.model_uri).signature)
set_signature(logged.model_uri, infer_signature(table, [1.0]))
collect("given", get_model_info(logged.model_uri).signature.to_dict())
update_model_requirements(logged.model_uri, "add", ["something==1.0"])
lines = Path(mlflow.pyfunc.get_model_dependencies(logged.model_uri)).read_text().split()
collect("added", "something==1.0" in lines)
update_model_requirements(logged.model_uri, "remove", ["something"])
lines = Path(mlflow.pyfunc.get_model_dependencies(logged.model_uri)).read_text().split()
collect("removed", [line for line in lines if line.startswith("something")])
collect("metrics", {one.key: one.value for one in mlflow.get_logged_model(logged.model_id).metrics})

loaded = mlflow.pyfunc.load_model(logged.model_uri)
collect("columns in another order", np.round(loaded.predict(table[["b", "a"]].assign(c=1)), 6))
collect(
    "whole numbers",
    np.round(loaded.predict(pd.DataFrame({"a": [1], "b": [1]}, dtype="int32").assign(b=1)), 6),
)
collect("missing column", "returned" in refusal(loaded.predict, table[["a"]]))
collect("text for a number", "returned" in refusal(loaded.predict, pd.DataFrame({"a": ["x"], "b": [1]})))
