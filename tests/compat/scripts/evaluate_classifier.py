"""Evaluation of classifiers: the same metrics with the same values, the same artifacts."""

import warnings

import mlflow
import numpy as np
from collecting import collect, refusal
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression, RidgeClassifier

warnings.simplefilter("ignore")
QUIET = {"log_model_explainability": False}


def report(name, result):
    collect(f"{name}: metrics", {key: round(float(value), 9) for key, value in result.metrics.items()})
    collect(f"{name}: artifacts", set(result.artifacts))


cells, labels = load_breast_cancer(return_X_y=True, as_frame=True)
seen, rest = cells[:300], cells[300:].assign(y=labels[300:])
model = LogisticRegression(max_iter=100).fit(seen, labels[:300])
with mlflow.start_run() as run:
    uri = mlflow.sklearn.log_model(model, name="m", input_example=seen[:2]).model_uri
    call = {"targets": "y", "model_type": "classifier"}
    report("two labels", mlflow.evaluate(uri, rest, evaluator_config=QUIET, **call))
    weighted = {"pos_label": 0, "metric_prefix": "p_", "sample_weights": np.arange(len(rest)) + 1.0, **QUIET}
    report("weighted", mlflow.evaluate(uri, rest, evaluator_config={"default": weighted}, **call))
    report(
        "predictions",
        mlflow.evaluate(data=rest.assign(p=model.predict(cells[300:])), predictions="p", **call),
    )
    collect("logged", sorted(mlflow.get_run(run.info.run_id).data.metrics))
    inputs = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    collect("inputs", sorted({one.dataset.digest for one in inputs}))
    collect("no targets", refusal(mlflow.evaluate, uri, rest, model_type="classifier"))
    collect("no data", refusal(mlflow.evaluate, uri, targets="y", model_type="classifier"))
    collect("no model", refusal(mlflow.evaluate, None, rest, **call))
    collect("estimator", refusal(mlflow.evaluate, model, rest, **call))
report("function", mlflow.evaluate(lambda rows: (rows["mean radius"] > 14).astype(int), rest, **call))

flowers, kinds = load_iris(return_X_y=True)
model = LogisticRegression(max_iter=30).fit(flowers[::2], kinds[::2])
with mlflow.start_run():
    uri = mlflow.sklearn.log_model(model, name="m", input_example=flowers[:2]).model_uri
    for average in ("weighted", "micro"):
        result = mlflow.evaluate(
            uri,
            flowers,
            targets=kinds,
            model_type="classifier",
            evaluator_config={"average": average, **QUIET},
        )
        report(f"average {average}", result)
    table = result.artifacts["per_class_metrics"].content.round(9)
    collect("classes", {column: table[column].tolist() for column in table})
    names = np.array(["a", "b", "c"])[kinds]
    named = LogisticRegression(max_iter=30).fit(flowers[::2], names[::2])
    loaded = mlflow.pyfunc.load_model(mlflow.sklearn.log_model(named, name="named").model_uri)
    dataset = mlflow.data.from_numpy(flowers, targets=names)
    report("texts", mlflow.evaluate(loaded, dataset, model_type="classifier", evaluator_config=QUIET))
    uri = mlflow.sklearn.log_model(RidgeClassifier().fit(flowers, kinds), name="ridge").model_uri
    report(
        "unsure",
        mlflow.evaluate(uri, flowers, targets=kinds, model_type="classifier", evaluator_config=QUIET),
    )
