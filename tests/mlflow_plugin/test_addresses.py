"""The addresses by which MLflow finds a store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.config import Settings
from mlflowflow.errors import InvalidUri
from mlflowflow.mlflow_plugin.addresses import address_of, is_ours, uri_of
from mlflowflow.storage.address import normalize

_NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1
)
_PATHS = st.lists(_NAMES.filter(lambda name: name not in {".", ".."}), min_size=1).map(
    lambda names: "/" + "/".join(names)
)


@given(_PATHS)
def test_a_directory_comes_back_from_its_address(path: str) -> None:
    """Whatever a directory is called, MLflow is given an address that leads to it."""
    assert address_of(uri_of(path)) == path


@pytest.mark.parametrize("address", ["s3://bucket/ml", "s3://bucket", "gs://b/x", "az://c/x", "memory://m"])
def test_a_bucket_comes_back_from_its_address(address: str) -> None:
    """So is a bucket."""
    assert is_ours(uri_of(address))
    assert address_of(uri_of(address)) == address


def test_the_bare_name_means_the_store_of_the_settings() -> None:
    """``mlff:`` is what this library would use."""
    assert address_of("mlff:", Settings(tracking_uri="s3://bucket/ml")) == "s3://bucket/ml"


def test_mlflows_own_variables_do_not_say_where_the_bare_name_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a program of MLflow its variable is the very address that is asked about."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "mlff:")
    monkeypatch.setenv("MLFLOWFLOW_TRACKING_URI", "s3://bucket/ml")
    assert address_of("mlff:") == "s3://bucket/ml"


def test_this_library_reads_the_plugins_addresses_too() -> None:
    """One variable serves scripts of both libraries."""
    assert normalize("mlff+file:///data/my%20runs") == "/data/my runs"
    assert normalize("mlff:///data") == "/data"
    assert normalize("mlff+s3://bucket/ml") == "s3://bucket/ml"


@pytest.mark.parametrize("uri", ["mlff+http://host", "mlff+sqlite:///x.db", "mlff+s3://"])
def test_an_address_of_another_kind_is_refused(uri: str) -> None:
    """The plugin opens what a store can be in, and nothing else."""
    with pytest.raises(InvalidUri):
        address_of(uri)
