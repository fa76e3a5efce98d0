"""What is logged of XGBoost, LightGBM, Keras and Lightning without being asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import keras
import lightgbm as lgb
import lightning
import numpy as np
import pytest
import torch
import xgboost as xgb
from sklearn.model_selection import GridSearchCV

import mlflowflow
from mlflowflow.autologging.switchboard import SWITCHBOARD
from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.fluent.api import search_runs
from mlflowflow.tracking.logged.fluent import search_logged_models
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mlflowflow.tracking.run import Run

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(80, 3))
Y = (X[:, 0] + 0.3 * X[:, 1] > 0).astype(int)
PARAMS = {"objective": "binary:logistic", "eval_metric": ["logloss", "ndcg@3"], "max_depth": 2}


@pytest.fixture(autouse=True)
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Provide an empty store; our mistakes are raised."""
    monkeypatch.setenv("MLFLOWFLOW_AUTOLOGGING_TESTING", "true")
    with session_at(str(tmp_path / "store"), tmp_path / "spool"):
        yield
        SWITCHBOARD.turn_all_off()


def only_run() -> Run:
    """Return the one run there is."""
    (run,) = search_runs(output_format="list")
    return run


def files(run: Run) -> set[str]:
    """Return the files of a run at its root."""
    return {each.path for each in mlflowflow.current_tracker().artifacts(run.info.run_id).list()}


def history(run: Run, key: str) -> list[tuple[int, float]]:
    """Return a metric's points."""
    points = mlflowflow.current_tracker().metric_history(run.info.run_id, key)
    return [(each.step, each.value) for each in points]


def of_the_model(run: Run) -> set[str]:
    """Return the metrics that are about the one model of a run, which is complete."""
    (output,) = run.outputs.model_outputs
    (model,) = search_logged_models(output_format="list")
    assert (model.model_id, model.source_run_id, model.status) == (output.model_id, run.info.run_id, "READY")
    return {each.key for each in model.metrics or ()}


def test_a_booster_of_xgboost() -> None:
    """Every iteration is a point, the best one is told, and the user's callbacks are left alone."""
    mlflowflow.xgboost.autolog(importance_types=["weight", "gain"])
    data = xgb.DMatrix(X, Y)
    results: dict[str, Any] = {}
    callbacks: list[Any] = []
    booster = xgb.train(
        PARAMS,
        data,
        6,
        evals=[(data, "train")],
        early_stopping_rounds=2,
        evals_result=results,
        callbacks=callbacks,
    )
    run = only_run()
    assert callbacks == []
    assert run.data.tags["mlflow.autologging"] == "xgboost"
    expected = {"max_depth": "2", "num_boost_round": "6", "early_stopping_rounds": "2"}
    assert expected.items() <= run.data.params.items()
    losses = results["train"]["logloss"]
    assert [value for _, value in history(run, "train-logloss")][: len(losses)] == losses
    assert "train-ndcg_at_3" in run.data.metrics
    assert run.data.metrics["best_iteration"] == booster.best_iteration
    assert run.data.metrics["stopped_iteration"] == len(losses) - 1
    assert {
        f"feature_importance_{kind}.{end}" for kind in ("weight", "gain") for end in ("json", "png")
    } <= files(run)
    content = mlflowflow.current_tracker().artifacts(run.info.run_id).read("feature_importance_weight.json")
    assert json.loads(content) == booster.get_score(importance_type="weight")
    assert of_the_model(run) == set(run.data.metrics)
    assert {one.tags[0].value for one in run.inputs.dataset_inputs} <= {"train", "eval"}


def test_a_training_that_fails_leaves_no_model_in_training() -> None:
    """It is FAILED with its run, and no output of it; what was measured until then is about it."""
    mlflowflow.xgboost.autolog()

    class Stops(xgb.callback.TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            del model, evals_log
            if epoch == 1:
                raise ValueError("no more")
            return False

    data = xgb.DMatrix(X, Y)
    with pytest.raises(ValueError, match="no more"):
        xgb.train(PARAMS, data, 6, evals=[(data, "train")], callbacks=[Stops()])
    run = only_run()
    (model,) = search_logged_models(output_format="list")
    assert (run.info.status, model.status, run.outputs.model_outputs) == ("FAILED", "FAILED", ())
    assert "train-logloss" in {each.key for each in model.metrics or ()}


def test_an_estimator_of_xgboost() -> None:
    """Its iterations and its model are in one run; in a search nothing is logged of the trials."""
    mlflowflow.xgboost.autolog()
    xgb.XGBClassifier(n_estimators=3, max_depth=2).fit(X, Y, eval_set=[(X, Y)], verbose=False)
    run = only_run()
    assert [step for step, _ in history(run, "validation_0-logloss")] == [0, 1, 2]
    assert len(run.outputs.model_outputs) == 1
    mlflowflow.sklearn.autolog(max_tuning_runs=0)
    GridSearchCV(xgb.XGBClassifier(n_estimators=2), {"max_depth": [1, 2]}, cv=2).fit(X, Y)
    assert len(search_runs(output_format="list")) == 2


def test_a_booster_of_lightgbm() -> None:
    """Its iterations are told as LightGBM counts them."""
    mlflowflow.lightgbm.autolog()
    train, valid = (
        lgb.Dataset(X[:60], Y[:60], free_raw_data=False),
        lgb.Dataset(X[60:], Y[60:], free_raw_data=False),
    )
    results: dict[str, Any] = {}
    booster = lgb.train(
        {"objective": "binary", "metric": "binary_logloss", "verbose": -1, "min_data_in_leaf": 3},
        train,
        20,
        valid_sets=[valid],
        valid_names=["held out"],
        callbacks=[lgb.early_stopping(2, verbose=False), lgb.record_evaluation(results)],
    )
    run = only_run()
    losses = results["held out"]["binary_logloss"]
    assert [value for _, value in history(run, "held out-binary_logloss")][: len(losses)] == losses
    assert run.data.metrics["best_iteration"] == booster.best_iteration
    assert run.data.params["objective"] == "binary"
    assert {"feature_importance_split.json", "feature_importance_gain.png"} <= files(run)
    assert of_the_model(run) == set(run.data.metrics)


def test_an_estimator_of_lightgbm() -> None:
    """The estimator is the model, and there is one."""
    mlflowflow.lightgbm.autolog(log_input_examples=True)
    lgb.LGBMClassifier(n_estimators=2, verbose=-1).fit(X, Y)
    assert len(only_run().outputs.model_outputs) == 1


def _network() -> Any:
    model = keras.Sequential([keras.Input([3]), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(0.01), metrics=["accuracy"])
    return model


def test_a_model_of_keras() -> None:
    """Every epoch is a point equal to what Keras reports."""
    mlflowflow.keras.autolog()
    seen = _network().fit(X, Y, batch_size=16, epochs=3, verbose=0, validation_data=(X, Y))
    run = only_run()
    assert [value for _, value in history(run, "loss")] == pytest.approx(seen.history["loss"])
    assert [step for step, _ in history(run, "val_accuracy")] == [0, 1, 2]
    assert len(history(run, "validation_loss")) == 3
    expected = {"batch_size": "16", "epochs": "3", "optimizer_name": "adam"}
    assert expected.items() <= run.data.params.items()
    assert "model_summary.txt" in files(run)
    assert of_the_model(run) == set(run.data.metrics)


def test_keras_by_steps() -> None:
    """Steps are counted by the optimizer."""
    mlflowflow.keras.autolog(log_every_epoch=False, log_every_n_steps=2, log_models=False)
    _network().fit(X, Y, batch_size=16, epochs=2, verbose=0)
    assert [step for step, _ in history(only_run(), "loss")] == [2, 4, 6, 8, 10]
    with pytest.raises(InvalidInput, match="log_every_n_steps"):
        mlflowflow.keras.autolog(log_every_n_steps=2)


class Linear(lightning.LightningModule):  # type: ignore[misc]
    """A model with one layer."""

    def __init__(self) -> None:
        """Make the layer."""
        super().__init__()
        self.layer = torch.nn.Linear(3, 1)

    def forward(self, rows: Any) -> Any:
        """Answer with one number a row."""
        return self.layer(rows)

    def training_step(self, batch: Any, _: int) -> Any:
        """Return the loss."""
        loss = torch.nn.functional.mse_loss(self(batch[0])[:, 0], batch[1])
        self.log("train_loss", loss, on_epoch=True)
        return loss

    def validation_step(self, batch: Any, _: int) -> None:
        """Log the loss."""
        self.log("val_loss", torch.nn.functional.mse_loss(self(batch[0])[:, 0], batch[1]))

    def configure_optimizers(self) -> Any:
        """Take small steps."""
        return torch.optim.SGD(self.parameters(), lr=0.05)


@pytest.mark.filterwarnings("ignore")
def test_a_trainer_of_lightning(tmp_path: Path) -> None:
    """Every epoch is a point; the optimizer, the layers, the best checkpoint and the model are kept."""
    mlflowflow.pytorch.autolog()
    rows = torch.utils.data.TensorDataset(torch.tensor(X).float(), torch.tensor(Y).float())
    loader = torch.utils.data.DataLoader(rows, batch_size=20)
    stopping = lightning.pytorch.callbacks.EarlyStopping("val_loss", patience=2)
    trainer = lightning.Trainer(
        max_epochs=3,
        callbacks=[stopping],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        accelerator="cpu",
        default_root_dir=tmp_path,
    )
    trainer.fit(Linear(), loader, loader)
    run = only_run()
    assert [step for step, _ in history(run, "val_loss")] == [0, 1, 2]
    assert run.data.tags["Mode"] == "training"
    expected = {"epochs": "3", "optimizer_name": "SGD", "lr": "0.05", "monitor": "val_loss", "patience": "2"}
    assert expected.items() <= run.data.params.items()
    assert {"model_summary.txt", "checkpoints", "restored_model_checkpoint"} <= files(run)
    assert of_the_model(run) == set(run.data.metrics)
