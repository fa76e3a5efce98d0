"""Search results as a pandas table in MLflow's column layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Run


def runs_frame(runs: Sequence[Run]) -> pd.DataFrame:
    """Return one row for each run, in the order given.

    The columns are run_id, experiment_id, status, artifact_uri, start_time, end_time (in UTC), then
    ``metrics.*`` (NaN where a run has none), ``params.*`` and ``tags.*`` (None where it has none).

    Raises `MissingExtra` if pandas is not installed.
    """
    pd = _pandas("A table of runs (output_format='pandas')")
    infos = [run.info for run in runs]
    columns: dict[str, Any] = {
        "run_id": [info.run_id for info in infos],
        "experiment_id": [info.experiment_id for info in infos],
        "status": [info.status.value for info in infos],
        "artifact_uri": [info.artifact_uri for info in infos],
        "start_time": pd.to_datetime([info.start_time for info in infos], unit="ms", utc=True),
        "end_time": pd.to_datetime([info.end_time for info in infos], unit="ms", utc=True),
    }
    for key, values in _columns(runs, lambda run: run.data.metrics, missing=float("nan")).items():
        columns[f"metrics.{key}"] = values
    for key, values in _columns(runs, lambda run: run.data.params, missing=None).items():
        columns[f"params.{key}"] = pd.Series(values, dtype=object)
    for key, values in _columns(runs, lambda run: run.data.tags, missing=None).items():
        columns[f"tags.{key}"] = pd.Series(values, dtype=object)
    return pd.DataFrame(columns)


def models_frame(models: Sequence[LoggedModel]) -> pd.DataFrame:
    """Return one row for each logged model, in the order given, with its fields as columns.

    Tags and params are dicts and metrics a list of points. Raises `MissingExtra` if pandas is not installed.
    """
    pd = _pandas("A table of logged models (output_format='pandas')")
    return pd.DataFrame([{**model.to_dictionary(), "status": model.status} for model in models])


def _pandas(purpose: str) -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtra("pandas", extra="pandas", purpose=purpose) from error
    return pd


def _columns(runs: Sequence[Run], part: Callable[[Run], Any], *, missing: object) -> dict[str, list[Any]]:
    keys = sorted({key for run in runs for key in part(run)})
    return {key: [part(run).get(key, missing) for run in runs] for key in keys}
