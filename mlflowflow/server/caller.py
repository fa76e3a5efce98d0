"""How a caller reached this server: what an answer must say so that the caller finds a way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The `url` that this server has for a caller, and the `headers` that its next request needs.

    The next request may be made by a plain HTTP client that knows no token, so the headers hold the one that
    the caller itself has just sent, and no other.
    """

    url: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, scheme: str, headers: Mapping[str, str]) -> Self:
        """Return who asked with `headers`, whose Host the guard has let pass.

        A proxy that ends TLS says so; a caller that says it without one only misleads itself.

        >>> Caller.of("http", {"host": "ml.example.org", "x-forwarded-proto": "https"}).url
        'https://ml.example.org'
        """
        is_secure = scheme == "https" or headers.get("x-forwarded-proto", "").lower() == "https"
        token = headers.get("authorization")
        return cls(
            url=f"{'https' if is_secure else 'http'}://{headers['host']}",
            headers={} if token is None else {"Authorization": token},
        )
