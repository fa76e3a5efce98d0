"""Judge a model on rows that nothing was ever fitted to, and keep every single answer.

The file `outcomes.parquet` (row_id, label, prediction) is what lets a gate compare two models row
by row instead of by two averages.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from rows import Rows, read
from sklearn.metrics import log_loss

import mlflowflow as mlflow
from mlflowflow.errors import MlflowflowError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def judge(rows: Rows, probability: NDArray[np.float64]) -> dict[str, float]:
    """Return accuracy, log loss and each digit's recall; column k of `probability` is the digit k."""
    right = probability.argmax(axis=1) == rows.label
    digits = range(probability.shape[1])
    return {
        "accuracy": float(right.mean()),
        "log_loss": float(log_loss(rows.label, probability, labels=digits)),
        **{f"recall_{digit}": float(right[rows.label == digit].mean()) for digit in digits},
    }


def outcomes(rows: Rows, probability: NDArray[np.float64]) -> dict[str, NDArray[np.int64]]:
    """Return the columns of `outcomes.parquet`: what was asked and what was answered."""
    return {"row_id": rows.row_id, "label": rows.label, "prediction": probability.argmax(axis=1)}


def main() -> None:
    """Log the metrics and `outcomes.parquet` of one model on the gate's rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="models:/name/version, runs:/run/model or a folder")
    parser.add_argument("--data", type=Path, required=True, help="the folder 'gate' that ingest.py wrote")
    options = parser.parse_args()
    try:
        rows = read(options.data / "gate.parquet")
        model = mlflow.sklearn.load_model(options.model)
    except (FileNotFoundError, MlflowflowError) as problem:
        parser.exit(2, f"{problem}\n")
    with mlflow.start_run(), tempfile.TemporaryDirectory() as scratch:
        mlflow.log_param("model", options.model)
        probability = model.predict_proba(rows.pixels)
        metrics = judge(rows, probability)
        mlflow.log_metrics(metrics)
        path = Path(scratch) / "outcomes.parquet"
        pq.write_table(pa.table(outcomes(rows, probability)), path)
        mlflow.log_artifact(str(path))
    print(f"{options.model}: accuracy {metrics['accuracy']:.4f}, log loss {metrics['log_loss']:.4f}")


if __name__ == "__main__":
    main()
