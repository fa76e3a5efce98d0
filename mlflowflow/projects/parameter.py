"""Parameters and entry points: what a project's programs take, with types that values are held to.

MLflow checks only `path` and `uri`; here every value is brought to its declared type before
anything runs, wherever it comes from: the YAML file (where ``1e-4`` may arrive as text), the
command line (all text), or another step's output.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.coercion import to_line, to_number, to_text, to_truth, to_whole
from mlflowflow.projects.value import as_text, frozen
from mlflowflow.projects.wording import alternatives, described, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import MappingProxyType

    from mlflowflow.projects.value import JSON, Scalar


class ParameterType(StrEnum):
    """What a parameter's value must be. MLflow knows no others and reads unknown ones as string."""

    STRING = "string"
    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    PATH = "path"
    URI = "uri"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One input of an entry point or a pipeline; `default` None means that a value is required.

    >>> Parameter(name="C", type=ParameterType.FLOAT, default="1e-1").default
    0.1
    """

    name: str
    type: ParameterType = ParameterType.STRING
    default: Scalar | None = None
    choices: tuple[Scalar, ...] = ()

    def __post_init__(self) -> None:
        """Bring choices and default to the declared type; refuse those that do not fit."""
        choices = tuple(_of_type(self, choice) for choice in self.choices)
        object.__setattr__(self, "choices", choices)
        if self.default is not None:
            object.__setattr__(self, "default", self.cast(self.default))

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is None

    def cast(self, value: JSON) -> Scalar:
        """Return `value` as the declared type.

        >>> Parameter(name="depth", type=ParameterType.INT).cast("12")
        12

        Raises:
            InvalidInput: `value` cannot be read as the type, or is not among the choices.
        """
        typed = _of_type(self, value)
        if self.choices and typed not in self.choices:
            known = alternatives(as_text(choice) for choice in self.choices)
            raise InvalidInput(f"Parameter '{self.name}' is {described(value)}; expected {known}.")
        return typed


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """A program of the project: its `command` template and its parameters.

    `declared` is False for a script that runs because a file of its name exists; such a script
    takes any parameter, as in MLflow.
    """

    name: str
    command: str
    parameters: Mapping[str, Parameter] = field(default_factory=lambda: frozen({}))
    declared: bool = True

    def __post_init__(self) -> None:
        """Keep a read-only copy of the parameters."""
        object.__setattr__(self, "parameters", frozen(self.parameters))

    def bind(self, values: Mapping[str, JSON]) -> MappingProxyType[str, Scalar]:
        """Return the complete, typed parameters of one execution: these are what a run logs.

        Declared parameters come first, in declared order, then extra ones as text. None counts as
        not given.

        Raises:
            InvalidInput: values that are missing or do not fit, all of them in one message.
        """
        given = {name: value for name, value in values.items() if value is not None}
        extra = [Parameter(name=name) for name in given if name not in self.parameters]
        return bind((*self.parameters.values(), *extra), given, owner=f"Entry point '{self.name}'")


def bind(
    parameters: Sequence[Parameter], given: Mapping[str, JSON], *, owner: str
) -> MappingProxyType[str, Scalar]:
    """Return a typed value for each of `parameters`: the `given` one or the default.

    Raises:
        InvalidInput: values that are missing or do not fit, all of them in one message about `owner`.
    """
    bound: dict[str, Scalar] = {}
    mistakes: list[str] = []
    for parameter in parameters:
        try:
            value = given.get(parameter.name, parameter.default)
            if value is not None:
                bound[parameter.name] = parameter.cast(value)
        except InvalidInput as mistake:
            mistakes.append(str(mistake))
    missing = [each.name for each in parameters if each.required and given.get(each.name) is None]
    if missing:
        noun = "a value for the parameter" if len(missing) == 1 else "values for the parameters"
        mistakes.append(f"{owner} needs {noun} {quoted(missing)}.")
    if mistakes:
        raise InvalidInput("\n".join(mistakes))
    return frozen(bound)


def _of_type(parameter: Parameter, value: JSON) -> Scalar:
    typed = _READERS[parameter.type](value)
    if typed is None:
        raise InvalidInput(
            f"Parameter '{parameter.name}' is {described(value)}; expected {_EXPECTED[parameter.type]}."
        )
    return typed


_READERS: Final[Mapping[ParameterType, Callable[[JSON], Scalar | None]]] = {
    ParameterType.STRING: to_text,
    ParameterType.FLOAT: to_number,
    ParameterType.INT: to_whole,
    ParameterType.BOOL: to_truth,
    ParameterType.PATH: to_line,
    ParameterType.URI: to_line,
}
_EXPECTED: Final = {
    ParameterType.STRING: "text without a NUL character",
    ParameterType.FLOAT: "a finite number, such as 0.1",
    ParameterType.INT: "a whole number, such as 12",
    ParameterType.BOOL: "true or false",
    ParameterType.PATH: "a path",
    ParameterType.URI: "an address",
}
