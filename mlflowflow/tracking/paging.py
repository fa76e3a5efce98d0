"""Long answers in pages: a list with a token that the next page is asked for with.

A token says how many results came before, and is bound to the question it was given for: asked with
another filter or order it would silently skip and repeat, so it is refused. Pages fit together as long
as nothing that matches is added or removed meanwhile, as with MLflow.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, TypeVar

from mlflowflow.errors import InvalidInput
from mlflowflow.ids import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")


class PagedList(list[T]):
    """A page of results; `token` asks for the next one, None on the last.

    >>> PagedList([1, 2], token=None)
    [1, 2]
    """

    def __init__(self, items: Iterable[T], token: str | None) -> None:
        """Hold `items`, followed by those that `token` asks for."""
        super().__init__(items)
        self.token = token

    def to_list(self) -> list[T]:
        """Return the results as a plain list."""
        return list(self)


def offset_of(page_token: str | None, question: Sequence[object]) -> int:
    """Return how many results of `question` were on the pages before. Raises `InvalidInput`.

    >>> offset_of(None, ["runs", "metrics.a > 1"])
    0
    """
    if not page_token:
        return 0
    try:
        offset, asked = json.loads(base64.urlsafe_b64decode(page_token.encode()))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInput(
            f"'{page_token}' is no page token; give the one that came with the page before."
        ) from error
    if type(offset) is not int or offset < 0 or asked != _mark(question):
        raise InvalidInput(
            "The page token was given for another question; ask with the same filter, order and view, "
            "or begin again without a token."
        )
    return offset


def page_size(max_results: object) -> int:
    """Return how many results a page may have, at least one. Raises `InvalidInput`.

    >>> page_size(100)
    100
    """
    if isinstance(max_results, bool) or not isinstance(max_results, int) or max_results < 1:
        raise InvalidInput(f"The max_results is {max_results!r}; expected a whole number, at least 1.")
    return max_results


def page_of(found: Sequence[T], *, offset: int, max_results: int, question: Sequence[object]) -> PagedList[T]:
    """Return the page that begins at `offset` of all that was `found`.

    `found` needs to reach only one result beyond the page, which tells that there is another one.

    >>> page = page_of([1, 2, 3], offset=0, max_results=2, question=["numbers"])
    >>> page, offset_of(page.token, ["numbers"])
    ([1, 2], 2)
    """
    end = offset + max_results
    token = None
    if len(found) > end:
        token = base64.urlsafe_b64encode(json.dumps([end, _mark(question)]).encode()).decode()
    return PagedList(found[offset:end], token)


def _mark(question: Sequence[object]) -> str:
    return digest(json.dumps(question, default=str).encode())[:16]
