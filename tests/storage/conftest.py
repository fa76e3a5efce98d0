"""A network that fails on purpose, before the S3 server that the tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.storage.proxy import Network, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.testing.s3 import S3Server


@pytest.fixture
def network(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Put a network that can fail before the S3 server."""
    with proxy(s3.endpoint) as network:
        monkeypatch.setenv("AWS_ENDPOINT_URL", network.endpoint)
        yield network
