"""Settings from the environment, read at one place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.config import (
    DEFAULT_TRACKING_URI,
    Settings,
    TrialChannel,
    async_logging_known,
    async_logging_wanted,
    child_environ,
    enable_async_logging,
    enable_system_metrics_logging,
    forget_switches,
    prefect_ui,
    system_metrics_wanted,
    variables,
)
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

EVERYTHING = {
    "MLFLOWFLOW_TRACKING_URI": "s3://bucket/ml",
    "MLFLOWFLOW_REGISTRY_URI": "s3://bucket/models",
    "MLFLOWFLOW_EXPERIMENT_NAME": "digits",
    "MLFLOWFLOW_EXPERIMENT_ID": "17",
    "MLFLOWFLOW_RUN_ID": "a" * 32,
    "MLFLOWFLOW_ATTEMPT": "3",
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
        attempt=3,
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


def test_an_attempt_that_is_no_number_is_refused_by_name() -> None:
    """What is logged for the wrong attempt is not seen."""
    with pytest.raises(InvalidInput, match="MLFLOWFLOW_ATTEMPT is 'last'; expected an attempt, such as 2"):
        Settings.from_environ({"MLFLOWFLOW_ATTEMPT": "last"})


def test_a_child_gets_this_environment_and_the_additions() -> None:
    """What is added wins; the process's own environment does not change."""
    child = child_environ({"PATH": "elsewhere", "MLFLOWFLOW_NEW": "1"})
    assert (child["PATH"], child["MLFLOWFLOW_NEW"]) == ("elsewhere", "1")
    assert os.environ["PATH"] != "elsewhere"
    assert set(child) == {*os.environ, "MLFLOWFLOW_NEW"}


_THEIRS = {
    "MLFLOW_TRACKING_URI": "s3://bucket/theirs",
    "MLFLOW_REGISTRY_URI": "s3://bucket/their-models",
    "MLFLOW_EXPERIMENT_NAME": "theirs",
    "MLFLOW_EXPERIMENT_ID": "9",
    "MLFLOW_RUN_ID": "b" * 32,
    "MLFLOW_ACTIVE_MODEL_ID": "m-1",
}


def test_mlflows_variables_count_where_ours_are_not_set() -> None:
    """A launcher written for MLflow hands over its store, experiment, run and model."""
    settings = Settings.from_environ(_THEIRS)
    assert settings.tracking_uri == "s3://bucket/theirs"
    assert settings.registry_uri == "s3://bucket/their-models"
    assert (settings.experiment_name, settings.experiment_id) == ("theirs", "9")
    assert (settings.run_id, settings.active_model_id) == ("b" * 32, "m-1")


def test_ours_win() -> None:
    """What was said to this library in particular is meant, also for half of a pair."""
    settings = Settings.from_environ(
        {**_THEIRS, "MLFLOWFLOW_TRACKING_URI": "ours", "MLFLOWFLOW_EXPERIMENT_NAME": "ours"}
    )
    assert (settings.tracking_uri, settings.run_id) == ("ours", "b" * 32)
    assert (settings.experiment_name, settings.experiment_id) == ("ours", None)


@pytest.mark.parametrize(
    ("name", "wanted", "enable"),
    [
        ("MLFLOW_ENABLE_ASYNC_LOGGING", async_logging_wanted, enable_async_logging),
        ("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", system_metrics_wanted, enable_system_metrics_logging),
    ],
)
def test_switches_are_read_when_they_are_needed(
    monkeypatch: pytest.MonkeyPatch, name: str, wanted: Callable[[], bool], enable: Callable[[bool], None]
) -> None:
    """A program turns them on and off as it goes, and its children inherit them."""
    monkeypatch.setenv(name, "")
    assert not wanted()
    enable(True)
    assert wanted()
    assert os.environ[name] == "true"
    enable(False)
    assert not wanted()
    monkeypatch.setenv(name, "perhaps")
    with pytest.raises(InvalidInput, match=f"{name} is 'perhaps'; expected true"):
        wanted()


def test_what_is_known_of_a_switch_is_what_was_set_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting it counts at once; a variable that changes by itself counts when a run begins."""
    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "")
    forget_switches()
    assert not async_logging_known()
    enable_async_logging()
    assert async_logging_known()
    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "")
    assert async_logging_known()
    forget_switches()
    assert not async_logging_known()


def test_only_variables_for_this_library_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of trouble does not carry the rest of the environment."""
    monkeypatch.setenv("MLFLOW_X", "1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert variables()["MLFLOW_X"] == "1"
    assert "AWS_SECRET_ACCESS_KEY" not in variables()


def test_a_trials_channel_travels_in_the_environment() -> None:
    """What a launcher says, the process that it starts reads."""
    channel = TrialChannel(run_id="r1", metric="loss", reports=Path("reports"), prune=Path("prune"))
    assert TrialChannel.from_environ({**channel.environ(), "MLFLOWFLOW_RUN_ID": "r1"}) == channel


@pytest.mark.parametrize("missing", ["MLFLOWFLOW_TRIAL_METRIC", "MLFLOWFLOW_TRIAL_REPORTS"])
def test_a_trial_that_is_not_asked_for_points_reports_none(missing: str) -> None:
    """It can still be pruned."""
    channel = TrialChannel(run_id="r1", metric="loss", reports=Path("reports"), prune=Path("prune"))
    found = TrialChannel.from_environ({**channel.environ(), "MLFLOWFLOW_RUN_ID": "r1", missing: ""})
    assert found is not None
    assert (found.reports, found.prune) == (None, Path("prune"))


def test_a_process_inside_a_trial_that_is_none_itself_has_no_channel() -> None:
    """A launcher takes the variables of a trial around it back by empty ones."""
    nothing = TrialChannel(run_id="r2")
    around = TrialChannel(run_id="r1", metric="loss", reports=Path("reports"), prune=Path("prune"))
    environ = {**around.environ(), **nothing.environ(), "MLFLOWFLOW_RUN_ID": "r2"}
    assert TrialChannel.from_environ(environ) is None


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, None),
        ({"PREFECT_API_URL": "http://h:4200/api"}, "http://h:4200"),
        ({"PREFECT_API_URL": "https://cloud/accounts/a"}, None),
        ({"PREFECT_API_URL": "http://h:4200/api", "PREFECT_UI_URL": "http://pages/"}, "http://pages"),
    ],
)
def test_the_pages_of_prefect_are_where_its_variables_say(environ: dict[str, str], found: str | None) -> None:
    """An interface whose pages are nobody knows where leads to no link."""
    assert prefect_ui(environ) == found
