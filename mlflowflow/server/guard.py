"""Who may ask, and from where: decided before a handler sees anything.

A web page that somebody opens in a browser can send requests to a server on the same machine. Three things
keep it out: its requests name another host (or, after its own name was bound to this machine's address, its
own), they carry another origin, and no answer allows it to read anything. A caller from elsewhere needs a
token. Which paths are open to everybody is said by the routes that match, never by the text of an address.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, MlflowflowError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi.datastructures import Headers

#: Addresses of this machine alone.
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_WAYS: Final = ("http", "https")
_SAME_SITE: Final = frozenset({"same-origin", "none"})
_SHORTEST_TOKEN: Final = 16


class Refused(MlflowflowError):
    """Say why a request is not even looked at."""

    error_code = "PERMISSION_DENIED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Which Host headers are answered, and the token that callers must have, if any.

    >>> access = Access.of("127.0.0.1", 5000)
    >>> sorted(access.hosts)
    ['127.0.0.1:5000', '[::1]:5000', 'localhost:5000']
    """

    hosts: frozenset[str]
    token: str | None = None

    @classmethod
    def of(cls, host: str, port: int, *, names: Sequence[str] = (), token: str | None = None) -> Access:
        """Return what a server at `host` allows, which is known to its clients under `names`.

        Raises `InvalidInput` for an address that others can reach unless it has names and a token.
        """
        if token is not None and len(token) < _SHORTEST_TOKEN:
            raise InvalidInput(
                f"The token has {len(token)} characters; expected {_SHORTEST_TOKEN} or more that nobody can guess."
            )
        if host not in LOOPBACK and (token is None or not names):
            raise InvalidInput(
                f"A server at '{host}' can be reached from other machines; give it a --token, and with "
                "--allowed-host the name that its clients use."
            )
        own = [f"{each}:{port}" for each in ("127.0.0.1", "localhost", "[::1]")] if host in LOOPBACK else []
        given = [each.lower() for each in names]
        return cls(hosts=frozenset([*own, *given, *(f"{each}:{port}" for each in given)]), token=token)

    def check_place(self, verb: str, headers: Headers) -> None:
        """Raise `Refused` for another host, and for a change that another site's page asks for."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            raise Refused("The request's Host is none that this server answers to; see --allowed-host.")
        if verb in _SAFE:
            return
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in {f"{way}://{hosts[0].lower()}" for way in _WAYS}:
            raise Refused("The request comes from a page of another site, which may change nothing here.")
        if headers.get("sec-fetch-site", "none") not in _SAME_SITE:
            raise Refused("The request comes from a page of another site, which may change nothing here.")

    def check_caller(self, headers: Headers) -> None:
        """Raise `Refused` without the token, if there is one."""
        if self.token is None:
            return
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self.token.encode()):
            raise Refused(
                "The request lacks the server's token; set MLFLOW_TRACKING_TOKEN to it.",
                error_code="UNAUTHENTICATED",
            )
