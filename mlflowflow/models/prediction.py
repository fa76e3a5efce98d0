"""`models.predict`: ask a model that is kept once, for data in a file or at hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, MissingExtra, NotFound
from mlflowflow.models.example import convert_input_example_to_serving_input
from mlflowflow.models.loading import load_model
from mlflowflow.models.serving import read_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TYPES: Final = ("json", "csv")
_ENVIRONMENTS: Final = ("local", "virtualenv", "uv", "conda")


def predict(
    model_uri: str,
    input_data: Any = None,
    input_path: str | Path | None = None,
    content_type: str = "json",
    output_path: str | Path | None = None,
    env_manager: str = "virtualenv",
    install_mlflow: bool = False,
    pip_requirements_override: Sequence[str] | None = None,
    extra_envs: Mapping[str, str] | None = None,
) -> None:
    """Ask the model at `model_uri` and print its answer, or write it to `output_path`, as JSON.

    Args:
        model_uri: The address of the model.
        input_data: The data itself, or the text of a request as MLflow's server takes it.
        input_path: A file with such a text, in place of `input_data`.
        content_type: ``json``, or ``csv``, a table with a header.
        output_path: A file for the answer, ``{"predictions": …}``.
        env_manager: Accepted for MLflow's sake: the model is asked in this process, with its packages.
        install_mlflow: Accepted, without effect.
        pip_requirements_override: Refused: no environment is made here.
        extra_envs: Refused likewise.

    Raises:
        InvalidInput: There is no data, or it is not what the model takes.
        NotFound: There is no such model or file.

    >>> from mlflowflow import pyfunc
    >>> info = pyfunc.log_model(name="count", python_model=lambda model_input: len(model_input))
    >>> predict(info.model_uri, [1, 2, 3])
    {"predictions": 3}
    """
    del install_mlflow
    if content_type not in _TYPES:
        raise InvalidInput(f"The content type '{content_type}' is unknown; expected 'json' or 'csv'.")
    if env_manager not in _ENVIRONMENTS:
        raise InvalidInput(
            f"The env_manager '{env_manager}' is unknown; expected one of {', '.join(_ENVIRONMENTS)}."
        )
    if pip_requirements_override or extra_envs:
        raise InvalidInput("The model is asked in this process; install packages and set variables before.")
    if (input_data is None) == (input_path is None):
        raise InvalidInput("Give the data as 'input_data', or a file of it as 'input_path'; exactly one.")
    model = load_model(model_uri)
    given = input_data if input_path is None else _text(Path(input_path))
    if content_type == "csv":
        data, params = _table(given), None
    else:
        text = given if isinstance(given, str) else convert_input_example_to_serving_input(given)
        assert text is not None
        request = read_request(text, model.metadata.signature)
        data, params = request.data, dict(request.params) or None
    answer = json.dumps({"predictions": _plain(model.predict(data, params=params))})
    if output_path is None:
        print(answer)  # noqa: T201 - that is what it is for
    else:
        Path(output_path).write_text(answer, encoding="utf-8")


def _text(path: Path) -> str:
    if not path.is_file():
        raise NotFound("file", str(path))
    return path.read_text(encoding="utf-8")


def _table(given: Any) -> Any:
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise MissingExtra("pandas", extra="pandas", purpose="Data as CSV") from error
    if not isinstance(given, str):
        return given
    import io

    return pd.read_csv(io.StringIO(given))


def _plain(answer: Any) -> Any:
    """Return an answer as JSON can say it; what is not a number is null."""
    if hasattr(answer, "to_dict") and hasattr(answer, "columns"):
        return _plain(answer.to_dict(orient="records"))
    if hasattr(answer, "tolist"):
        return _plain(answer.tolist())
    if isinstance(answer, dict):
        return {str(key): _plain(one) for key, one in answer.items()}
    if isinstance(answer, list | tuple):
        return [_plain(one) for one in answer]
    if isinstance(answer, float) and math.isnan(answer):
        return None
    return answer if isinstance(answer, str | int | float | None) else str(answer)
