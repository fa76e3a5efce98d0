"""How a caller reached this server."""

from __future__ import annotations

import pytest

from mlflowflow.server.caller import Caller


@pytest.mark.parametrize(
    ("scheme", "said", "url"),
    [
        ("http", {}, "http://h:5000"),
        ("https", {}, "https://h:5000"),
        ("http", {"x-forwarded-proto": "HTTPS"}, "https://h:5000"),
        ("http", {"x-forwarded-proto": "javascript"}, "http://h:5000"),
        ("https", {"x-forwarded-proto": "http"}, "https://h:5000"),
    ],
)
def test_the_address_is_the_one_that_was_asked(scheme: str, said: dict[str, str], url: str) -> None:
    """A proxy can only make it safer."""
    assert Caller.of(scheme, {"host": "h:5000", **said}).url == url


def test_the_headers_are_the_callers_own_token_or_none() -> None:
    """Nothing else that it sent."""
    assert Caller.of("http", {"host": "h", "cookie": "c"}).headers == {}
    sent = {"host": "h", "authorization": "Bearer x", "cookie": "c"}
    assert Caller.of("http", sent).headers == {"Authorization": "Bearer x"}
