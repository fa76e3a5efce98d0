"""Tables of a run: `log_table` adds rows, `load_table` reads those of several runs together.

The rows are in an ordinary artifact, in a format that pandas reads. Several processes may add to one
table at a time, see :mod:`~mlflowflow.tracking.artifacts.versions`. The tag ``mlflow.loggedArtifacts``
names a run's tables, and that is how `load_table` and MLflow's tools find them.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.ids import RandomIds
from mlflowflow.tracking.artifacts.images import encoded, is_image, small_copy, to_pil
from mlflowflow.tracking.artifacts.table import frame_in, frame_of, table_path, with_rows
from mlflowflow.tracking.artifacts.versions import GrowingFile, growing_files
from mlflowflow.tracking.views.dataframe import runs_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker

TABLES_TAG: Final = "mlflow.loggedArtifacts"
_LOG: Final = logging.getLogger(__name__)
#: More runs than that do not fit into one table anyway.
_MOST_RUNS: Final = 100_000


def store_table(tracker: Tracker, run_id: str, data: Mapping[str, Any] | pd.DataFrame, path: str) -> None:
    """Add rows to a run's table, which the first ones make; columns of images become files.

    Raises `InvalidInput` for a path that cannot name a table and for what is no table or does not fit
    to the rows that are there; nothing is changed then.
    """
    wanted = table_path(path)
    frame = frame_of(data)
    files = tracker.artifacts(run_id)
    images = {column: _images_in(frame[column], str(column)) for column in frame.columns}
    with_rows(None, frame.drop(columns=[name for name, found in images.items() if found]), wanted)
    for column, found in images.items():
        if found:
            frame[column] = [_store_image(files, image, wanted) for image in found]
    GrowingFile(files, wanted).change(lambda content: with_rows(content, frame, wanted))
    _note_tables(tracker, run_id, wanted)


def load_table(
    tracker: Tracker,
    experiment_id: str,
    path: str,
    *,
    run_ids: Sequence[str] | None = None,
    extra_columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the rows that runs of an experiment have in their tables `path`, the newest run first.

    `extra_columns` are columns of `search_runs`, such as ``run_id``, that say of which run a row is.
    Raises `NotFound` if no such run has the table.
    """
    wanted = table_path(path)
    found = tracker.search_runs([experiment_id], max_results=_MOST_RUNS)
    runs = [run for run in found if _has(run, wanted) and (not run_ids or run.info.run_id in run_ids)]
    if not runs:
        raise NotFound("run with the table", wanted, hint=f"None in experiment '{experiment_id}' has it.")
    if run_ids and len(set(run_ids)) != len(runs):
        _LOG.warning("Not all of the runs have the table '%s'; the others are left out.", wanted)
    import pandas as pd

    return pd.concat([_rows(tracker, run, wanted, extra_columns or ()) for run in runs], ignore_index=True)


def _rows(tracker: Tracker, run: Run, path: str, extra_columns: Sequence[str]) -> pd.DataFrame:
    content = GrowingFile(tracker.artifacts(run.info.run_id), path).read()
    if content is None:
        raise NotFound("table", path, hint=f"The run '{run.info.run_id}' had it, and it was deleted.")
    frame = frame_in(content, path)
    facts = runs_frame([run])
    for column in extra_columns:
        if column not in facts:
            raise InvalidInput(
                f"'{column}' is no column of runs; expected one of {', '.join(map(str, facts.columns))}."
            )
        if column in frame:
            _LOG.warning("The table has a column '%s'; the run's is called '%s_'.", column, column)
        frame[f"{column}_" if column in frame else column] = facts[column].iloc[0]
    return frame


def _images_in(column: Any, name: str) -> list[Any]:
    """Return the images of a column, or nothing if it has none. Raises `InvalidInput` if only some are."""
    if column.dtype != object:
        return []
    values = column.tolist()
    images = [value for value in values if is_image(value)]
    if images and len(images) < len(values):
        raise InvalidInput(f"The column '{name}' has images and other values; keep them in separate columns.")
    return [to_pil(image) for image in images]


def _store_image(files: ArtifactRepository, image: Any, table: str) -> dict[str, str]:
    """Store one image of a table and return what stands for it in the row, in MLflow's form."""
    stem = f"table_images/{table.rpartition('.')[0]}/{RandomIds().token()}"
    full, small = f"{stem}.png", f"{stem}.webp"
    files.put_bytes(encoded(image, full), full)
    files.put_bytes(encoded(small_copy(image), small), small)
    return {"type": "image", "filepath": full, "compressed_filepath": small}


def _note_tables(tracker: Tracker, run_id: str, path: str) -> None:
    """Name all tables of the run in its tag, also those that others made since it was read."""
    noted: set[str] = set()
    while missing := {path, *growing_files(tracker.artifacts(run_id))} - noted:
        entries = _entries(tracker.get_run(run_id))
        noted = {str(entry.get("path")) for entry in entries}
        new = [{"path": each, "type": "table"} for each in sorted(missing - noted)]
        if new:
            tracker.log_batch(run_id, tags={TABLES_TAG: json.dumps([*entries, *new])})
            noted |= missing
        elif not missing - noted:
            return


def _entries(run: Run) -> list[dict[str, Any]]:
    try:
        found = json.loads(run.data.tags.get(TABLES_TAG) or "[]")
    except ValueError:  # somebody else's tag of that name
        return []
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _has(run: Run, path: str) -> bool:
    return {"path": path, "type": "table"} in _entries(run)
