"""Packages that not everybody has, imported when they are needed."""

from __future__ import annotations

import importlib
from typing import Any

from mlflowflow.errors import MissingExtra


def optional(package: str, *, extra: str, purpose: str) -> Any:
    """Import `package`. Raises `MissingExtra`, naming the `extra` and the `purpose`, if it is absent.

    >>> optional("no_such_package", extra="wine", purpose="Tasting")
    Traceback (most recent call last):
        ...
    mlflowflow.errors.MissingExtra: Tasting needs the package 'no_such_package'; install it with: pip install 'mlflowflow[wine]'.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise MissingExtra(package.partition(".")[0], extra=extra, purpose=purpose) from error
