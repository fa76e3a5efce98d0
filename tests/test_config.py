"""Settings from the environment, read at one place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.config import DEFAULT_TRACKING_URI, Settings, child_environ
from mlflowflow.errors import InvalidInput

EVERYTHING = {
    "MLFLOWFLOW_TRACKING_URI": "s3://bucket/ml",
    "MLFLOWFLOW_REGISTRY_URI": "s3://bucket/models",
    "MLFLOWFLOW_EXPERIMENT_NAME": "digits",
    "MLFLOWFLOW_EXPERIMENT_ID": "17",
    "MLFLOWFLOW_RUN_ID": "a" * 32,
    "MLFLOWFLOW_SPOOL_DIR": "spool",
    "MLFLOWFLOW_SPOOL_BYTES": "1048576",
    "MLFLOWFLOW_ON_SPOOL_FULL": "drop",
    "MLFLOWFLOW_DURABILITY": "disk",
    "MLFLOWFLOW_PROJECT": "project",
    "MLFLOWFLOW_USER": "ada",
}


def test_every_variable_reaches_its_setting() -> None:
    """What the table in the module's text names is what is read."""
    assert Settings.from_environ(EVERYTHING) == Settings(
        tracking_uri="s3://bucket/ml",
        registry_uri="s3://bucket/models",
        experiment_name="digits",
        experiment_id="17",
        run_id="a" * 32,
        spool_dir=Path("spool"),
        spool_bytes=1048576,
        on_spool_full="drop",
        durability="disk",
        project="project",
        user="ada",
    )


@given(emptied=st.sets(st.sampled_from(sorted(EVERYTHING))))
def test_an_empty_variable_counts_as_unset(emptied: set[str]) -> None:
    """`X= command` is how shells unset a variable for one command."""
    blank = EVERYTHING | dict.fromkeys(emptied, "")
    unset = {key: value for key, value in EVERYTHING.items() if key not in emptied}
    assert Settings.from_environ(blank) == Settings.from_environ(unset)


def test_without_any_variable_the_store_is_a_folder_here() -> None:
    """The first run needs no setting at all, and somebody is named as its user."""
    settings = Settings.from_environ({})
    assert settings.tracking_uri == DEFAULT_TRACKING_URI
    assert settings.run_id is None
    assert settings.user


@pytest.mark.parametrize("text", ["much", "4GiB", "-1", "1.5"])
def test_a_bound_that_is_no_number_is_refused_by_name(text: str) -> None:
    """A wrong bound would show only when the disk is full."""
    with pytest.raises(InvalidInput, match=f"MLFLOWFLOW_SPOOL_BYTES is '{text}'; expected a number of bytes"):
        Settings.from_environ({"MLFLOWFLOW_SPOOL_BYTES": text})


def test_a_child_gets_this_environment_and_the_additions() -> None:
    """What is added wins; the process's own environment does not change."""
    child = child_environ({"PATH": "elsewhere", "MLFLOWFLOW_NEW": "1"})
    assert (child["PATH"], child["MLFLOWFLOW_NEW"]) == ("elsewhere", "1")
    assert os.environ["PATH"] != "elsewhere"
    assert set(child) == {*os.environ, "MLFLOWFLOW_NEW"}
