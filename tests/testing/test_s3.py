"""The test server runs for the length of a block and is told from this process's own settings."""

from __future__ import annotations

import os

import pytest

from mlflowflow.testing.s3 import s3_server

pytestmark = pytest.mark.s3


def test_server_ends_with_its_block() -> None:
    """Nothing listens after the block, and nothing of the environment changed."""
    before = dict(os.environ)
    with s3_server() as server:
        during = server.answers()
    assert (during, server.answers(), dict(os.environ)) == (True, False, before)


def test_server_ends_with_a_failing_block() -> None:
    """A test that fails leaves no process behind."""
    with pytest.raises(ZeroDivisionError), s3_server() as server:
        _ = 1 // 0
    assert not server.answers()
