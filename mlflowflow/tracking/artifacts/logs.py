"""The functions that log artifacts of the active run, and read its tables.

Each finds its run (the active one, a new one, or the one named by `run_id`) and is `ArtifactClient`'s
method of the same name for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.tracking.artifacts.client import TrackerArtifacts
from mlflowflow.tracking.artifacts.uploads import UPLOADS
from mlflowflow.tracking.fluent.active import active_or_new_run, active_run
from mlflowflow.tracking.fluent.session import current_experiment_id, current_tracker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import BinaryIO

    import pandas as pd


def log_artifact(local_path: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Store a file, or a folder with its name, under the run's folder `artifact_path`.

    Raises `NotFound` for a path that is not there and `InvalidInput` for one that leads out of the run's
    folder; nothing is stored then.

    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "notes.txt")
    >>> _ = file.write_text("hello")
    >>> with mlflow.start_run() as run:
    ...     log_artifact(file, "docs")
    >>> [found.path for found in mlflow.artifacts.list_artifacts(run_id=run.info.run_id, artifact_path="docs")]
    ['docs/notes.txt']
    """
    client, target = _target(run_id)
    client.log_artifact(target, local_path, artifact_path)


def log_artifacts(local_dir: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Store all that is in a folder under the run's folder `artifact_path`. Raises what `log_artifact` does.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "notes.txt").write_text("hello")
    >>> with mlflow.start_run() as run:
    ...     log_artifacts(folder, "docs")
    >>> mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/docs/notes.txt")
    'hello'
    """
    client, target = _target(run_id)
    client.log_artifacts(target, local_dir, artifact_path)


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Store `text` in UTF-8 as the run's file `artifact_file`. Raises `InvalidInput` for what is no text.

    >>> with mlflow.start_run() as run:
    ...     log_text("hello", "notes/a.txt")
    >>> mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/notes/a.txt")
    'hello'
    """
    client, target = _target(run_id)
    client.log_text(target, text, artifact_file)


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Store a dict or list as YAML (``.yml``, ``.yaml``) or JSON (any other suffix).

    Raises `InvalidInput` for what the format cannot hold.

    >>> with mlflow.start_run() as run:
    ...     log_dict({"depth": 3}, "config.json")
    >>> mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/config.json")
    {'depth': 3}
    """
    client, target = _target(run_id)
    client.log_dict(target, dictionary, artifact_file)


def log_figure(figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None) -> None:
    """Store a Matplotlib or Plotly figure in the format that `artifact_file` ends in.

    `save_kwargs` go to Matplotlib's ``savefig`` or Plotly's ``to_html`` or ``to_image``. Raises
    `InvalidInput` for other objects.

    >>> from matplotlib.figure import Figure
    >>> with mlflow.start_run() as run:
    ...     log_figure(Figure(figsize=(2, 1)), "plots/empty.svg")
    >>> mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/plots/empty.svg")[:5]
    '<?xml'
    """
    client, target = _target(None)
    client.log_figure(target, figure, artifact_file, save_kwargs=save_kwargs)


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = False,
) -> None:
    """Store an image: as the file `artifact_file`, or as the one of the series `key` at `step`.

    An image is an array of height by width, with 1, 3 or 4 channels behind, of bool, integers from 0 to
    255 or floats from 0 to 1; or a Pillow image; or `mlflowflow.Image`. Images of a series are stored in
    the background, unless ``synchronous=True``: `flush_artifact_async_logging` waits for them, and so does
    the end of the program. `timestamp` is in milliseconds since 1970 UTC, by default now.

    Raises `InvalidInput` for what is no image and unless exactly one of `artifact_file` and `key` is given,
    `MissingExtra` without Pillow.

    >>> import numpy as np
    >>> with mlflow.start_run() as run:
    ...     log_image(np.zeros((4, 6)), "dark.png")
    >>> mlflow.artifacts.load_image(f"runs:/{run.info.run_id}/dark.png").size
    (6, 4)
    """
    client, target = _target(None)
    client.log_image(target, image, artifact_file, key, step, timestamp, synchronous)


def log_table(data: Mapping[str, Any] | pd.DataFrame, artifact_file: str, run_id: str | None = None) -> None:
    """Add rows to the run's table `artifact_file` (``.json`` or ``.parquet``), which the first ones make.

    `data` is a pandas DataFrame, or a dict of columns or of one row. Columns of images are kept as files.
    Several processes may add to one table at a time. Raises `InvalidInput` for other data, another suffix
    and values that do not fit; `MissingExtra` without pandas.

    >>> with mlflow.start_run() as run:
    ...     log_table({"input": ["a", "b"], "score": [0.5, 1.0]}, "scores.json")
    ...     log_table({"input": "c", "score": 0.25}, "scores.json")
    >>> load_table("scores.json", run_ids=[run.info.run_id])["score"].tolist()
    [0.5, 1.0, 0.25]
    """
    client, target = _target(run_id)
    client.log_table(target, data, artifact_file)


def load_table(
    artifact_file: str, run_ids: list[str] | None = None, extra_columns: list[str] | None = None
) -> pd.DataFrame:
    """Return the rows of the tables `artifact_file` of the experiment's runs, or of `run_ids` among them.

    The experiment is that of the active run, else the one that was set. `extra_columns` are columns of
    `search_runs`, such as ``run_id``, added to each row. Raises `NotFound` if no run has the table,
    `InvalidInput` for an unknown column and a file that is no ``.json`` or ``.parquet``.

    >>> with mlflow.start_run(run_name="baseline"):
    ...     log_table({"input": ["a", "b"], "score": [0.5, 1.0]}, "scores.json")
    >>> load_table("scores.json", extra_columns=["run_id"]).shape
    (2, 3)
    """
    run = active_run()
    tracker = run.tracker if run else current_tracker()
    experiment_id = run.info.experiment_id if run else current_experiment_id()
    return TrackerArtifacts(tracker).load_table(experiment_id, artifact_file, run_ids, extra_columns)


def log_stream(stream: BinaryIO, artifact_file: str, run_id: str | None = None) -> None:
    """Store what a binary `stream` still has as the run's file `artifact_file`, in little memory.

    Raises `InvalidInput` for a stream of text.

    >>> import io
    >>> with mlflow.start_run() as run:
    ...     log_stream(io.BytesIO(b"hello"), "raw/a.bin")
    >>> mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/raw/a.bin")
    'hello'
    """
    client, target = _target(run_id)
    client.log_stream(target, stream, artifact_file)


def flush_artifact_async_logging() -> None:
    """Wait until the images that were logged in the background are in the store.

    Raises `StoreError` if one of them could not be stored since the last call.

    >>> import numpy as np
    >>> with mlflow.start_run() as run:
    ...     log_image(np.zeros((4, 6)), key="sample", step=0)
    ...     flush_artifact_async_logging()
    >>> [found.path for found in mlflow.artifacts.list_artifacts(run_id=run.info.run_id)]
    ['images']
    """
    UPLOADS.flush()


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Return where the active run's artifacts, or one of them, are kept; it need not be there yet.

    Raises `InvalidInput` for a path that leads out of the run's folder.

    >>> with mlflow.start_run() as run:
    ...     get_artifact_uri("model").endswith(f"{run.info.run_id}/model")
    True
    """
    client, target = _target(None)
    return client.tracker.artifacts(target).uri(artifact_path or "")


def _target(run_id: str | None) -> tuple[TrackerArtifacts, str]:
    run = active_run()
    if run_id is not None:
        tracker = run.tracker if run and run.run_id == run_id else current_tracker()
        return TrackerArtifacts(tracker), run_id
    run = run or active_or_new_run()
    return TrackerArtifacts(run.tracker), run.run_id
