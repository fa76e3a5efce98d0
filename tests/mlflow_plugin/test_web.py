"""MLflow's web pages, in a browser, on MLflow's server over a store of ours."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import pytest

from tests.mlflow_plugin.peers import Server, answers, server_on

pytestmark = [pytest.mark.mlflow, pytest.mark.xdist_group("histories")]

_BROWSER: Final = shutil.which("chromium")
_FILL: Final = Path(__file__).parent / "scripts" / "fill.py"
#: So much of a page's own time passes before it is read, in milliseconds.
_PATIENCE_MS: Final = 20_000


def page(server: Server, place: str) -> str:
    """Return what a page has become after its programs have run."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run(
            [
                str(_BROWSER),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=1600,1200",
                f"--user-data-dir={profile}",
                f"--virtual-time-budget={_PATIENCE_MS}",
                "--dump-dom",
                f"{server.url}/#/{place}",
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.skipif(_BROWSER is None, reason="Chromium is not installed; 'make test-web' does it")
@pytest.mark.timeout(900)
def test_the_pages_show_runs_a_chart_and_a_version(tmp_path: Path) -> None:
    """And no request of theirs fails but the one for the person who is logged in, whom no store knows."""
    store = f"mlff+file://{tmp_path}/store"
    made = answers(_FILL, uri=store, folder=tmp_path)
    with server_on(store, tmp_path) as server:
        runs = page(server, f"experiments/{made['experiment']}/runs")
        assert [
            name for name in ("attempt 0", "attempt 1", "attempt 2", "with model") if name not in runs
        ] == []
        chart = page(server, f"experiments/{made['experiment']}/runs/{made['run']}/model-metrics")
        assert "loss" in chart
        assert re.search(r'class="js-line"[^>]*d="M', chart) or 'class="scatterlayer' in chart
        version = page(server, "models/iris/versions/1")
        assert [word for word in ("champion", "gate", "passed", "with model") if word not in version] == []
        failed = re.findall(r'"(?:GET|POST) (\S+) HTTP/1.1" [45]\d\d', server.log.read_text())
    assert [each for each in failed if "users/current" not in each] == []
