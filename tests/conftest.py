"""Fixtures that several folders share: an S3 server, a place in it for each test, and the tally of proofs."""

from __future__ import annotations

import itertools
import logging
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from mlflowflow.testing.s3 import S3Server, s3_server
from tests.proofs.report import Tally, rows_of, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# hypothesis measures no time: the machine may be busy, and first calls import
settings.register_profile("mlflowflow", deadline=None)
settings.load_profile("mlflowflow")

_places = itertools.count(1)


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """Run one S3 server, with this process's and its children's environment pointing to it.

    Its pages are short, so that every longer listing goes over several.
    """
    with s3_server(page_size=7) as server, pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        for name, value in server.environ.items():
            environment.setenv(name, value)
        server.create_bucket("tests")
        yield server


@pytest.fixture
def s3_url(s3: S3Server) -> str:
    """Give an empty place that no other test has."""
    del s3  # runs, and has the bucket
    return f"s3://tests/place-{next(_places)}"


@pytest.fixture
def caplog(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Hear log lines also while a Dask cluster runs: it deafens what listens at Dask's loggers, pytest too."""
    caplog.handler.setLevel(logging.NOTSET)
    return caplog


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Tally:
    """Take what a proof counted, for the table at the end."""
    return Tally(record_property)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the proofs counted; here, because xdist's first process loads no deeper conftest."""
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    tallied = [report for report in reports if getattr(report, "when", "") == "call"]
    lines = table(row for report in tallied for row in rows_of(report.user_properties))
    if lines:
        terminalreporter.section("proofs")
        terminalreporter.write("\n".join([*lines, ""]))
