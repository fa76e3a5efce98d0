"""MLflow's client sends a large file in parts to our server, and gets it in ranges."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts

from tests.mlflow_plugin.fronting import front
from tests.mlflow_plugin.peers import own_server_on

pytestmark = pytest.mark.mlflow

TOKEN = "a token of this test alone"
CHUNK = 300_000


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Give a file of four parts."""
    file = tmp_path / "given" / "large.bin"
    file.parent.mkdir()
    file.write_bytes(random.Random(3).randbytes(3 * CHUNK + 7))
    return file


def test_a_file_goes_up_in_parts_and_comes_down_in_ranges(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a proxy, whichever of two processes a part comes to, with the token that the client was given."""
    for way in ("UPLOAD", "DOWNLOAD"):
        monkeypatch.setenv(f"MLFLOW_ENABLE_PROXY_MULTIPART_{way}", "true")
        monkeypatch.setenv(f"MLFLOW_MULTIPART_{way}_CHUNK_SIZE", str(CHUNK))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(CHUNK))
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", TOKEN)
    with (
        front() as proxy,
        own_server_on(
            tmp_path / "store", tmp_path, "--workers", "2", "--token", TOKEN, "--allowed-host", proxy.host
        ) as server,
    ):
        proxy.behind = server.url
        client = MlflowClient(proxy.url, proxy.url)
        run_id = client.create_run("0").info.run_id
        client.log_artifact(run_id, str(large), "models/a b")
        fetched = download_artifacts(
            artifact_uri=f"runs:/{run_id}/models/a b/large.bin",
            dst_path=str(tmp_path / "fetched"),
            tracking_uri=proxy.url,
        )
        asked = Counter(
            each.path.partition("/mlflow-artifacts/")[2].partition("/0/")[0] for each in proxy.asked
        )
        assert proxy.refused() == []
    assert Path(fetched).read_bytes() == large.read_bytes()
    assert {name: asked[name] for name in ("mpu/create", "mpu/part", "mpu/complete", "mpu/abort")} == {
        "mpu/create": 1,
        "mpu/part": 4,
        "mpu/complete": 1,
        "mpu/abort": 0,
    }
    assert (asked["presigned"], asked["artifacts"]) == (1, 4)
