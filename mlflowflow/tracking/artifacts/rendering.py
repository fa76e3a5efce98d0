"""Turn values into the bytes of the artifact they are logged as; the file's suffix says how."""

from __future__ import annotations

import io
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLOTLY: Final = ("html", "png", "jpeg", "jpg", "webp", "svg", "pdf")


def render_dict(value: Any, path: str) -> bytes:
    """Write a dict or list as YAML if `path` ends in ``.yml`` or ``.yaml``, else as JSON.

    In JSON, what JSON does not know is written as its text. Raises `InvalidInput` for what cannot be
    written, such as a tuple for a key.

    >>> render_dict([1.5], "x.yaml")[:5]
    b'- 1.5'
    """
    is_yaml = PurePosixPath(path).suffix in {".yml", ".yaml"}
    try:
        return _yaml(value) if is_yaml else json.dumps(value, indent=2, default=str).encode()
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"The value cannot be written as '{path}': {error}.") from error


def render_figure(figure: Any, path: str, save_kwargs: Mapping[str, Any]) -> bytes:
    """Draw a Matplotlib or Plotly figure in the format that `path` ends in, by default PNG.

    Figures are known by their methods, so neither library is needed unless it is used. A page of Plotly
    loads its script from the network, unless `save_kwargs` say ``include_plotlyjs=True``. Raises
    `InvalidInput` for other objects and formats.
    """
    suffix = PurePosixPath(path).suffix.lstrip(".") or "png"
    if hasattr(figure, "savefig"):
        buffer = io.BytesIO()
        figure.savefig(buffer, **{"format": suffix, **save_kwargs})
        return buffer.getvalue()
    if hasattr(figure, "to_html") and hasattr(figure, "to_image"):
        return _plotly(figure, path, suffix, save_kwargs)
    raise InvalidInput(
        f"'{path}' was given a {type(figure).__name__}; expected a Matplotlib or a Plotly figure."
    )


def _plotly(figure: Any, path: str, suffix: str, save_kwargs: Mapping[str, Any]) -> bytes:
    if suffix not in _PLOTLY:
        raise InvalidInput(f"Plotly does not write '{path}'; end it in one of {', '.join(_PLOTLY)}.")
    if suffix != "html":
        return bytes(figure.to_image(**{"format": suffix, **save_kwargs}))
    kept = {key: value for key, value in save_kwargs.items() if key != "auto_open"}
    return str(figure.to_html(**{"include_plotlyjs": "cdn", **kept})).encode()


def _yaml(value: Any) -> bytes:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    buffer = io.BytesIO()
    try:
        yaml.dump(value, buffer)
    except YAMLError as error:
        raise ValueError(str(error)) from error
    return buffer.getvalue()
