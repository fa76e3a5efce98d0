"""Turn values into the bytes of the artifact they are logged as; the file's suffix says how."""

from __future__ import annotations

import io
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping


def render_dict(value: Any, path: str) -> bytes:
    """Write a dict or list as YAML if `path` ends in ``.yml`` or ``.yaml``, else as JSON.

    In JSON, what JSON does not know is written as its text.

    >>> render_dict([1.5], "x.yaml")[:5]
    b'- 1.5'
    """
    if PurePosixPath(path).suffix in {".yml", ".yaml"}:
        return _yaml(value)
    return json.dumps(value, indent=2, default=str).encode()


def render_figure(figure: Any, path: str, save_kwargs: Mapping[str, Any]) -> bytes:
    """Draw a Matplotlib or Plotly figure in the format that `path` ends in.

    Figures are known by their methods, so neither library is needed unless it is used. Raises
    `InvalidInput` for other objects.
    """
    suffix = PurePosixPath(path).suffix.lstrip(".") or "png"
    if hasattr(figure, "savefig"):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=suffix, **save_kwargs)
        return buffer.getvalue()
    if hasattr(figure, "to_html") and hasattr(figure, "to_image"):
        if suffix == "html":
            return str(figure.to_html(**save_kwargs)).encode()
        return bytes(figure.to_image(format=suffix, **save_kwargs))
    raise InvalidInput(
        f"'{path}' was given a {type(figure).__name__}; expected a Matplotlib or a Plotly figure."
    )


def _yaml(value: Any) -> bytes:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    buffer = io.BytesIO()
    yaml.dump(value, buffer)
    return buffer.getvalue()
