"""What a history chooses from, and how it tells what it was answered."""

import math
import random
from enum import Enum

from mlflow import MlflowClient
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


class Chooser:
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
