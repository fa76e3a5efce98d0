"""The run that a training is logged to: the active one, or one made for it and ended with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, InvalidState
from mlflowflow.tracking.fluent.active import active_run, start_run
from mlflowflow.tracking.fluent.session import current_session
from mlflowflow.tracking.logged.fluent import initialize_logged_model
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.validation import check_key, metric_value, param_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.tracking.fluent.active import ActiveRun
    from mlflowflow.tracking.run import Dataset, DatasetInput

#: The tag of a run that autologging made, with the flavor as its value.
TAG: Final = "mlflow.autologging"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A run and how to log to it; whatever cannot be a param or a metric is left out, and told.

    `begun` are the models that are being trained: what is measured meanwhile is about the last of them.
    """

    run: ActiveRun
    care: Care
    managed: bool
    begun: list[str] = field(default_factory=list[str])

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.run_id

    @property
    def model_id(self) -> str | None:
        """The logged model that is being trained, if one was begun."""
        return self.begun[-1] if self.begun else None

    def begin_model(self) -> None:
        """Begin the logged model "model" of the run: it is PENDING until its files are logged."""
        with self.care.attempt("begin the model"):
            model = initialize_logged_model(
                name="model", source_run_id=self.run_id, experiment_id=self.run.info.experiment_id
            )
            self.begun.append(model.model_id)

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log params. One that has another value already keeps it: the run was trained in before."""
        usable = self._usable("param", {key: param_value(key, value) for key, value in params.items()})
        try:
            self.run.tracker.log_batch(self.run_id, params=usable)
        except InvalidState:
            known = self.run.tracker.get_run(self.run_id).data.params
            kept = {key: value for key, value in usable.items() if key not in known}
            other = sorted(key for key, value in usable.items() if known.get(key, value) != value)
            self.run.tracker.log_batch(self.run_id, params=kept)
            self.care.warn("left the params %s of the run '%s' as they were", ", ".join(other), self.run_id)

    def log_metrics(
        self,
        metrics: Mapping[str, Any],
        *,
        step: int = 0,
        model_id: str | None = None,
        dataset: Dataset | None = None,
    ) -> None:
        """Log one point of each metric, of the model in training or another, perhaps computed on a dataset."""
        time_ms, about = now_ms(), model_id or self.model_id
        points = [
            Metric(
                key,
                metric_value(key, value),
                time_ms,
                step,
                model_id=about,
                dataset_name=dataset.name if dataset else None,
                dataset_digest=dataset.digest if dataset else None,
            )
            for key, value in self._usable("metric", metrics).items()
        ]
        self.run.tracker.log_batch(self.run_id, metrics=points)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self.run.tracker.log_batch(self.run_id, tags=tags)

    def log_inputs(self, datasets: list[DatasetInput]) -> None:
        """Name datasets as inputs of the run."""
        self.run.tracker.log_inputs(self.run_id, datasets=datasets)

    def put(self, content: bytes | str, path: str) -> None:
        """Store a file."""
        data = content.encode() if isinstance(content, str) else content
        self.run.tracker.artifacts(self.run_id).put_bytes(data, path)

    def put_file(self, local_path: Path, folder: str | None = None) -> None:
        """Store a local file, perhaps in a folder."""
        self.run.tracker.artifacts(self.run_id).put_file(local_path, folder)

    def close(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the run if it was made for this training; FAILED if there is an `error`.

        A model that was begun and did not become complete is FAILED.
        """
        with self.care.attempt("end the model"):
            self._settle_models()
        if self.managed:
            self.run.__exit__(kind, error, trace)

    def _settle_models(self) -> None:
        models = self.run.tracker.logged_models
        for model_id in self.begun:
            if models.get(model_id).status is LoggedModelStatus.PENDING:
                models.finalize(model_id, LoggedModelStatus.FAILED)

    def _usable(self, kind: str, items: Mapping[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, value in items.items():
            try:
                kept[check_key(kind, key)] = value if kind == "param" else metric_value(key, value)
            except InvalidInput as error:
                self.care.warn("left out a %s. %s", kind, str(error).rstrip("."))
        return kept


def open_target(options: Options, care: Care) -> Target | None:
    """Return where to log, starting a run if none is active; None if nothing is to be logged.

    With ``exclusive``, the runs that users start are not logged to.
    """
    active = active_run()
    if active is not None:
        return None if options.exclusive else Target(run=active, care=care, managed=False)
    run = start_run(tags={**(options.extra_tags or {}), TAG: care.flavor})
    care.inform("logs to the new run '%s'", run.run_id)
    return Target(run=run, care=care, managed=True)


def now_ms() -> int:
    """Return the session's time in milliseconds since 1970 UTC."""
    return current_session().clock.now_us() // 1000
