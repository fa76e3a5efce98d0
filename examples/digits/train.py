"""Fit one classifier of handwritten digits and score it on the validation rows."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from classifiers import PARAMS, build, confusion, score
from rows import Rows, join, read
from threadpoolctl import threadpool_limits

import mlflowflow as mlflow

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def keep(model: Pipeline, rows: Rows) -> None:
    """Log the fitted `model` with the shape of what it takes and gives."""
    signature = mlflow.models.infer_signature(rows.pixels, model.predict(rows.pixels))
    mlflow.sklearn.log_model(model, name="model", signature=signature, input_example=rows.pixels[:2])


def fit(options: argparse.Namespace, train: Rows, validation: Rows) -> dict[str, float]:
    """Log the parameters that matter and the scores; if `fit_on` is "all", refit on all rows and keep that."""
    mlflow.log_params({name: getattr(options, name) for name in ("model", *PARAMS[options.model])})
    model = build(options).fit(train.pixels, train.label)
    scores = score(model, validation)
    mlflow.log_metrics(scores)
    if options.fit_on == "all":
        mlflow.log_figure(confusion(model, validation), "confusion.png")
        everything = join(train, validation)
        keep(build(options).fit(everything.pixels, everything.label), everything)
    return scores


def arguments() -> argparse.ArgumentParser:
    """Say what this script takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder 'data' that ingest.py wrote")
    parser.add_argument("--model", choices=list(PARAMS), default="kernel", help="the family")
    parser.add_argument("--C", type=float, default=10.0, help="kernel: the less, the smoother")
    parser.add_argument("--gamma", type=float, default=0.001, help="kernel: how near two images must be")
    parser.add_argument("--trees", type=int, default=100, help="forest: how many trees")
    parser.add_argument("--depth", type=int, default=12, help="forest: how deep each may grow")
    parser.add_argument("--fit-on", choices=["train", "all"], default="train", help="all: refit and keep")
    return parser


def main() -> None:
    """Run one fit as one run; a missing file ends with one sentence and exit code 2."""
    parser = arguments()
    options = parser.parse_args()
    try:
        train, validation = read(options.data / "train.parquet"), read(options.data / "validation.parquet")
    except FileNotFoundError as missing:
        parser.exit(2, f"{missing}\n")
    # One thread each: these matrices are small, and trials that run side by side would fight for cores.
    with mlflow.start_run(), threadpool_limits(1):
        scores = fit(options, train, validation)
    print(f"{options.model}: accuracy {scores['val_accuracy']:.4f}, log loss {scores['val_log_loss']:.4f}")


if __name__ == "__main__":
    main()
