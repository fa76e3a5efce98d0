"""Care for the training: whatever goes wrong in our part is told and does not reach it.

In tests that would hide mistakes. Where ``MLFLOWFLOW_AUTOLOGGING_TESTING`` (or MLflow's
``MLFLOW_AUTOLOGGING_TESTING``) is ``true``, errors are raised instead.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.config import autologging_is_tested

if TYPE_CHECKING:
    from types import TracebackType

_LOG: Final = logging.getLogger("mlflowflow.autologging")


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """How to speak of trouble: the `flavor` that is logged, and whether to be `silent`."""

    flavor: str
    silent: bool = False

    def attempt(self, what: str) -> Attempt:
        """Return a block that may fail; `what` completes the sentence "… could not …".

        >>> with Care(flavor="sklearn", silent=True).attempt("log the model"):
        ...     raise ValueError("no")
        """
        return Attempt(self, what)

    def warn(self, text: str, *facts: object) -> None:
        """Log a warning that begins with the flavor, unless silence was asked for."""
        if not self.silent:
            _LOG.warning("Autologging of %s " + text + ".", self.flavor, *facts)

    def inform(self, text: str, *facts: object) -> None:
        """Log a note that begins with the flavor, unless silence was asked for."""
        if not self.silent:
            _LOG.info("Autologging of %s " + text + ".", self.flavor, *facts)


class Attempt:
    """A block whose errors are told instead of raised; what ends the program passes."""

    def __init__(self, care: Care, what: str) -> None:
        """Tell errors as `care` says, as failures to do `what`."""
        self._care = care
        self._what = what

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Tell an error; answer whether it goes no further."""
        if not isinstance(error, Exception) or autologging_is_tested():
            return False
        self._care.warn("could not %s (%s: %s)", self._what, type(error).__name__, error)
        return True
