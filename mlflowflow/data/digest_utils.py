"""Digests of data, equal to MLflow's: eight hexadecimal digits of an MD5 over a sample.

A digest tells datasets apart at a glance; it does not protect them. Of a table the first 10,000 rows
of its text and number columns count, with the number of all rows and the names of all columns; of an
array its first 10,000 numbers and its shape. A change beyond those is not seen.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.optional import optional
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_ROWS: Final = 10_000


def compute_pandas_digest(df: Any) -> str:
    """Return the digest of a pandas table.

    >>> import pandas as pd
    >>> compute_pandas_digest(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    '695389ac'
    """
    pd = pandas("The digest of a table")
    head = df.head(MAX_ROWS)
    texts = head.columns[head.map(lambda cell: type(cell) is str).all(axis=0)]
    columns = texts.union(head.select_dtypes(include="number").columns)
    rows = pd.util.hash_pandas_object(head[columns]).to_numpy()
    names = [str(name).encode() for name in df.columns]
    return get_normalized_md5_digest([rows.tobytes(), _number(len(df)), *names])


def compute_numpy_digest(features: Any, targets: Any = None) -> str:
    """Return the digest of an array, or of named arrays, and of its targets.

    >>> import numpy as np
    >>> compute_numpy_digest(np.array([[1.0, 2.0]]), np.array([1]))
    '58a08207'
    """
    parts: list[bytes] = []
    for item in (features, targets):
        if isinstance(item, dict):
            for name in sorted(item):
                parts += _of_array(item[name])
        elif item is not None:
            parts += _of_array(item)
    return get_normalized_md5_digest(parts)


def get_normalized_md5_digest(elements: Iterable[bytes]) -> str:
    """Return eight hexadecimal digits of the MD5 of all `elements`. Raises `InvalidInput` for none.

    >>> get_normalized_md5_digest([b"one", b"two"])
    '5b9164ad'
    """
    found = list(elements)
    if not found:
        raise InvalidInput("A digest needs something to be the digest of; the data has no part.")
    # no protection is promised; it is MLflow's choice, and equal data must have equal digests
    digest = hashlib.md5(usedforsecurity=False)
    for element in found:
        digest.update(element)
    return digest.hexdigest()[:8]


def pandas(purpose: str) -> Any:
    """Import pandas. Raises `MissingExtra` if it is not installed."""
    return optional("pandas", extra="pandas", purpose=purpose)


def _of_array(array: Any) -> list[bytes]:
    pd = pandas("The digest of an array")
    sample = array.flatten()[:MAX_ROWS]
    try:
        content = pd.util.hash_array(sample).tobytes()
    except TypeError:  # objects that pandas cannot hash: only their number counts
        content = _number(sample.size)
    return [content, *map(_number, array.shape)]


def _number(value: int) -> bytes:
    import numpy as np

    return np.int64(value).tobytes()
