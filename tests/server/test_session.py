"""MLflow's own client against our server, beside MLflow's own server."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.server.serving import served

if TYPE_CHECKING:
    from collections.abc import Mapping

PEER: Final = Path(__file__).parents[2] / "build" / "peers" / "mlflow" / "bin" / "python"
SCRIPT: Final = Path(__file__).parent / "scripts" / "session.py"
#: What MLflow 3's own server with its database answers to the session, apart from what differs on purpose:
#: it cuts an infinite value to the greatest double.
EXPECTED: Final = Path(__file__).parent / "scripts" / "session.json"


def session(url: str, folder: Path) -> Mapping[str, Any]:
    """Run the session in MLflow's environment and return what it found."""
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    environ = {**kept, **quiet, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_TRACKING_URI": url}
    done = subprocess.run(
        [str(PEER), str(SCRIPT)],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    found: Mapping[str, Any] = json.loads(done.stdout.rpartition("\x1e")[2])
    return found


@pytest.mark.mlflow
@pytest.mark.timeout(300)
def test_a_session_of_mlflows_client_finds_what_it_finds_with_mlflows_server(tmp_path: Path) -> None:
    """Tracking, artifacts through the proxy, logged models, autologging, evaluation and the registry."""
    if not PEER.exists():
        pytest.skip("MLflow is not installed; 'make test-mlflow' does it")
    with served(tmp_path / "store") as server:
        assert session(server.url, tmp_path) == json.loads(EXPECTED.read_text())
        assert server.stop() == 0
