"""Every error the library raises, in families by what the caller can do about it.

::

    MlflowflowError
    ├── InvalidInput            change the call or the file
    │   ├── InvalidProject      all problems of one MLproject, each with its place
    │   ├── InvalidFilter       a search expression, with the position of the mistake
    │   └── InvalidUri          a store, run or model address
    ├── NotFound                the named thing does not exist
    ├── AlreadyExists           the name is taken
    ├── InvalidState            not allowed in the present state
    ├── Conflict                somebody else was first; read again and decide again
    │   └── TakenOver           another process does this work now; leave it to that one
    ├── StoreError
    │   ├── StoreUnavailable    certainly not applied; try again later
    │   ├── OutcomeUnknown      perhaps applied; ask again with the same id
    │   ├── StoreUnable         the store lacks an ability; trying again will not help
    │   └── NotStored           acknowledged locally, not yet in the store
    ├── CorruptData             an object is damaged or foreign
    ├── StoreTooNew             written by a later release; nothing was changed
    ├── SpoolFull               the local disk cannot take another record
    ├── StepFailed              a project's command or function failed
    ├── TrialPruned             a trial of a sweep ends early, as it was asked to
    ├── ClusterUnavailable      no Dask cluster answers
    ├── OrchestratorUnavailable no Prefect API answers
    ├── UnsafeModel             loading would run code that was not allowed
    └── MissingExtra            an optional package is not installed

Errors carry facts as attributes and build their own sentence from them: what was found, what was
expected, and the next step. Each family has the `error_code` that MLflow gives to the same trouble,
and the HTTP status that belongs to it: scripts written for MLflow decide by those.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The HTTP status of each of MLflow's error codes that an error here can have.
HTTP_STATUSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "BAD_REQUEST": 400,
        "INVALID_PARAMETER_VALUE": 400,
        "RESOURCE_ALREADY_EXISTS": 400,
        "UNAUTHENTICATED": 401,
        "PERMISSION_DENIED": 403,
        "ENDPOINT_NOT_FOUND": 404,
        "RESOURCE_DOES_NOT_EXIST": 404,
        "RESOURCE_CONFLICT": 409,
        "RESOURCE_EXHAUSTED": 429,
        "DATA_LOSS": 500,
        "INTERNAL_ERROR": 500,
        "INVALID_STATE": 500,
        "NOT_IMPLEMENTED": 501,
        "TEMPORARILY_UNAVAILABLE": 503,
    }
)


class MlflowflowError(Exception):
    """Be the root of everything this library raises on purpose.

    >>> error = MlflowflowError("The model is too large.", error_code="INVALID_PARAMETER_VALUE")
    >>> error.message, error.error_code, error.get_http_status_code()
    ('The model is too large.', 'INVALID_PARAMETER_VALUE', 400)
    """

    #: MLflow's name for this trouble: that of the class, unless the error was given its own
    error_code: str = "INTERNAL_ERROR"

    def __init__(self, message: str = "", error_code: str | None = None) -> None:
        """Say `message`, a full sentence; `error_code` is MLflow's name, by default the class's."""
        super().__init__(message)
        if error_code is not None:
            self.error_code = error_code

    @property
    def message(self) -> str:
        """The sentence."""
        return str(self)

    def get_http_status_code(self) -> int:
        """Return the HTTP status that MLflow's server would answer with."""
        return HTTP_STATUSES.get(self.error_code, 500)

    def serialize_as_json(self) -> str:
        """Return the code and the sentence as MLflow's server would send them."""
        return json.dumps({"error_code": self.error_code, "message": self.message})

    @classmethod
    def invalid_parameter_value(cls, message: str) -> Self:
        """Return the error that says that a value cannot be used."""
        return cls(message, error_code="INVALID_PARAMETER_VALUE")

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the journey from a worker process: message and facts, whatever the constructor takes."""
        return (_rebuilt, (type(self), self.args, dict(self.__dict__)))


def _rebuilt(
    kind: type[MlflowflowError], args: tuple[object, ...], facts: dict[str, object]
) -> MlflowflowError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(facts)
    return error


class InvalidInput(MlflowflowError):
    """Say that a value the caller gave cannot be used."""

    error_code = "INVALID_PARAMETER_VALUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in a file: where it is, what is wrong and what would be right."""

    message: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Show the place, counted from 1, before the message."""
        return f"line {self.line}, column {self.column}: {self.message}" if self.line else self.message


class InvalidProject(InvalidInput):
    """Report all problems of one project file together."""

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        """Keep `path` and the `problems` in the order they appear in the file."""
        self.path = path
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"'{path}' has {count} {noun}:\n{lines}")


class InvalidFilter(InvalidInput):
    """Point at the mistake in a search expression."""

    def __init__(self, text: str, position: int, reason: str) -> None:
        """Keep the `text`, the zero-based character `position` and the `reason` (a full sentence)."""
        self.text = text
        self.position = position
        self.reason = reason
        super().__init__(f"{reason}\n  {text}\n  {' ' * position}^")


class InvalidUri(InvalidInput):
    """Refuse an address, saying which forms are understood."""

    def __init__(self, uri: str, expected: str) -> None:
        """Keep the `uri` and a phrase naming what was `expected`."""
        self.uri = uri
        self.expected = expected
        super().__init__(f"'{uri}' is not an address that can be used here; expected {expected}.")


class NotFound(MlflowflowError):
    """Say that a named thing does not exist."""

    error_code = "RESOURCE_DOES_NOT_EXIST"

    def __init__(self, kind: str, name: str, *, hint: str = "") -> None:
        """Keep the `kind` ("run", "model", …), its `name`, and a `hint` (a full sentence)."""
        self.kind = kind
        self.name = name
        self.hint = hint
        super().__init__(f"There is no {kind} '{name}'.{' ' + hint if hint else ''}")


class AlreadyExists(MlflowflowError):
    """Say that a name is taken."""

    error_code = "RESOURCE_ALREADY_EXISTS"

    def __init__(self, kind: str, name: str, *, hint: str = "") -> None:
        """Keep the `kind`, its `name`, and a `hint` (a full sentence)."""
        self.kind = kind
        self.name = name
        self.hint = hint
        super().__init__(f"The {kind} '{name}' exists already.{' ' + hint if hint else ''}")


class InvalidState(MlflowflowError):
    """Refuse what the present state does not allow."""

    error_code = "INVALID_STATE"


class Conflict(MlflowflowError):
    """Say that another writer decided first."""

    error_code = "RESOURCE_CONFLICT"


class TakenOver(Conflict, InvalidState):
    """Say that another process does this work now: whatever it is about is the other's to end."""


class StoreError(MlflowflowError):
    """Be the family of trouble with the store itself."""

    error_code = "TEMPORARILY_UNAVAILABLE"


class StoreUnavailable(StoreError):
    """Say that the store could not be reached and that nothing was applied."""

    def __init__(self, url: str, reason: str) -> None:
        """Keep the store's `url` and the `reason` it gave."""
        self.url = url
        self.reason = reason
        super().__init__(f"The store '{url}' cannot be used now: {reason}. Nothing was changed.")


class OutcomeUnknown(StoreError):
    """Say that a write may or may not have happened."""

    def __init__(self, key: str, reason: str) -> None:
        """Keep the `key` that was written and the `reason` there is no answer."""
        self.key = key
        self.reason = reason
        super().__init__(
            f"It is not known whether '{key}' was written: {reason}. Repeat the call; a repeat is safe."
        )


class StoreUnable(StoreError):
    """Say that the store lacks an ability that is needed."""

    error_code = "NOT_IMPLEMENTED"


class NotStored(StoreError):
    """Say that records are safe on this machine but not yet in the store."""

    def __init__(self, records: int, reason: str) -> None:
        """Keep the number of `records` waiting and the `reason`."""
        self.records = records
        self.reason = reason
        super().__init__(
            f"{records} records are kept on this machine and not yet in the store: {reason}. "
            "They are uploaded when the store answers; 'mlff store recover' does it by hand."
        )


class CorruptData(MlflowflowError):
    """Name an object that is damaged or foreign."""

    error_code = "DATA_LOSS"

    def __init__(self, key: str, reason: str) -> None:
        """Keep the object's `key` and the `reason` it cannot be read."""
        self.key = key
        self.reason = reason
        super().__init__(f"'{key}' cannot be read: {reason}.")


class StoreTooNew(MlflowflowError):
    """Refuse a store, or an object in it, that a later release wrote."""

    error_code = "INVALID_STATE"

    def __init__(self, url: str, *, found: int, supported: int) -> None:
        """Keep the `url` or key and the format versions `found` and `supported`."""
        self.url = url
        self.found = found
        self.supported = supported
        super().__init__(
            f"'{url}' has format {found}; this release reads up to {supported}. "
            "Install a newer mlflowflow; nothing was changed."
        )


class SpoolFull(MlflowflowError):
    """Say that a record was not accepted because the local disk is full."""

    error_code = "RESOURCE_EXHAUSTED"


class StepFailed(MlflowflowError):
    """Say which step failed, how, and show the end of what it printed."""

    def __init__(self, step: str, reason: str, *, exit_code: int | None = None, tail: str = "") -> None:
        """Keep the `step`, the `reason` (a phrase), its `exit_code` and the `tail` of its output."""
        self.step = step
        self.reason = reason
        self.exit_code = exit_code
        self.tail = tail
        super().__init__(f"Step '{step}' {reason}.{_indented(tail)}")


def _indented(tail: str) -> str:
    return "\n" + "\n".join(f"  | {line}" for line in tail.splitlines()) if tail else ""


class TrialPruned(MlflowflowError):
    """End a trial of a sweep early: raised by the trial itself, because `should_prune` said so.

    What it logged counts; the trial is pruned, not failed.
    """

    error_code = "INVALID_STATE"

    def __init__(self, message: str = "The trial was pruned.") -> None:
        """Say `message`, a full sentence."""
        super().__init__(message)


class ClusterUnavailable(MlflowflowError):
    """Say that no Dask cluster answers."""

    error_code = "TEMPORARILY_UNAVAILABLE"


class OrchestratorUnavailable(MlflowflowError):
    """Say that no Prefect API answers."""

    error_code = "TEMPORARILY_UNAVAILABLE"


class UnsafeModel(MlflowflowError):
    """Refuse to load a model whose format can run code."""

    error_code = "PERMISSION_DENIED"


class MissingExtra(MlflowflowError):
    """Name the optional package that is needed and how to install it."""

    error_code = "INVALID_STATE"

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        """Keep the `package`, the `extra` that installs it and the `purpose` (a phrase)."""
        self.package = package
        self.extra = extra
        self.purpose = purpose
        super().__init__(
            f"{purpose} needs the package '{package}'; install it with: pip install 'mlflowflow[{extra}]'."
        )
