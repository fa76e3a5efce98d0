"""What an exported program can do, read off its bytes; `tests/frameworks` has PyTorch itself."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.models.flavors.exported_program import class_of_program, is_arithmetic
from mlflowflow.models.safety import FormatClass


class Torch:
    """Stand for PyTorch: its restricted unpickler takes one text only."""

    def __init__(self, version: str = "2.13.0+cpu") -> None:
        """Be of a release."""
        self.__version__ = version

    @staticmethod
    def load(file: Any, **arguments: Any) -> Any:
        """Accept what is harmless."""
        assert arguments == {"map_location": "cpu", "weights_only": True}
        if file.read() != b"tensors":
            raise ValueError("not on the list")


def _graph(target: str = "torch.ops.aten.linear.default", size: str = "Symbol('s0', integer=True)") -> Any:
    return {"graph": {"nodes": [{"target": target}], "sizes": [{"as_expr": {"expr_str": size}}]}}


def _program(graph: Any = None, **more: bytes) -> bytes:
    config = {"config": {"w": {"path_name": "weight_0", "use_pickle": False}}}
    records = {
        "p/data/weights/model_weights_config.json": json.dumps(config).encode(),
        "p/data/weights/weight_0": b"\x80\x05 the plain bytes of numbers",
        "p/models/model.json": json.dumps(graph or _graph()).encode(),
        "p/data/sample_inputs/model.pt": b"tensors",
        "p/archive_format": b"pt2",
        "p/byteorder": b"little\n",
        **more,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in records.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_program_of_atens_operators_is_restricted() -> None:
    """Numbers, JSON, short words and tensors that the restricted unpickler takes."""
    assert class_of_program(_program(), Torch()) is FormatClass.RESTRICTED


@pytest.mark.parametrize(
    "graph",
    [
        _graph(target="torch.hub.load"),
        _graph(target="torch.ops.load_library"),
        _graph(target="torch.ops.aten.add.Tensor.__class__"),
        _graph(target="_operator.methodcaller"),
        _graph(target="os.system"),
        _graph(size="__import__('os').system('true')"),
        _graph(size="Symbol('s0').__class__"),
        _graph(size="Symbol('s0', cls=eval)"),
        _graph(size="eval('1')"),
        _graph(size="[1][0]"),
        {"custom_obj_values": {"x": 1}},
    ],
)
def test_a_graph_that_reaches_further_is_code(graph: Any) -> None:
    """Operators are looked up in all of PyTorch, and sizes are evaluated as Python."""
    assert class_of_program(_program(graph), Torch()) is FormatClass.CODE


@pytest.mark.parametrize(
    "more",
    [
        {"p/data/sample_inputs/model.pt": b"cos\nsystem\n."},
        {"p/data/constants/custom_obj_0": b"cos\nsystem\n."},
        {"p/data/aotinductor/model/wrapper.so": b"\x7fELF"},
        {"p/extra/version": b"cos\nsystem\n(S'true'\ntR."},
        {
            "p/data/weights/model_weights_config.json": json.dumps(
                {"config": {"w": {"path_name": "weight_0", "use_pickle": True}}}
            ).encode()
        },
        {
            "p/data/weights/other_config.json": json.dumps(
                {"config": {"v": {"path_name": "weight_0", "use_pickle": True}}}
            ).encode()
        },
    ],
)
def test_a_record_that_would_be_unpickled_is_code(more: dict[str, bytes]) -> None:
    """Whatever a record is called, only the restricted unpickler's word counts."""
    assert class_of_program(_program(**more), Torch()) is FormatClass.CODE


def test_an_older_unpickler_is_not_believed() -> None:
    """PyTorch before 2.10 could be talked into running code."""
    assert class_of_program(_program(), Torch("2.9.1")) is FormatClass.CODE


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x05N."])
def test_what_is_no_archive_is_code(data: bytes) -> None:
    """What is not recognised is code."""
    assert class_of_program(data, Torch()) is FormatClass.CODE


@given(
    st.recursive(
        st.one_of(
            st.integers(-9, 99).map(str),
            st.integers(0, 99).map(lambda n: f"Symbol('s{n}', positive=True, integer=True)"),
        ),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "*", "//", "-"]), inner).map(" ".join),
            st.tuples(st.sampled_from(["Mod", "Max", "FloorDiv"]), inner, inner).map(
                lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
            ),
        ),
        max_leaves=5,
    )
)
def test_arithmetic_is_recognised(expression: str) -> None:
    """Sums, products and the integer functions of shapes pass."""
    assert is_arithmetic(expression)


@given(
    st.text(alphabet="abcdefgs01()'._[]{}\"=: ", max_size=30).filter(
        lambda text: any(c in text for c in "._[{'\"")
    )
)
def test_whatever_reaches_for_a_name_is_no_arithmetic(expression: str) -> None:
    """Dots, brackets, quotes and underscores do not occur in arithmetic, but for symbols."""
    assert not is_arithmetic(expression)
