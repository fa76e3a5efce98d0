"""Trivial trials by Optuna, one after the other, each a run in MLflow's database."""

from __future__ import annotations

import mlflow
import optuna

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import seconds


def measure(*, uri: str, count: int, sampler: str) -> dict[str, float]:
    """Run `count` trials of the named `sampler`; the first, which makes the database, is not counted."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    mlflow.set_tracking_uri(uri)
    samplers = {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}
    study = optuna.create_study(sampler=samplers[sampler](seed=7))
    study.optimize(_objective, n_trials=1)
    took = seconds(lambda: study.optimize(_objective, n_trials=count))
    return {"trial_ms": took * 1e3 / count}


def _objective(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", 0.0, 1.0)
    loss = (x - 0.3) ** 2
    with mlflow.start_run():
        mlflow.log_params(trial.params)
        mlflow.log_metric("loss", loss)
    return loss


if __name__ == "__main__":
    answer(measure)
