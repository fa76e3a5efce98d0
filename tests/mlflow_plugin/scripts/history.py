"""A history of MLflow's client that a seed chooses, and what the client answered to each call.

Usage: history.py SEED... with MLFLOW_TRACKING_URI. Ids that a store gave are told by the order in which they
came (``run-3``), so that two stores can be compared; all fields of every entity are told.
"""

import json
import math
import os
import random
import sys
import tempfile
from enum import Enum
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelStatus,
    Metric,
    Param,
    RunTag,
    ViewType,
)
from mlflow.exceptions import MlflowException

VALUES = [0.0, -0.0, 1.5, -2.25, 1e-300, 1e300, math.nan, math.inf, -math.inf, 3.0]
KEYS = ["loss", "acc/val", "a b", "x.y-z_0"]
TEXTS = ["", "1", "0.5", "näïve ✓", "a'b", "line\nbreak", "x" * 300]
STAGES = ["None", "Staging", "production", "Archived", "nowhere"]
FILTERS = [
    "",
    "metrics.loss > 0",
    "metrics.`acc/val` <= 1.5 and params.loss = '1'",
    "params.`a b` != '1'",
    "tags.loss LIKE '%1%'",
    "tags.`x.y-z_0` ILIKE 'N%'",
    "attributes.status = 'FINISHED'",
    "attributes.run_name LIKE 'run%'",
    "attributes.start_time > 1700000005000",
    "params.loss IS NULL",
    "datasets.name = 'wine'",
    "metrics.loss >",
    "nonsense.loss = 1",
    "attributes.status IN ('FINISHED', 'FAILED')",
    "run_id IN ('none')",
    "metrics.loss = 'text'",
    "tags.loss = 1",
]
ORDERS = [
    ["attributes.start_time ASC"],
    ["metrics.loss DESC", "attributes.start_time"],
    ["params.loss ASC", "attributes.start_time DESC"],
    ["attributes.run_name", "start_time"],
    ["tags.loss DESC", "start_time ASC"],
]
MODEL_FILTERS = [
    None,
    "name LIKE 'm%'",
    "metrics.loss >= 0",
    "params.loss = '1'",
    "tags.loss = '1'",
    "name =",
]


class History:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seed = seed
        self.client = MlflowClient()
        self.names = {}
        self.deleted, self.gone, self.dropped, self.filed = {}, {}, {}, []
        self.told = []
        self.experiments, self.runs, self.models, self.registered = [], [], [], []
        self.clock = 1_700_000_000_000

    # ---- choosing ----

    def one(self, items, other="none"):
        return self.random.choice(items) if items else other

    def time(self):
        self.clock += 1000
        return self.clock

    def run(self):
        return self.one(self.runs, "0" * 32)

    def experiment(self):
        return self.one(self.experiments, "0")

    def model(self):
        return self.one(self.models, "m-" + "0" * 32)

    def registered_name(self):
        return self.one(self.registered) if self.random.random() < 0.9 else f"s{self.seed}-none"

    def version(self):
        return str(self.random.choice([1, 1, 2, 3]))

    def key(self):
        return self.one(KEYS)

    def text(self):
        return self.one(TEXTS)

    # ---- telling ----

    def know(self, kind, real):
        if real not in self.names:
            count = sum(1 for each in self.names.values() if each.startswith(f"{kind}-"))
            self.names[real] = f"{kind}-{count}"
        return real

    def shown(self, value, field=""):  # noqa: C901, PLR0911 - a case for each kind of value
        if isinstance(value, str):
            if field == "experiment_id":
                return self.names.get(value, value)
            for real, name in self.names.items():
                value = value.replace(real, name) if len(real) > 30 else value
            return value
        if isinstance(value, Enum):
            return value.name
        if isinstance(value, float) and not math.isfinite(value):
            return repr(value)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, dict):
            return {self.shown(str(key)): self.shown(each) for key, each in sorted(value.items())}
        if hasattr(value, "_properties"):
            told = {key: self.shown(each, key) for key, each in value}
            if "latest_versions" in told:  # their order means nothing
                told["latest_versions"].sort(key=lambda each: each["current_stage"])
            if told.get("model_outputs"):  # nor has theirs
                told["model_outputs"].sort(key=lambda each: each["model_id"])
            if told.get("dataset_inputs"):
                told["dataset_inputs"].sort(key=lambda each: each["dataset"]["name"])
            return told
        if hasattr(value, "token"):
            return {"items": [self.shown(each) for each in value], "more": bool(value.token)}
        return [self.shown(each) for each in value]

    def tell(self, call, *args, **kwargs):
        try:
            found = call(*args, **kwargs)
        except MlflowException as error:
            return None, {"error": error.error_code}
        except TypeError:  # MLflow's REST client itself, of a value that its messages cannot hold
            return None, {"error": "TypeError"}
        return found, found

    # ---- experiments ----

    def create_experiment(self):
        name = f"s{self.seed}-e{self.random.randint(0, 4)}"
        found, told = self.tell(self.client.create_experiment, name, tags={"k": self.text()})
        if found is not None:
            self.experiments.append(self.know("experiment", found))
            return self.names[found]
        return told

    def get_experiment(self):
        return self.tell(self.client.get_experiment, self.experiment())[1]

    def get_experiment_by_name(self):
        return self.tell(self.client.get_experiment_by_name, f"s{self.seed}-e{self.random.randint(0, 5)}")[1]

    def rename_experiment(self):
        name = f"s{self.seed}-e{self.random.randint(0, 6)}"
        return self.tell(self.client.rename_experiment, self.one(self.experiments, "999999"), name)[1]

    def delete_experiment(self):
        experiment_id = self.one(self.experiments, "999999")
        self.gone[experiment_id] = True
        return self.tell(self.client.delete_experiment, experiment_id)[1]

    def restore_experiment(self):
        experiment_id = self.one([*self.gone, *self.experiments], "999999")
        self.gone.pop(experiment_id, None)
        told = self.tell(self.client.restore_experiment, experiment_id)[1]
        for run_id in self.deleted:  # MLflow restores these too, we do not
            self.tell(self.client.delete_run, run_id)
        return told

    def set_experiment_tag(self):
        return self.tell(
            self.client.set_experiment_tag, self.one(self.experiments, "999999"), self.key(), self.text()
        )[1]

    def search_experiments(self):
        return self.tell(
            self.client.search_experiments,
            view_type=self.one([ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL]),
            filter_string=f"name LIKE 's{self.seed}-%'",
            order_by=["name ASC"],
            max_results=self.one([1, 2, 100]),
        )[1]

    # ---- runs ----

    def create_run(self):
        name = self.one([None, "run a", "run b", "other"])
        found, told = self.tell(
            self.client.create_run,
            self.experiment(),
            start_time=self.time(),
            tags={self.key(): self.text()},
            run_name=name or f"run {len(self.runs)}",
        )
        if found is not None:
            self.runs.append(self.know("run", found.info.run_id))
        return told

    def get_run(self):
        return self.tell(self.client.get_run, self.run())[1]

    def log_metric(self):
        return self.tell(
            self.client.log_metric,
            self.run(),
            self.key(),
            self.one(VALUES),
            timestamp=self.time(),
            step=self.random.randint(-1, 4),
        )[1]

    def log_batch(self):
        points = [
            Metric(self.key(), self.one(VALUES), self.time(), self.random.randint(0, 3)) for _ in range(4)
        ]
        params = {self.key(): self.one(["1", "2"]) for _ in range(self.random.randint(0, 2))}
        tags = {self.key(): self.text() for _ in range(self.random.randint(0, 2))}
        return self.tell(
            self.client.log_batch,
            self.run(),
            points,
            [Param(key, value) for key, value in params.items()],
            [RunTag(key, value) for key, value in tags.items()],
        )[1]

    def log_param(self):
        return self.tell(self.client.log_param, self.run(), self.key(), self.one(["1", "2", 3, 0.5, None]))[1]

    def set_tag(self):
        return self.tell(self.client.set_tag, self.run(), self.key(), self.text())[1]

    def delete_tag(self):
        return self.tell(self.client.delete_tag, self.run(), self.key())[1]

    def log_wrong(self):
        call = self.one(
            [
                (self.client.log_metric, "../x", 1.0),
                (self.client.log_metric, "m", "text"),
                (self.client.log_param, "", "1"),
                (self.client.log_param, "x" * 300, "1"),
                (self.client.set_tag, "a//b", "1"),
                (self.client.log_metric, "m", True),
            ]
        )
        return self.tell(call[0], self.run(), *call[1:])[1]

    def set_terminated(self):
        status = self.one(["FINISHED", "FAILED", "KILLED", None])
        return self.tell(self.client.set_terminated, self.run(), status, self.time())[1]

    def update_run(self):
        return self.tell(
            self.client.update_run,
            self.run(),
            self.one([None, "RUNNING", "SCHEDULED"]),
            self.one([None, "run z"]),
        )[1]

    def delete_run(self):
        run_id = self.run()
        self.deleted[run_id] = True
        return self.tell(self.client.delete_run, run_id)[1]

    def restore_run(self):
        run_id = self.run()
        if self.gone:  # MLflow lets a run be in use whose experiment is not
            return None
        self.deleted.pop(run_id, None)
        return self.tell(self.client.restore_run, run_id)[1]

    def history(self):
        return self.tell(self.client.get_metric_history, self.run(), self.key())[1]

    def search_runs(self):
        asked = {
            "filter_string": self.one(FILTERS),
            "run_view_type": self.one([ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL]),
            "order_by": self.one(ORDERS),
            "max_results": self.one([1, 3, 1000]),
        }
        return {
            "asked": asked,
            "found": self.tell(self.client.search_runs, self.experiments or ["0"], **asked)[1],
        }

    def search_pages(self):
        found, token = [], None
        for _ in range(50):
            page, told = self.tell(
                self.client.search_runs,
                self.experiments or ["0"],
                order_by=["attributes.start_time DESC"],
                max_results=2,
                page_token=token,
            )
            if page is None:
                return told
            found += [run.info.run_id for run in page]
            token = page.token
            if not token:
                break
        return found

    def log_inputs(self):
        dataset = Dataset(self.one(["wine", "iris"]), "f9a1", "local", '{"uri": "x"}', self.one([None, "{}"]))
        tags = [InputTag("mlflow.data.context", self.one(["training", "test"]))]
        models = [LoggedModelInput(self.model())] if self.models else None
        return self.tell(self.client.log_inputs, self.run(), [DatasetInput(dataset, tags)], models)[1]

    def log_file(self):
        path, run_id = self.one(["a.txt", "deep/er/b.txt", "deep/c d.txt"]), self.run()
        self.filed.append(run_id)
        return self.tell(self.client.log_text, run_id, self.text(), path)[1]

    def list_files(self):
        return self.tell(
            self.client.list_artifacts, self.run(), self.one([None, "deep", "deep/er", "a.txt"])
        )[1]

    def fetch_files(self):
        with tempfile.TemporaryDirectory() as folder:
            run_id = self.one([*self.filed, self.run()])
            found, told = self.tell(self.client.download_artifacts, run_id, "deep", folder)
            if found is None:
                return told
            return {
                each.relative_to(folder).as_posix(): each.read_text()
                for each in sorted(Path(found).rglob("*"))
                if each.is_file()
            }

    def log_later(self):
        run_id, times = self.run(), [self.time() for _ in range(3)]
        try:
            for step, time in enumerate(times):
                self.client.log_metric(
                    run_id, "later", step, timestamp=time, step=step, synchronous=False
                ).wait()
        except Exception as error:  # noqa: BLE001 - whatever the queue raises is the answer
            return {"error": type(error).__name__}
        return None

    # ---- logged models ----

    def create_model(self):
        found, told = self.tell(
            self.client.create_logged_model,
            self.experiment(),
            name=self.one(["m1", "m2", "bad/name"]),
            source_run_id=self.one([None, *self.runs]),
            tags={self.key(): "1"},
            params={self.key(): "1"},
            model_type=self.one([None, "sklearn"]),
        )
        if found is not None:
            self.models.append(self.know("model", found.model_id))
        return told

    def get_model(self):
        return self.tell(self.client.get_logged_model, self.model())[1]

    def finalize_model(self):
        return self.tell(
            self.client.finalize_logged_model,
            self.model(),
            self.one([LoggedModelStatus.READY, LoggedModelStatus.FAILED]),
        )[1]

    def tag_model(self):
        return self.tell(self.client.set_logged_model_tags, self.model(), {self.key(): self.text()})[1]

    def untag_model(self):
        key = self.key().replace("/", "")  # MLflow's server finds no way to a key with a slash
        return self.tell(self.client.delete_logged_model_tag, self.model(), key)[1]

    def measure_model(self):
        if not self.models:  # of an unknown model MLflow says that it failed, and keeps the point
            return None
        linked = Metric("loss", self.one([0.0, 1.5, -2.25]), self.time(), 1, model_id=self.model())
        return self.tell(self.client.log_batch, self.run(), [linked])[1]

    def output_model(self):
        return self.tell(self.client.log_outputs, self.run(), [LoggedModelOutput(self.model(), 2)])[1]

    def output_again(self):
        outputs = [LoggedModelOutput(self.model(), 1)]
        run_id = self.run()
        self.tell(self.client.log_outputs, run_id, outputs)
        return self.tell(self.client.log_outputs, run_id, outputs)[1]

    def delete_model(self):
        model_id = self.model()
        told = self.tell(self.client.delete_logged_model, model_id)[1]
        self.models = [
            each for each in self.models if each != model_id
        ]  # MLflow lets deleted ones be changed
        return told

    def search_models(self):
        found, told = self.tell(
            self.client.search_logged_models,
            self.experiments or ["0"],
            filter_string=self.one(MODEL_FILTERS),
            order_by=[{"field_name": "creation_timestamp", "ascending": True}],
        )
        return (
            told
            if found is None
            else sorted((self.shown(each) for each in found), key=lambda each: each["model_id"])
        )

    # ---- registry ----

    def create_registered(self):
        name = f"s{self.seed}-r{self.random.randint(0, 3)}"
        if name in self.dropped:  # of a model that is made again MLflow numbers the versions anew
            return None
        found, told = self.tell(
            self.client.create_registered_model, name, {self.key(): self.text()}, self.one([None, "about"])
        )
        if found is not None and name not in self.registered:
            self.registered.append(name)
        return told

    def create_version(self):
        run_id = self.run()
        root = self.tell(self.client.get_run, run_id)[0]
        source = f"{root.info.artifact_uri}/model" if root else "s3://bucket/model"
        return self.tell(
            self.client.create_model_version,
            self.registered_name(),
            source,
            run_id if root else None,
            tags={self.key(): self.text()},
            description=self.one([None, "first"]),
        )[1]

    def get_registered(self):
        return self.tell(self.client.get_registered_model, self.registered_name())[1]

    def update_registered(self):
        return self.tell(self.client.update_registered_model, self.registered_name(), self.one(["", "new"]))[
            1
        ]

    def tag_registered(self):
        return self.tell(
            self.client.set_registered_model_tag, self.registered_name(), self.key(), self.text()
        )[1]

    def get_version(self):
        return self.tell(self.client.get_model_version, self.registered_name(), self.version())[1]

    def update_version(self):
        return self.tell(self.client.update_model_version, self.registered_name(), self.version(), "newer")[1]

    def tag_version(self):
        return self.tell(
            self.client.set_model_version_tag, self.registered_name(), self.version(), self.key(), self.text()
        )[1]

    def untag_version(self):
        return self.tell(
            self.client.delete_model_version_tag, self.registered_name(), self.version(), self.key()
        )[1]

    def delete_version(self):
        return self.tell(self.client.delete_model_version, self.registered_name(), self.version())[1]

    def transition(self):
        return self.tell(
            self.client.transition_model_version_stage,
            self.registered_name(),
            self.version(),
            self.one(STAGES),
            archive_existing_versions=False,
        )[1]

    def promote(self):
        return self.tell(
            self.client.transition_model_version_stage,
            self.registered_name(),
            self.version(),
            "Production",
            archive_existing_versions=True,
        )[1]

    def set_alias(self):
        return self.tell(
            self.client.set_registered_model_alias,
            self.registered_name(),
            self.one(["champion", "challenger", "latest", "v1"]),
            self.version(),
        )[1]

    def delete_alias(self):
        return self.tell(self.client.delete_registered_model_alias, self.registered_name(), "champion")[1]

    def get_alias(self):
        return self.tell(self.client.get_model_version_by_alias, self.registered_name(), "champion")[1]

    def latest_versions(self):
        return self.tell(self.client.get_latest_versions, self.registered_name(), ["None", "Production"])[1]

    def search_versions(self):
        asked = self.one(["", " and tags.loss = '1'"])
        found, told = self.tell(
            self.client.search_model_versions,
            f"name = '{self.registered_name()}'{asked}",
            order_by=["version_number ASC"],
        )
        return told if found is None else list(found)

    def search_registered(self):
        return self.tell(
            self.client.search_registered_models,
            filter_string=f"name LIKE 's{self.seed}-%'",
            order_by=["name ASC"],
            max_results=self.one([1, 100]),
        )[1]

    def copy_version(self):
        return self.tell(
            self.client.copy_model_version,
            f"models:/{self.registered_name()}/{self.version()}",
            f"s{self.seed}-copy",
        )[1]

    def renumber(self):
        name = f"n{self.seed}-{len(self.told)}"
        self.client.create_registered_model(name)
        for _ in range(2):
            self.client.create_model_version(name, "s3://bucket/model")
        self.client.delete_registered_model(name)
        self.client.create_registered_model(name)
        return self.tell(self.client.create_model_version, name, "s3://bucket/model")[1]

    def alias(self):
        name = f"s{self.seed}-a{len(self.told)}"
        self.client.create_registered_model(name)
        self.client.create_model_version(name, "s3://bucket/model")
        self.client.set_registered_model_alias(name, "champion", "1")
        return [
            self.tell(self.client.get_model_version_by_alias, name, "champion")[1],
            self.tell(self.client.get_registered_model, name)[1],
            self.tell(self.client.search_model_versions, f"name = '{name}'")[1],
        ]

    def delete_registered(self):
        if self.random.random() < 0.7:
            return None
        name = self.registered_name()
        self.dropped[name] = True
        return self.tell(self.client.delete_registered_model, name)[1]

    # ---- all of it ----

    def go(self, calls):
        weights = {
            "create_run": 4,
            "create_experiment": 3,
            "log_batch": 4,
            "log_metric": 3,
            "create_version": 7,
            "create_registered": 3,
            "search_runs": 6,
            "restore_experiment": 2,
            "measure_model": 3,
            "output_model": 2,
            "transition": 3,
            "get_alias": 2,
            "log_inputs": 3,
            "delete_version": 4,
            "untag_model": 2,
            "tag_model": 2,
            "history": 3,
            "create_model": 2,
            "get_run": 3,
            "update_version": 3,
            "fetch_files": 2,
            "log_file": 2,
        }
        names = [
            name
            for name in vars(History)
            if not name.startswith("_")
            and name
            not in {
                "one", "time", "run", "experiment", "model", "registered_name", "version", "key", "text",
                "know", "shown", "tell", "go",
            }
        ]  # fmt: skip
        chosen = ["create_experiment", "create_run", "create_registered", "create_run", "create_model"]
        chosen += ["output_again", "renumber", "alias"]
        chosen += self.random.choices(names, [weights.get(name, 1) for name in names], k=calls)
        for name in chosen:
            told = getattr(self, name)()
            self.told.append([name, self.shown(told)])
        return self.told


def main():
    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
    calls = int(os.environ.get("HISTORY_CALLS", "160"))
    print("\x1e" + json.dumps({seed: History(int(seed)).go(calls) for seed in sys.argv[1:]}))


if __name__ == "__main__":
    main()
