"""The functions that log artifacts: to the active run, to a new one, or to a named one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlflowflow.errors import NotFound
from mlflowflow.tracking.artifacts.logs import (
    flush_artifact_async_logging,
    load_table,
    log_image,
    log_stream,
    log_table,
    log_text,
)
from mlflowflow.tracking.fluent.active import active_run, start_run
from mlflowflow.tracking.fluent.logs import flush
from mlflowflow.tracking.fluent.session import current_tracker
from tests.tracking.sessions import private_session, run_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _session() -> Iterator[None]:
    with private_session():
        yield


def test_without_a_run_one_is_started() -> None:
    """As for metrics; with `run_id` none is."""
    with start_run() as named:
        pass
    log_text("x", "a.txt", run_id=named.run_id)
    assert active_run() is None
    log_stream(io.BytesIO(b"x"), "a.bin")
    run = active_run()
    assert run is not None
    assert [found.path for found in current_tracker().artifacts(run.run_id).list()] == ["a.bin"]


@pytest.mark.parametrize("wait", [flush_artifact_async_logging, flush])
def test_images_of_a_series_are_there_after_a_flush(wait: Callable[[], None]) -> None:
    """They are uploaded in the background unless it is asked otherwise."""
    with start_run() as run:
        for step in range(3):
            log_image(np.zeros((2, 2)), key="k", step=step)
    wait()
    assert len(current_tracker().artifacts(run.run_id).list("images")) == 6


def test_tables_of_the_active_runs_experiment_are_read() -> None:
    """Those of other experiments are not."""
    with start_run():
        log_table({"x": [1]}, "t.json")
        log_table({"x": 2}, "t.json")
        assert load_table("t.json")["x"].tolist() == [1, 2]
    other = current_tracker().create_experiment("other")
    with start_run(experiment_id=other), pytest.raises(NotFound):
        load_table("t.json")


_PROGRAM = """
import numpy as np, mlflowflow as mlflow
with mlflow.start_run() as run:
    for step in range(20):
        mlflow.log_image(np.zeros((300, 300, 3)), key="k", step=step)
print(run.info.run_id)
"""


def test_a_program_ends_when_its_images_are_stored(tmp_path: Path) -> None:
    """Without a flush; the images of a program that ended are all there."""
    done = run_python(_PROGRAM, store=tmp_path / "store")
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "store" / "artifacts").glob(f"*/{done.stdout.strip()}/images")
    assert len(list(folder.iterdir())) == 40
