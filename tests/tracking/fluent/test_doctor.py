"""The report of what a process runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.tracking.fluent.doctor import doctor, report
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    import pytest


def test_the_report_names_versions_addresses_and_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What somebody else needs to know is printed; values are hidden on request."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    with private_session() as session:
        doctor()
        printed = capsys.readouterr().out
        assert f"Tracking URI: {session.tracking_uri}" in printed
        assert "MLFLOW_TRACKING_TOKEN: secret" in printed
        hidden = "\n".join(report(mask_envs=True))
    assert "MLFLOW_TRACKING_TOKEN: ***" in hidden
    assert "secret" not in hidden
    assert "pyarrow: " in hidden
