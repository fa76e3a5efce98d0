"""The part of the client that is about artifacts: every call names its run or logged model.

The functions of ``import mlflowflow`` are these for the active run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.config import async_logging_wanted
from mlflowflow.errors import InvalidInput
from mlflowflow.ids import RandomIds
from mlflowflow.tracking.artifacts.images import encoded, series_paths, small_copy, to_pil
from mlflowflow.tracking.artifacts.path import file_path
from mlflowflow.tracking.artifacts.places import all_in, fetch_first, places_of_run
from mlflowflow.tracking.artifacts.rendering import render_dict, render_figure
from mlflowflow.tracking.artifacts.tables import load_table, store_table
from mlflowflow.tracking.artifacts.uploads import UPLOADS
from mlflowflow.tracking.fluent.session import current_session
from mlflowflow.tracking.validation import integer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    import pandas as pd

    from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    from mlflowflow.tracking.run import FileInfo
    from mlflowflow.tracking.tracker import Tracker

IMAGES_TAG: Final = "mlflow.loggedImages"


class ArtifactClient:
    """Log, list and fetch the files of runs and logged models by explicit ids.

    >>> import pathlib
    >>> client = mlflow.MlflowClient()
    >>> run_id = client.create_run("0").info.run_id
    >>> client.log_text(run_id, "hello", "notes/a.txt")
    >>> [found.path for found in client.list_artifacts(run_id, "notes")]
    ['notes/a.txt']
    >>> pathlib.Path(client.download_artifacts(run_id, "notes/a.txt")).read_text()
    'hello'
    """

    tracker: Tracker

    # ---- files ---------------------------------------------------------------------------------------------

    def log_artifact(self, run_id: str, local_path: str | Path, artifact_path: str | None = None) -> None:
        """Store a file, or a folder with its name, under the run's folder `artifact_path`.

        Raises `NotFound` for an unknown run and for a path that is not there, `InvalidInput` for a path
        that leads out of the run's folder; nothing is stored then.
        """
        self.tracker.artifacts(run_id).put_path(local_path, artifact_path)

    def log_artifacts(self, run_id: str, local_dir: str | Path, artifact_path: str | None = None) -> None:
        """Store all that is in a folder under the run's folder `artifact_path`. Raises what `log_artifact` does."""
        self.tracker.artifacts(run_id).put_folder(local_dir, artifact_path)

    def log_stream(self, run_id: str, stream: BinaryIO, artifact_file: str) -> None:
        """Store what a binary `stream` still has as the run's file `artifact_file`, in little memory.

        Raises `InvalidInput` for a stream of text.
        """
        self.tracker.artifacts(run_id).put_stream(stream, artifact_file)

    def log_text(self, run_id: str, text: Any, artifact_file: str) -> None:
        """Store `text` in UTF-8 as the run's file `artifact_file`. Raises `InvalidInput` for what is no text."""
        if not isinstance(text, str):
            raise InvalidInput(f"'{artifact_file}' was given a {type(text).__name__}; expected a text.")
        self._put(run_id, text.encode(), artifact_file)

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Store a dict or list as YAML (``.yml``, ``.yaml``) or JSON (any other suffix).

        Raises `InvalidInput` for what the format cannot hold.
        """
        self._put(run_id, render_dict(dictionary, artifact_file), artifact_file)

    def log_figure(
        self, run_id: str, figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None
    ) -> None:
        """Store a Matplotlib or Plotly figure in the format that `artifact_file` ends in.

        `save_kwargs` go to Matplotlib's ``savefig`` or Plotly's ``to_html`` or ``to_image``. Raises
        `InvalidInput` for other objects.
        """
        self._put(run_id, render_figure(figure, artifact_file, save_kwargs or {}), artifact_file)

    # ---- images and tables ---------------------------------------------------------------------------------

    def log_image(
        self,
        run_id: str,
        image: Any,
        artifact_file: str | None = None,
        key: str | None = None,
        step: int | None = None,
        timestamp: int | None = None,
        synchronous: bool | None = None,
    ) -> None:
        """Store an image: as the file `artifact_file`, or as the one of the series `key` at `step`.

        An image is a NumPy array (see `to_pil`), a Pillow image or `Image`. Of a series each image is kept
        in full (PNG) and small (WebP), by default when this returns; with ``synchronous=False`` soon
        after, see `flush_artifact_async_logging`. `timestamp` is in milliseconds, by default now.

        Raises `InvalidInput` for what is no image and unless exactly one of `artifact_file` and `key` is
        given, `MissingExtra` without Pillow.
        """
        series = any(each is not None for each in (key, step, timestamp))
        if (artifact_file is not None and series) or (artifact_file is None and key is None):
            raise InvalidInput(
                "log_image() takes either artifact_file, or key with step and timestamp; give one."
            )
        picture = to_pil(image)
        if artifact_file is not None:
            self._put(run_id, encoded(picture, artifact_file), artifact_file)
            return
        paths = series_paths(
            key,
            step=integer("step", step or 0),
            timestamp=integer("timestamp", timestamp or current_session().clock.now_us() // 1000, least=0),
            token=RandomIds().token(),
        )
        files = self.tracker.artifacts(run_id)
        small = small_copy(picture)
        if synchronous is None:
            synchronous = not async_logging_wanted()
        if synchronous:
            files.put_bytes(encoded(picture, paths.full), paths.full)
            files.put_bytes(encoded(small, paths.small), paths.small)
        else:
            _upload_soon(files, {paths.full: picture.copy(), paths.small: small})
        self.tracker.log_batch(run_id, tags={IMAGES_TAG: "True"})

    def log_table(self, run_id: str, data: Mapping[str, Any] | pd.DataFrame, artifact_file: str) -> None:
        """Add rows to the run's table `artifact_file` (``.json`` or ``.parquet``), which the first ones make.

        `data` is a pandas DataFrame, or a dict of columns or of one row. Columns of images are kept as
        files. Several processes may add to one table at a time. Raises `InvalidInput` for other data,
        another suffix, and for values that do not fit; `MissingExtra` without pandas.
        """
        store_table(self.tracker, run_id, data, artifact_file)

    def load_table(
        self,
        experiment_id: str,
        artifact_file: str,
        run_ids: list[str] | None = None,
        extra_columns: list[str] | None = None,
    ) -> pd.DataFrame:
        """Return the rows of the tables `artifact_file` of an experiment's runs, or of `run_ids` among them.

        `extra_columns` are columns of `search_runs`, such as ``run_id``, added to each row. Raises
        `NotFound` if no run has the table.
        """
        return load_table(
            self.tracker, experiment_id, artifact_file, run_ids=run_ids, extra_columns=extra_columns
        )

    # ---- reading -------------------------------------------------------------------------------------------

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """Return what is directly in the run's folder `path`; nothing if `path` is a file.

        A model that the run logged is found under its name.
        """
        return all_in(places_of_run(self.tracker, run_id, path))

    def download_artifacts(self, run_id: str, path: str, dst_path: str | Path | None = None) -> str:
        """Copy a file or folder into `dst_path`, by default a new temporary folder; return where it is."""
        return str(fetch_first(places_of_run(self.tracker, run_id, path), local_target(dst_path)))

    # ---- logged models -------------------------------------------------------------------------------------

    def log_model_artifact(
        self, model_id: str, local_path: str | Path, artifact_path: str | None = None
    ) -> None:
        """Store a file, or a folder with its name, among the files of a logged model. Raises `NotFound`."""
        self.tracker.model_artifacts(model_id).put_path(local_path, artifact_path)

    def log_model_artifacts(
        self, model_id: str, local_dir: str | Path, artifact_path: str | None = None
    ) -> None:
        """Store all that is in a folder among the files of a logged model. Raises `NotFound`."""
        self.tracker.model_artifacts(model_id).put_folder(local_dir, artifact_path)

    def list_logged_model_artifacts(self, model_id: str, path: str | None = None) -> list[FileInfo]:
        """Return what is directly in the folder `path` of a logged model. Raises `NotFound`."""
        return self.tracker.model_artifacts(model_id).list(path)

    def _put(self, run_id: str, content: bytes, artifact_file: str) -> None:
        self.tracker.artifacts(run_id).put_bytes(content, file_path(artifact_file))


class TrackerArtifacts(ArtifactClient):
    """The client of one tracker, for the functions that log to the active run."""

    def __init__(self, tracker: Tracker) -> None:
        """Log to the runs of `tracker`."""
        self.tracker = tracker


def local_target(dst_path: str | Path | None) -> Path:
    """Return the folder that files are copied into: `dst_path`, made if need be, or a new temporary one."""
    target = Path(dst_path) if dst_path is not None else Path(tempfile.mkdtemp(prefix="mlff-artifacts-"))
    target.mkdir(parents=True, exist_ok=True)
    return target


def _upload_soon(files: ArtifactRepository, pictures: Mapping[str, Any]) -> None:
    def upload() -> None:
        for path, picture in pictures.items():
            files.put_bytes(encoded(picture, path), path)

    UPLOADS.add(upload)
