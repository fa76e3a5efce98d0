"""Which logged model metrics are linked to when a call does not say it.

It belongs to the thread or task that set it. Until somebody sets or clears it, it is the one that
``MLFLOW_ACTIVE_MODEL_ID`` names.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Final

from mlflowflow.tracking.fluent.session import current_session

#: The id; empty after clearing; None if nothing was said in this context.
_ACTIVE: Final[ContextVar[str | None]] = ContextVar("mlflowflow_active_model", default=None)


def get_active_model_id() -> str | None:
    """Return the id of the active model, None if there is none.

    >>> get_active_model_id() is None
    True
    """
    found = _ACTIVE.get()
    return current_session().settings.active_model_id if found is None else found or None


def clear_active_model() -> None:
    """Let there be no active model in this thread or task, whatever was set before.

    >>> with mlflow.set_active_model(name="agent"):
    ...     clear_active_model()
    ...     get_active_model_id() is None
    True
    """
    _ACTIVE.set("")


def make_active(model_id: str) -> Token[str | None]:
    """Link later metrics of this thread or task to `model_id`; the token is for `make_inactive`."""
    return _ACTIVE.set(model_id)


def make_inactive(token: Token[str | None]) -> None:
    """Put back what was active before."""
    _ACTIVE.reset(token)
