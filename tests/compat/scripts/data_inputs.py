"""Datasets: the same data has the same digest, schema and profile, and a source that is found again."""

import tempfile
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from collecting import collect, fields, refusal
from mlflow.data.http_dataset_source import HTTPDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.data.numpy_dataset import NumpyDataset
from mlflow.data.pandas_dataset import PandasDataset

draw = np.random.default_rng(0)
tables = {
    "mixed": pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
    "long": pd.DataFrame({"z": draw.normal(size=20_000), "m": ["q", None] * 10_000}),
    "numbered": pd.DataFrame({0: [1.0, np.nan], 1: [True, False]}),
    "times": pd.DataFrame(
        {"c": pd.Categorical(["a", "b"]), "d": pd.to_datetime(["2020-01-01", "2021-01-01"])}
    ),
    "lists": pd.DataFrame({"l": [[1], [2]], "i": np.array([1, 2], dtype="int8")}),
    "indexed": pd.DataFrame({"x": [1, 2]}, index=["p", "q"]),
    "nulls": pd.DataFrame({"e": pd.array([1, None], dtype="Int64")}),
}
for name, table in tables.items():
    collect(f"table {name}", mlflow.data.from_pandas(table, source="x.csv").to_dict())

arrays = {
    "pair": (np.array([[1.0, 2.0]]), np.array([1])),
    "long": (draw.normal(size=(3000, 5)), None),
    "named": ({"a": np.zeros((2, 2)), "b": np.ones(2)}, {"t": np.array(["u", "v"])}),
    "texts": (np.array(["a", "bb"]), None),
    "small": (draw.integers(0, 5, (4, 3)).astype("int16"), None),
}
for name, (features, targets) in arrays.items():
    collect(f"array {name}", mlflow.data.from_numpy(features, source="s3://b/x", targets=targets).to_dict())

web = HTTPDatasetSource("https://example.org/reviews.tar.gz")
collect("meta", MetaDataset(web, name="reviews").to_dict())

wine = mlflow.data.from_pandas(tables["mixed"], targets="a", name="wine", predictions="b")
collect("classes", [isinstance(wine, PandasDataset), type(wine.df).__name__, wine.targets, wine.predictions])
collect("program", wine.to_dict()["source_type"])
collect("numpy", isinstance(mlflow.data.from_numpy(arrays["pair"][0]), NumpyDataset))
collect("no such column", refusal(mlflow.data.from_pandas, tables["mixed"], targets="z"))
no_address = refusal(mlflow.data.from_pandas, tables["mixed"], source="magic://x")
collect("no such address is refused", "error_code" in no_address)

parts = wine.to_evaluation_dataset()
collect(
    "parts", [parts.feature_names, parts.labels_data, parts.predictions_data, parts.name, parts.has_targets]
)
parts = mlflow.data.from_numpy(draw.normal(size=(2, 11)), targets=np.array([0, 1])).to_evaluation_dataset()
collect("numbered features", parts.feature_names)

with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
    path = Path(folder) / "wine.csv"
    tables["mixed"].to_csv(path, index=False)
    mlflow.log_input(
        mlflow.data.from_pandas(tables["mixed"], source=str(path), name="wine"), context="training"
    )
    mlflow.log_input(mlflow.data.from_numpy(arrays["pair"][0], source="s3://b/x", name="array"))
    inputs = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    by_name = {one.dataset.name: one for one in inputs}
    collect(
        "inputs", {name: fields(one.dataset, "digest", "schema", "profile") for name, one in by_name.items()}
    )
    collect("tags", {name: [[tag.key, tag.value] for tag in one.tags] for name, one in by_name.items()})
    found = mlflow.data.get_source(by_name["wine"])
    collect("loaded", Path(found.load()).read_text())
    collect("source", mlflow.data.get_source(by_name["array"]).to_dict())
