"""An address has one spelling, and nothing else is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidUri
from mlflowflow.storage.address import normalize

SAME = (
    ("file:///data/runs", "/data/runs"),
    ("file:/data/runs", "/data/runs"),
    ("file://localhost/data/runs/", "/data/runs"),
    ("/data/./x/../runs", "/data/runs"),
    ("file:///data/my%20runs", "/data/my runs"),
    ("memory://a", "memory://a"),
    ("s3://bucket/", "s3://bucket"),
    ("S3://bucket/a/b/", "s3://bucket/a/b"),
    ("s3a://bucket/a", "s3://bucket/a"),
    ("gcs://bucket/a", "gs://bucket/a"),
    ("abfs://container/a", "az://container/a"),
)

REFUSED = (
    "",
    "models:/fraud/3",
    "runs:/0190/model",
    "sqlite:///mlflow.db",
    "https://tracking.example.org",
    "s3:/bucket/a",
    "s3:bucket",
    "s3://",
    "s3:///a",
    "s3://key:secret@bucket/a",
    "s3://bucket/a?endpoint=x",
    "s3://bucket/a#b",
    "s3://bucket/../other",
    "s3://bucket/a//b",
    "memory://",
    "memory://../a",
    "memory:a",
    "file://host/a",
    "file:a",
    "file:////host/a",
    "local:///a",
    "simplecache::file:///a",
    "s3://bucket/a::file:///b",
    "reference://a",
    "a\0b",
    "~nobody-of-this-name/a",
)


@pytest.mark.parametrize(("address", "spelling"), SAME)
def test_addresses_have_one_spelling(address: str, spelling: str) -> None:
    """Ways to write one place are one address, which is its own spelling."""
    assert (normalize(address), normalize(spelling)) == (spelling, spelling)


@pytest.mark.parametrize("address", REFUSED)
def test_unknown_addresses_are_refused(address: str) -> None:
    """What is not known to be a store is refused, and the message says what would be one."""
    with pytest.raises(InvalidUri, match=r"expected (a|the) "):
        normalize(address)


def test_relative_directory_becomes_absolute() -> None:
    """A child process with another working directory is given the same place."""
    assert normalize("runs") == normalize("./runs/") == str(Path.cwd() / "runs")


def test_home_is_the_users() -> None:
    """A tilde is the home folder, as in a shell."""
    assert normalize("~/runs") == str(Path.home() / "runs")


def test_path_may_look_like_an_address() -> None:
    """A `Path` is a directory, whatever its name."""
    assert normalize(Path("s3:") / "bucket") == str(Path.cwd() / "s3:" / "bucket")


@given(st.text(alphabet="ab:/.%~ s3memory", max_size=20))
def test_spelling_is_stable(address: str) -> None:
    """Normalizing twice changes nothing more."""
    try:
        spelling = normalize(address)
    except InvalidUri:
        return
    assert normalize(spelling if "://" in spelling else Path(spelling)) == spelling


@pytest.mark.parametrize(
    "uri", ["http://localhost:5000", "https://mlflow.example.org", "databricks:x", "sqlite:///m.db"]
)
def test_a_server_or_database_is_answered_with_what_to_do(uri: str) -> None:
    """Whoever comes from MLflow with its address is told what an address is here."""
    with pytest.raises(
        InvalidUri, match=r"no server in between: set MLFLOWFLOW_TRACKING_URI or call set_tracking_uri"
    ):
        normalize(uri)
