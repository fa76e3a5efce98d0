"""Evaluation of regressors, metrics and artifacts of one's own, and thresholds."""

import warnings
from pathlib import Path

import mlflow
import numpy as np
from collecting import collect, refusal
from mlflow.metrics import MetricValue
from mlflow.models import MetricThreshold, make_metric
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

warnings.simplefilter("ignore")


def report(name, result):
    collect(f"{name}: metrics", {key: round(float(value), 9) for key, value in result.metrics.items()})
    collect(f"{name}: artifacts", set(result.artifacts))


def halves(predictions, targets, metrics, s1):
    scores = (np.abs(predictions - targets) / 2 + 0 * s1.to_numpy()).tolist()
    return MetricValue(
        scores=scores, aggregate_results={"halves": metrics["max_error"].aggregate_results["max_error"] / 2}
    )


def twice(eval_df, builtin_metrics):
    return builtin_metrics["max_error"] * 2 + 0 * len(eval_df)


def dependent(halves):
    return halves.aggregate_results["halves"] + 1


def mine(eval_df, builtin_metrics, artifacts_dir):
    path = Path(artifacts_dir) / "t.csv"
    eval_df.round(6).to_csv(path, index=False)
    return {
        "t": str(path),
        "frame": eval_df.head(2),
        "array": np.ones(2),
        "text": '{"a": 1}',
        "object": {"a": len(builtin_metrics)},
    }


patients, progress = load_diabetes(return_X_y=True, as_frame=True)
model = LinearRegression().fit(patients[:300], progress[:300])
rest = mlflow.data.from_pandas(patients[300:].assign(y=progress[300:]), targets="y", name="diabetes")
with mlflow.start_run() as run:
    uri = mlflow.sklearn.log_model(model, name="m", input_example=patients[:2]).model_uri
    result = mlflow.evaluate(
        uri,
        rest,
        model_type="regressor",
        extra_metrics=[
            make_metric(eval_fn=dependent, greater_is_better=True),
            make_metric(eval_fn=halves, greater_is_better=False, version="v1"),
            make_metric(eval_fn=twice, greater_is_better=False, name="double"),
            mlflow.metrics.mae(),
        ],
        custom_artifacts=[mine],
        evaluators="default",
        evaluator_config={"log_model_explainability": False},
    )
    report("own", result)
    collect("table", list(result.tables["eval_results_table"].columns))
    contents = {name: result.artifacts[name].content for name in ("t", "frame", "array", "text", "object")}
    collect("contents", {name: getattr(one, "shape", one) for name, one in contents.items()})
    collect(
        "files",
        sorted(
            one.path
            for one in mlflow.artifacts.list_artifacts(run_id=run.info.run_id)
            if one.path
            in {"t.csv", "frame.csv", "array.npy", "text.json", "object.json", "eval_results_table.json"}
        ),
    )
    worse = mlflow.evaluate(
        lambda rows: np.full(len(rows), 150.0), rest, model_type="regressor", evaluators="regressor"
    )
    report("constant", worse)
    weights = {"sample_weights": np.arange(len(rest.df)) + 1.0, "log_model_explainability": False}
    report("weighted", mlflow.evaluate(uri, rest, model_type="regressor", evaluator_config=weights))
    three = make_metric(eval_fn=lambda metrics: 3 + 0 * len(metrics), name="three", greater_is_better=True)
    report("only own", mlflow.evaluate(uri, rest, extra_metrics=[three]))
    (used,) = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    collect("input", [used.dataset.name, used.dataset.digest])

result.save("saved")
collect("saved", sorted(path.name for path in Path("saved").iterdir() if path.name != "intervals.json"))
collect("read", sorted(mlflow.models.EvaluationResult.load("saved").metrics))


def judged(better, **limits):
    thresholds = {"mean_absolute_error": MetricThreshold(greater_is_better=False, **limits)}
    first, second = (result, worse) if better else (worse, result)
    try:
        mlflow.validate_evaluation_results(thresholds, first, second)
    except mlflow.exceptions.MlflowException:
        return "fails"
    return "passes"


for limits in (
    {"threshold": 50},
    {"min_absolute_change": 5.0},
    {"min_relative_change": 0.2},
    {"min_relative_change": 0.9},
):
    collect(f"judged {limits}", [judged(True, **limits), judged(False, **limits)])
collect("no limit", refusal(MetricThreshold, greater_is_better=True))
collect("no direction", refusal(MetricThreshold, threshold=1))
collect("slash", refusal(make_metric, eval_fn=twice, greater_is_better=True, name="a/b"))
collect("lambda", refusal(make_metric, eval_fn=lambda: 1, greater_is_better=True))
collect("shown", str(MetricThreshold(threshold=0.5, greater_is_better=True)))
