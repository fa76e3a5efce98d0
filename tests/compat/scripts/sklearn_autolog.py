"""What is logged of scikit-learn without being asked: params, metrics, tags, files, inputs and children."""

import mlflow
import numpy as np
import sklearn.metrics
from collecting import collect
from mlflow.tracking import MlflowClient
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

client = MlflowClient()
X, y = load_iris(return_X_y=True)
X_test, y_test = X[::3], y[::3]


def report(name, run):
    found = client.get_run(run.info.run_id)
    collect(f"{name}: params", found.data.params)
    # times differ; a number in its last digits may differ between builds
    rounded = {key: round(value, 9) for key, value in found.data.metrics.items() if "_time" not in key}
    collect(f"{name}: metrics", rounded)
    tags = {
        key: value
        for key, value in found.data.tags.items()
        if key.startswith("estimator") or key in {"mlflow.autologging", "team"}
    }
    collect(f"{name}: tags", tags)
    collect(f"{name}: files", sorted(each.path for each in client.list_artifacts(run.info.run_id)))
    collect(
        f"{name}: inputs",
        sorted([each.dataset.digest, each.tags[0].value] for each in found.inputs.dataset_inputs),
    )
    collect(f"{name}: status", found.info.status)


mlflow.sklearn.autolog(max_tuning_runs=2, extra_tags={"team": "a"})

with mlflow.start_run() as run:
    model = LogisticRegression(max_iter=300).fit(X, y)
    predicted = model.predict(X_test)
    sklearn.metrics.accuracy_score(y_test, predicted)
    sklearn.metrics.accuracy_score(y_test, predicted, normalize=False)
    sklearn.metrics.f1_score(y_test, y_pred=predicted, average="macro")
    sklearn.metrics.accuracy_score(y_test, list(predicted))
    model.score(X_test, y_test)
    sklearn.metrics.roc_auc_score(y_test, model.predict_proba(X_test.copy()), multi_class="ovr")
report("classifier", run)

mlflow.sklearn.autolog(log_models=False, max_tuning_runs=2, extra_tags={"team": "a"})

with mlflow.start_run() as run:
    make_pipeline(StandardScaler(), LinearRegression()).fit(X, y, linearregression__sample_weight=None)
report("pipeline", run)

DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y == 1, sample_weight=np.linspace(1, 2, len(y)))
report("weighted", mlflow.last_active_run())

KMeans(n_clusters=2, n_init=1, random_state=0).fit_predict(X)
report("clusters", mlflow.last_active_run())

PCA(n_components=2).fit_transform(X)
report("transformer", mlflow.last_active_run())

before = len(mlflow.search_runs())
StandardScaler().fit(X)
cross_val_score(DecisionTreeClassifier(), X, y, cv=2)
collect("not logged", len(mlflow.search_runs()) - before)

for name, search in {
    "grid": GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3]}, cv=3),
    "random": RandomizedSearchCV(
        DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3]}, n_iter=2, cv=3, random_state=0
    ),
}.items():
    search.fit(X, y)
    parent = mlflow.last_active_run()
    report(name, parent)
    children = mlflow.search_runs(
        filter_string=f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'",
        output_format="list",
        order_by=["params.max_depth"],
    )
    for place, child in enumerate(children):
        report(f"{name} child {place}", child)

mlflow.sklearn.autolog(exclusive=True, log_models=False)
with mlflow.start_run() as run:
    LinearRegression().fit(X, y)
report("exclusive", run)

try:
    mlflow.sklearn.autolog(log_models=False)
    LinearRegression().fit(X, y[:3])
except ValueError:
    runs = mlflow.search_runs(output_format="list", filter_string="attributes.status = 'FAILED'")
    # not its params: MLflow queues them, and a fit that fails may be over before they arrive
    collect("failed", [each.info.status for each in runs])

mlflow.autolog(disable=True)
mlflow.sklearn.autolog(disable=True)
before = len(mlflow.search_runs())
LinearRegression().fit(X, y)
collect("disabled", len(mlflow.search_runs()) - before)
