"""ONNX graphs in folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.flavors.onnx import FLAVOR, read_graph
from mlflowflow.models.package import Description, Origin, write_package

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = X @ np.array([2.0, -1.0], dtype=np.float32) + 3
ORIGIN = Origin(model_uuid="u", created_us=0)


def _regression() -> tuple[Any, Any]:
    model = LinearRegression().fit(X, Y)
    return model, to_onnx(model, X[:1])


def _sum(*, large: bool = False) -> Any:
    """Return a graph of two inputs: ``c = a + b * w``, its weight large enough to be kept outside or not."""
    weight = numpy_helper.from_array(np.full((1, 2000 if large else 2), 2.0, dtype=np.float32), "w")
    width = 2000 if large else 2
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width]) for name in "ab"]
    output = helper.make_tensor_value_info("c", TensorProto.FLOAT, [None, width])
    nodes = [helper.make_node("Mul", ["b", "w"], ["m"]), helper.make_node("Add", ["a", "m"], ["c"])]
    graph = helper.make_graph(nodes, "sum", inputs, [output], [weight])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


def _write(model: Any, folder: Path, **options: Any) -> Manifest:
    return write_package(FLAVOR, model, folder, description=Description(options=options), origin=ORIGIN)


def test_a_graph_predicts_what_its_model_does(tmp_path: Path) -> None:
    """A graph is data: it runs without permission for code, on arrays and tables of either precision."""
    model, graph = _regression()
    loaded = FLAVOR.read(tmp_path, _write(graph, tmp_path), allow_code=False)
    for data in (X, X.astype("float64")):
        np.testing.assert_allclose(loaded.predict(data, {})["variable"].ravel(), model.predict(X), rtol=1e-5)
    table = loaded.predict(pd.DataFrame(X, columns=["a", "b"]), {})
    assert isinstance(table, pd.DataFrame)
    np.testing.assert_allclose(table["variable"], model.predict(X), rtol=1e-5)


def test_inputs_are_fed_by_name(tmp_path: Path) -> None:
    """A dictionary or a table names them; one array for two inputs is refused."""
    loaded = FLAVOR.read(tmp_path, _write(_sum(), tmp_path), allow_code=False)
    np.testing.assert_array_equal(loaded.predict({"a": X, "b": X}, {})["c"], 3 * X)
    with pytest.raises(InvalidInput, match="inputs a, b"):
        loaded.predict(X, {})
    with pytest.raises(InvalidInput, match="not a 'int'"):
        loaded.predict(7, {})


def test_the_graph_itself_is_read_whole(tmp_path: Path) -> None:
    """Numbers that were kept beside the graph are in it again, and the caller's own graph was not changed."""
    graph = _sum(large=True)
    before = graph.SerializeToString()
    manifest = _write(graph, tmp_path)
    assert graph.SerializeToString() == before
    assert len([path for path in tmp_path.iterdir() if path.stat().st_size >= 8000]) == 1
    read = read_graph(tmp_path, manifest)
    np.testing.assert_array_equal(numpy_helper.to_array(read.graph.initializer[0]), np.full((1, 2000), 2.0))


@pytest.mark.parametrize("place", ["../secret", "/etc/hostname", "gone.bin"])
def test_numbers_outside_the_folder_are_not_read(tmp_path: Path, place: str) -> None:
    """A graph cannot make its reader open another file of this machine."""
    (tmp_path / "secret").write_bytes(bytes(8000))
    manifest = _write(_sum(large=True), tmp_path / "m")
    graph = onnx.load(str(tmp_path / "m" / "model.onnx"), load_external_data=False)
    for entry in graph.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = place
    (tmp_path / "m" / "model.onnx").write_bytes(graph.SerializeToString())
    for read in (
        lambda: FLAVOR.read(tmp_path / "m", manifest, allow_code=True),
        lambda: read_graph(tmp_path / "m", manifest),
    ):
        with pytest.raises(CorruptData, match=r"leads out|missing"):
            read()


@pytest.mark.parametrize("data", [b"", b"not a graph", b"\x80\x05N."])
def test_damage_is_named(tmp_path: Path, data: bytes) -> None:
    """The error names the file."""
    manifest = _write(_regression()[1], tmp_path)
    (tmp_path / "model.onnx").write_bytes(data)
    for read in (
        lambda: FLAVOR.read(tmp_path, manifest, allow_code=True),
        lambda: read_graph(tmp_path, manifest),
    ):
        with pytest.raises(CorruptData, match=r"model\.onnx"):
            read()


def test_session_options_reach_the_runtime(tmp_path: Path) -> None:
    """What is known of options is kept in the folder and applied when the model is loaded."""
    options = {
        "intra_op_num_threads": 1,
        "inter_op_num_threads": 1,
        "execution_mode": "sequential",
        "graph_optimization_level": 0,
        "extra_session_config": {"session.intra_op.allow_spinning": "0"},
    }
    manifest = _write(_regression()[1], tmp_path, session_options=options, providers=["CPUExecutionProvider"])
    found = FLAVOR.read(tmp_path, manifest, allow_code=False).native.get_session_options()
    assert (found.intra_op_num_threads, int(found.graph_optimization_level)) == (1, 0)
    assert found.get_session_config_entry("session.intra_op.allow_spinning") == "0"


@pytest.mark.parametrize(
    ("options", "said"),
    [({"threads": 1}, "no session option threads"), ({"execution_mode": "fast"}, "'fast'"), ([1], "'list'")],
)
def test_unknown_session_options_are_refused(tmp_path: Path, options: Any, said: str) -> None:
    """They are found when the model is saved, not when it is served."""
    with pytest.raises(InvalidInput, match=said):
        _write(_regression()[1], tmp_path, session_options=options)


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    """The error names what was given."""
    with pytest.raises(InvalidInput, match="'LinearRegression' is not an ONNX model"):
        _write(LinearRegression(), tmp_path)
