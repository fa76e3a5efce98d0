"""An entry point's command line, with its values put in the way MLflow does it.

The template is Python's `str.format` with plain names only: ``{data}`` becomes the shell-quoted
value, ``{{`` and ``}}`` are literal braces. Extra parameters are appended as ``--key value``. The
template itself belongs to the project's author and is not quoted; the values are not trusted.
"""

from __future__ import annotations

import re
import shlex
from string import Formatter
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.value import as_text
from mlflowflow.projects.wording import choose_among

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.parameter import EntryPoint
    from mlflowflow.projects.value import JSON

#: `str.format` takes digits for positions, and dots and brackets for parts of a value.
_PLAIN: Final = re.compile(r"(?!\d+$)[^.\[\]]+")


def render(entry_point: EntryPoint, values: Mapping[str, JSON]) -> str:
    """Return the command line for a POSIX shell, every value quoted and of its declared type.

    >>> from mlflowflow.projects.parameter import EntryPoint, Parameter
    >>> train = EntryPoint(
    ...     name="train", command="python train.py {data}", parameters={"data": Parameter(name="data")}
    ... )
    >>> render(train, {"data": "my file", "extra": 1})
    "python train.py 'my file' --extra 1"

    Raises:
        InvalidInput: values are missing or do not fit, or the template uses an unknown name.
    """
    check_template(entry_point)
    words = {name: shlex.quote(as_text(value)) for name, value in entry_point.bind(values).items()}
    declared = {name: word for name, word in words.items() if name in entry_point.parameters}
    extra = [f"{shlex.quote(f'--{name}')} {word}" for name, word in words.items() if name not in declared]
    return " ".join([entry_point.command.format(**declared), *extra])


def check_template(entry_point: EntryPoint) -> None:
    """Refuse a command that could not be rendered whatever the values.

    Raises:
        InvalidInput: the braces do not match, or a field is no declared parameter's plain name.
    """
    try:
        fields = list(Formatter().parse(entry_point.command))
    except ValueError as error:
        raise InvalidInput(
            f"The command of entry point '{entry_point.name}' has unbalanced braces ({error}); "
            "write '{{' and '}}' for braces that are meant literally."
        ) from error
    for _, name, form, conversion in fields:
        if name is None:
            continue
        known = name in entry_point.parameters and _PLAIN.fullmatch(name)
        if form or conversion or not known:
            raise InvalidInput(_unknown_field(entry_point, name))


def _unknown_field(entry_point: EntryPoint, field: str) -> str:
    return (
        f"The command of entry point '{entry_point.name}' uses '{{{field}}}', which is not the plain name of "
        f"one of its parameters. {choose_among(field, entry_point.parameters, noun='parameters')}"
    )
