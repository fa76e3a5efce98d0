"""MLflow's client on a store of ours in a bucket."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient

pytestmark = [pytest.mark.mlflow, pytest.mark.s3]


def test_runs_files_models_and_versions_are_kept_in_a_bucket(s3_url: str, tmp_path: Path) -> None:
    """Without the libraries that MLflow itself needs for buckets."""
    uri = f"mlff+{s3_url}"
    client = MlflowClient(uri, uri)
    run = client.create_run(client.create_experiment("wine"), run_name="first")
    client.log_metric(run.info.run_id, "loss", 0.5)
    client.log_text(run.info.run_id, "hello", "deep/a.txt")
    client.set_terminated(run.info.run_id)
    assert run.info.artifact_uri.startswith(f"{uri}/artifacts/")
    found = client.get_run(run.info.run_id)
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"loss": 0.5})
    fetched = client.download_artifacts(run.info.run_id, "deep/a.txt", str(tmp_path))
    assert Path(fetched).read_text() == "hello"
    client.create_registered_model("wine")
    version = client.create_model_version("wine", f"{run.info.artifact_uri}/deep", run.info.run_id)
    assert client.get_model_version_download_uri("wine", version.version) == f"{run.info.artifact_uri}/deep"
