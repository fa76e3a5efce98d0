"""Calls about experiments, runs and logged models."""

import tempfile
from pathlib import Path

from choosing import FILTERS, MODEL_FILTERS, ORDERS, VALUES, Chooser
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


class TrackingCalls(Chooser):
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
