"""Values as the bytes of files."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.artifacts.rendering import render_dict, render_figure

_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab: -#'\"é"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(value=_plain)
def test_json_is_read_back(value: Any) -> None:
    """What JSON can hold survives."""
    assert json.loads(render_dict(value, "x.json")) == value


@given(value=_plain)
def test_yaml_is_read_back(value: Any) -> None:
    """The same in YAML."""
    assert YAML(typ="safe", pure=True).load(render_dict(value, "x.yml")) == value


def test_json_writes_other_values_as_text() -> None:
    """A date in a dict does not lose the dict."""
    assert json.loads(render_dict({"day": date(2026, 5, 1)}, "x.txt")) == {"day": "2026-05-01"}


def test_a_matplotlib_figure_is_drawn() -> None:
    """The suffix is the format."""
    from matplotlib.figure import Figure

    assert render_figure(Figure(), "a/plot.png", {}).startswith(b"\x89PNG")


class _PlotlyFigure:
    def to_html(self, **options: Any) -> str:
        return f"<p>{options}"

    def to_image(self, **options: Any) -> bytes:
        return str(options).encode()


@pytest.mark.parametrize(
    ("path", "content"),
    [("a.html", b"<p>{'include_plotlyjs': 'cdn', 'width': 2}"), ("a.png", b"{'format': 'png', 'width': 2}")],
)
def test_a_plotly_figure_is_drawn(path: str, content: bytes) -> None:
    """Pages are written, pictures drawn."""
    assert render_figure(_PlotlyFigure(), path, {"width": 2}) == content


def test_another_object_is_no_figure() -> None:
    """What cannot be drawn is refused by name."""
    with pytest.raises(InvalidInput, match="was given a dict"):
        render_figure({}, "a.png", {})


def test_how_a_figure_is_saved_can_be_said() -> None:
    """What is given counts more than the suffix and our defaults; what Plotly cannot write is refused."""
    assert render_figure(_PlotlyFigure(), "a.html", {"include_plotlyjs": True, "auto_open": False}) == (
        b"<p>{'include_plotlyjs': True}"
    )
    with pytest.raises(InvalidInput, match="Plotly does not write"):
        render_figure(_PlotlyFigure(), "a.txt", {})
