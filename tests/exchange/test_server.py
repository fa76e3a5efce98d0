"""Reading a running MLflow server; what is written to one and read again is in the tests of exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.exchange.server import ServedFiles, ServerSource
from mlflowflow.tracking.run import Metric
from tests.exchange.fake_server import FakeServer

if TYPE_CHECKING:
    from pathlib import Path


def _server() -> FakeServer:
    server = FakeServer()
    server._experiments_create({"name": "wine"})
    for number in range(3):
        server._runs_create(
            {
                "experiment_id": "1",
                "user_id": "ada",
                "start_time": number,
                "run_name": f"run {number}",
                "tags": [],
            }
        )
    return server


def test_all_points_of_all_metrics_are_read() -> None:
    """Page by page, linked to the models that have them too."""
    server = _server()
    model_id = server._logged_models({"experiment_id": "1", "name": "net"})["model"]["info"]["model_id"]
    points = [{"key": "loss", "value": 0.5, "timestamp": step, "step": step} for step in range(5)]
    points.append({"key": "f1", "value": "NaN", "timestamp": 9, "step": 0, "model_id": model_id})
    server._runs_log_batch({"run_id": f"{1:032x}", "metrics": points})
    source = ServerSource(server.rest())
    run = list(source.runs("1"))[1]
    found = source.points(run)
    assert found[1:] == [Metric("loss", 0.5, step, step) for step in range(5)]
    assert (found[0].key, found[0].model_id) == ("f1", model_id)


def test_models_that_a_run_used_are_asked_for() -> None:
    """A search does not tell them."""
    server = _server()
    model_id = server._logged_models({"experiment_id": "1", "name": "net"})["model"]["info"]["model_id"]
    server._runs_log_inputs({"run_id": f"{0:032x}", "datasets": [], "models": [{"model_id": model_id}]})
    first = next(ServerSource(server.rest()).runs("1"))
    assert [each.model_id for each in first.inputs.model_inputs] == [model_id]


def test_a_server_without_logged_models_is_read() -> None:
    """Those before MLflow 3 do not know the question."""
    server = _server()
    source = ServerSource(server.rest())
    server.trouble = [404]
    assert list(source.logged_models("1")) == []
    assert len(list(source.runs("1"))) == 3


def test_what_cannot_be_read_is_named_and_hides_nothing() -> None:
    """One odd answer does not end an import."""
    server = _server()
    server.runs[f"{1:032x}"]["info"]["status"] = "ODD"
    source = ServerSource(server.rest())
    assert [run.info.run_name for run in source.runs("1")] == ["run 0", "run 2"]
    assert "ODD" in source.problems[0]


def test_files_that_the_server_keeps_are_fetched(tmp_path: Path) -> None:
    """Folder by folder; names may have blanks."""
    server = FakeServer(
        files={"1/r/artifacts/a b/c.txt": b"hello", "1/r/artifacts/empty": b"", "1/other": b"x"}
    )
    files = ServerSource(server.rest()).files("mlflow-artifacts:/1/r/artifacts")
    assert files is not None
    assert list(files.list()) == [("a b/c.txt", 5), ("empty", 0)]
    assert files.fetch("a b/c.txt", tmp_path).read_bytes() == b"hello"
    with pytest.raises(NotFound):
        files.fetch("gone", tmp_path)


def test_files_elsewhere_are_read_where_they_are(tmp_path: Path) -> None:
    """A server may leave files to its clients."""
    source = ServerSource(FakeServer().rest())
    (tmp_path / "a").write_text("1")
    files = source.files(str(tmp_path))
    assert files is not None
    assert list(files.list()) == [("a", 1)]
    assert source.files("dbfs:/x") is None


@pytest.mark.parametrize("name", ["..", "../../x", "/etc/passwd"])
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    """Whoever runs the server could write anywhere on this machine."""
    server = FakeServer()
    files = ServedFiles(server.rest(), "root")
    with pytest.raises(InvalidInput, match="leads elsewhere"):
        files.fetch(name, tmp_path)
    assert server.asked == []


class _Leading(FakeServer):
    def _listed(self, folder: str) -> list[dict[str, object]]:
        del folder
        return [{"path": "../x", "is_dir": True}]


def test_listed_names_that_lead_out_are_refused() -> None:
    """Before they are asked for."""
    with pytest.raises(InvalidInput, match="leads elsewhere"):
        list(ServedFiles(_Leading().rest(), "root").list())
