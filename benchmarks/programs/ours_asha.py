"""What early stopping saves: a network on handwritten digits, 27 epochs a trial, stopped by ASHA."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import mlflowflow as mlflow
from benchmarks.programs.protocol import answer
from mlflowflow.sweeps import asha, choice, maximize, random_search, real

if TYPE_CHECKING:
    from mlflowflow.sweeps.live import LiveTrial

EPOCHS = 27


def train(width: int, rate: float, decay: float, trial: LiveTrial) -> None:
    """Fit for `EPOCHS` passes over the training rows and report the accuracy after each, unless told to stop."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    images, digits = load_digits(return_X_y=True)
    fit_x, check_x, fit_y, check_y = train_test_split(images / 16.0, digits, test_size=0.3, random_state=0)
    network = MLPClassifier((width,), learning_rate_init=rate, alpha=decay, random_state=0)
    classes = list(range(10))
    for epoch in range(1, EPOCHS + 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network.partial_fit(fit_x, fit_y, classes=classes)
        trial.report(float(network.score(check_x, check_y)), epoch)
        if trial.should_prune():
            raise mlflow.TrialPruned


def measure(*, folder: str, trials: int) -> dict[str, float]:
    """Run `trials` trials and return the share of all epochs that were run, and the best accuracy."""
    result = mlflow.sweep(
        train,
        space={
            "width": choice(16, 32, 64, 128),
            "rate": real(1e-4, 1e-1, log=True),
            "decay": real(1e-6, 1e-1, log=True),
        },
        objectives=maximize("accuracy"),
        sampler=random_search(seed=7),
        pruner=asha(1, EPOCHS, reduction=3),
        budget=trials,
        parallel=2,
    ).run("local:2", store=folder, progress=False)
    mlflow.set_tracking_uri(folder)
    client = mlflow.MlflowClient()
    epochs = sum(len(client.get_metric_history(each.run_id, "accuracy")) for each in result.trials)
    best = result.best
    return {
        "epochs_percent": 100.0 * epochs / (trials * EPOCHS),
        "best_accuracy": best.values["accuracy"],
    }


if __name__ == "__main__":
    answer(measure)
