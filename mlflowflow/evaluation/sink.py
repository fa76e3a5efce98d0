"""Where an evaluation is logged: one run, one dataset, perhaps one logged model."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.evaluation.artifact import EvaluationArtifact, Rendered, kind_of
from mlflowflow.evaluation.outcomes import OUTCOMES_ARTIFACT
from mlflowflow.gates.collect import MODEL_TAG
from mlflowflow.tracking.artifacts.rendering import render_figure
from mlflowflow.tracking.artifacts.tables import store_table
from mlflowflow.tracking.fluent.active import active_run, start_run
from mlflowflow.tracking.fluent.session import current_session
from mlflowflow.tracking.run import DatasetInput, InputTag, LoggedModelInput, Metric
from mlflowflow.tracking.validation import check_key, metric_value

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mlflowflow.data.dataset import Dataset
    from mlflowflow.evaluation.intervals import Interval
    from mlflowflow.tracking.fluent.active import ActiveRun
    from mlflowflow.tracking.tracker import Tracker

TABLE: Final = "eval_results_table"
INTERVALS: Final = "intervals.json"
_CONTEXT: Final = "mlflow.data.context"


class Sink:
    """Log to a run what an evaluation found, and remember the files as artifacts."""

    def __init__(
        self,
        tracker: Tracker,
        run_id: str,
        *,
        dataset: Dataset,
        model_id: str | None = None,
        prefix: str = "",
    ) -> None:
        """Log to `run_id`; names of metrics and files begin with `prefix`."""
        self.run_id = run_id
        self.artifacts: dict[str, EvaluationArtifact] = {}
        self._tracker = tracker
        self._dataset = dataset
        self._model_id = model_id
        self._prefix = prefix

    def inputs(self, *, version: str | None = None) -> None:
        """Say what the run used: the dataset, the logged model, and the registered `version`.

        The version goes into the tag that gates look for, unless the evaluation is one of several, as
        a prefix says.
        """
        context = (InputTag(_CONTEXT, self._prefix),) if self._prefix else ()
        self._tracker.log_inputs(
            self.run_id,
            datasets=[DatasetInput(self._dataset.to_entity(), context)],
            models=[] if self._model_id is None else [LoggedModelInput(self._model_id)],
        )
        if version is not None and not self._prefix:
            self._tracker.log_batch(self.run_id, tags={MODEL_TAG: version})

    def metrics(self, found: Mapping[str, float]) -> None:
        """Log numbers, all or none, linked to the dataset and the model."""
        now_ms = current_session().clock.now_us() // 1000
        points = [
            Metric(
                check_key("metric", name),
                metric_value(name, value),
                now_ms,
                model_id=self._model_id,
                dataset_name=self._dataset.name,
                dataset_digest=self._dataset.digest,
            )
            for name, value in found.items()
        ]
        self._tracker.log_batch(self.run_id, metrics=points)

    def figure(self, name: str, figure: Any) -> None:
        """Store a picture."""
        self._put(name, f"{self._prefix}{name}.png", render_figure(figure, "x.png", {}))

    def table(self, name: str, table: Any) -> None:
        """Store a pandas table as CSV."""
        rendered = Rendered(suffix=".csv", data=table.to_csv(index=False).encode(), content=table)
        self._put(name, f"{name}.csv", rendered.data, content=rendered.content)

    def custom(self, name: str, rendered: Rendered) -> None:
        """Store what a user's function returned."""
        self._put(name, f"{name}{rendered.suffix}", rendered.data, content=rendered.content)

    def rows(self, table: Any) -> None:
        """Store scores of rows, beside the rows, as a table that `load_table` reads."""
        file = f"{self._prefix}{TABLE}.json"
        store_table(self._tracker, self.run_id, table, file)
        self.artifacts[TABLE] = self._artifact(file)

    def outcomes(self, data: bytes) -> EvaluationArtifact:
        """Store what came of each row, where gates look for it."""
        file = f"{self._prefix}{OUTCOMES_ARTIFACT}"
        self._tracker.artifacts(self.run_id).put_bytes(data, file)
        return self._artifact(file)

    def intervals(self, found: Mapping[str, Interval]) -> None:
        """Store how sure the numbers are."""
        tree = {name: one.to_dict() for name, one in found.items()}
        text = json.dumps(tree, indent=2).encode()
        self._tracker.artifacts(self.run_id).put_bytes(text, f"{self._prefix}{INTERVALS}")

    def _put(self, name: str, file: str, data: bytes, *, content: Any = None) -> None:
        self._tracker.artifacts(self.run_id).put_bytes(data, file)
        self.artifacts[name] = self._artifact(file, content)

    def _artifact(self, file: str, content: Any = None) -> EvaluationArtifact:
        files = self._tracker.artifacts(self.run_id)
        return kind_of(file)(files.uri(file), content, read=lambda: files.read(file))


@contextmanager
def some_run() -> Generator[ActiveRun]:
    """Give the active run, or a new one that ends with the block."""
    run = active_run()
    if run is not None:
        yield run
        return
    with start_run() as started:
        yield started
